// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The positions of groups around a centre. A group is a circle whose area grows with its number of members.
public struct ClusterLayout: Sendable {
    private static let pitch = 210.0
    private static let smallestRadius = 210.0
    private static let circle = (smallest: 20.0, largest: 56.0)

    /// One group. Lengths are in pixels.
    public struct Circle: Equatable, Sendable {
        /// The direction from the centre of the picture.
        public let bearing: Bearing
        public let centre: MapPoint
        public let radius: Double
    }

    /// From the centre of the picture to the centre of each circle.
    public let radius: Double
    public let circles: [Circle]

    /// `sizes` are the numbers of members in each group, clockwise from the top.
    public init(sizes: [Int]) {
        let radius = max(Self.smallestRadius, Double(sizes.count) * Self.pitch / (2 * .pi))
        let most = Double(max(1, sizes.max() ?? 1))
        let start = sizes.count == 2 ? 0.25 : 0
        circles = sizes.enumerated().map { index, size in
            let bearing = Bearing(start + Double(index) / Double(sizes.count))
            let grown = (Self.circle.largest - Self.circle.smallest) * (Double(size) / most).squareRoot()
            return Circle(bearing: bearing, centre: bearing.point(radius), radius: Self.circle.smallest + grown)
        }
        self.radius = radius
    }

    /// The SVG path of a link between two circles, from edge to edge, bent towards the centre.
    public func link(_ a: Circle, _ b: Circle) -> String {
        let way = a.bearing.turn(to: b.bearing)
        let middle = Bearing(a.bearing.turn + way / 2).point(radius * (0.75 - 0.55 * (abs(way) * 2).squareRoot()))
        return "M\(Self.edge(a, towards: middle))Q\(middle) \(Self.edge(b, towards: middle))"
    }

    /// The SVG path from the hub, a circle in the centre, to the edge of a group's circle.
    public func tunnel(to circle: Circle, from hubRadius: Double) -> String {
        "M\(circle.bearing.point(hubRadius))L\(circle.bearing.point(radius - circle.radius))"
    }

    private static func edge(_ circle: Circle, towards point: MapPoint) -> MapPoint {
        let (dx, dy) = (point.x - circle.centre.x, point.y - circle.centre.y)
        let distance = max(1, (dx * dx + dy * dy).squareRoot())
        return circle.centre + MapPoint(x: dx / distance * circle.radius, y: dy / distance * circle.radius)
    }
}
