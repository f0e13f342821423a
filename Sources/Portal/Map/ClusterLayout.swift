// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The positions of groups around the hub, for hubs with too many devices to draw each. A group is a circle whose area grows with its number of
/// devices.
struct ClusterLayout {
    private static let pitch = 210.0
    private static let smallestRadius = 210.0
    private static let circle = (smallest: 20.0, largest: 56.0)

    struct Circle: Equatable {
        let bearing: Bearing
        let centre: MapPoint
        let radius: Double
    }

    let radius: Double
    let circles: [Circle]

    /// `sizes` are the numbers of devices in each group, clockwise from the top.
    init(sizes: [Int]) {
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

    /// The path of a link between two circles, from edge to edge, bent towards the hub.
    func link(_ a: Circle, _ b: Circle) -> String {
        let way = a.bearing.turn(to: b.bearing)
        let middle = Bearing(a.bearing.turn + way / 2).point(radius * (0.75 - 0.55 * (abs(way) * 2).squareRoot()))
        return "M\(Self.edge(a, towards: middle))Q\(middle) \(Self.edge(b, towards: middle))"
    }

    /// The path from the hub to the edge of a circle.
    func tunnel(to circle: Circle, from hubRadius: Double) -> String {
        "M\(circle.bearing.point(hubRadius))L\(circle.bearing.point(radius - circle.radius))"
    }

    private static func edge(_ circle: Circle, towards point: MapPoint) -> MapPoint {
        let (dx, dy) = (point.x - circle.centre.x, point.y - circle.centre.y)
        let distance = max(1, (dx * dx + dy * dy).squareRoot())
        return circle.centre + MapPoint(x: dx / distance * circle.radius, y: dy / distance * circle.radius)
    }
}
