// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The positions of devices around the hub: one circle, with a gap between groups. The number of devices sets the radius, and their order sets the
/// positions. The same devices are therefore at the same positions each time the picture is drawn.
public struct RingLayout: Sendable {
    /// Pixels from one device to the next on the circle: one line of small text.
    public static let pitch = 12.4
    private static let smallestRadius = (sparse: 108.0, dense: 150.0)
    /// Up to this many devices have room for horizontal labels.
    private static let few = 8
    private static let gap = 1.2

    /// A group's part of the circle.
    public struct Arc: Equatable, Sendable {
        /// The ends as fractions of a full turn.
        public let start: Double
        public let end: Double

        /// The direction of its middle, and whether that is in the upper half.
        public var middle: Bearing { Bearing((start + end) / 2) }
        public var isUpper: Bool { middle.isUpper }
    }

    /// The circle's radius in pixels.
    public let radius: Double
    /// True if there are so few devices that horizontal labels have room.
    public let isSparse: Bool
    /// For each group, its devices in order.
    public let bearings: [[Bearing]]
    /// For each group, its part of the circle.
    public let arcs: [Arc]

    /// `sizes` are the numbers of devices in each group, clockwise from the top.
    public init(sizes: [Int]) {
        let count = sizes.reduce(0, +)
        let gap = sizes.count > 1 ? Self.gap : 0
        let slots = Double(count) + Double(sizes.count) * gap
        isSparse = count <= Self.few
        radius = max(isSparse ? Self.smallestRadius.sparse : Self.smallestRadius.dense, slots * Self.pitch / (2 * .pi))
        var bearings: [[Bearing]] = []
        var arcs: [Arc] = []
        // Two devices go to the left and right of the hub, because a page has more room for a wide picture than for a tall one.
        var slot = count == 2 ? -slots / 4 : sizes.count > 1 ? gap / 2 + 0.5 : 0
        for size in sizes {
            let start = slot
            bearings.append((0..<size).map { Bearing((start + Double($0)) / slots) })
            arcs.append(Arc(start: (start - 0.4) / slots, end: (start + Double(size) - 0.6) / slots))
            slot += Double(size) + gap
        }
        self.bearings = bearings
        self.arcs = arcs
    }

    /// The SVG path of a tunnel from the hub to a device. It starts in the direction of the device's group and bends to the device.
    public func tunnel(to bearing: Bearing, in arc: Arc, from hubRadius: Double) -> String {
        let bend = arcs.count > 1 ? max(-0.06, min(0.06, bearing.turn(to: arc.middle) * 0.6)) : 0
        let way = Bearing(bearing.turn + bend)
        return "M\(way.point(hubRadius).rounded)Q\(way.point(radius * 0.55).rounded) \(bearing.point(radius - 8).rounded)"
    }

    /// The SVG path of a link between two directions. The further apart they are, the closer it passes to the hub.
    public static func link(_ a: Bearing, _ b: Bearing, at radius: Double) -> String {
        let way = a.turn(to: b)
        let depth = 0.8 - 0.7 * (abs(way) * 2).squareRoot()
        return "M\(a.point(radius).rounded)Q\(Bearing(a.turn + way / 2).point(radius * depth).rounded) \(b.point(radius).rounded)"
    }

    /// An arc as an SVG path. Below the hub it runs counter-clockwise, so that text along it is upright.
    public static func band(_ arc: Arc, at radius: Double) -> String {
        let isLarge = arc.end - arc.start > 0.5
        let (from, to) = arc.isUpper ? (arc.start, arc.end) : (arc.end, arc.start)
        let size = MapPoint.text(radius)
        return "M\(Bearing(from).point(radius))A\(size) \(size) 0 \(isLarge ? 1 : 0) \(arc.isUpper ? 1 : 0) \(Bearing(to).point(radius))"
    }

    /// The length of the arc in pixels.
    public static func length(_ arc: Arc, at radius: Double) -> Double { (arc.end - arc.start) * 2 * .pi * radius }
}
