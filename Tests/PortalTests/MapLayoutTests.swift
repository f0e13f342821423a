// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

@testable import Portal

@Suite struct `A bearing` {
    @Test(arguments: [(0.0, "0 -100"), (0.25, "100 0"), (0.5, "0 100"), (0.75, "-100 0"), (1.0 / 12, "50 -86.6"), (1.125, "70.7 -70.7")])
    func `goes clockwise from the top`(turn: Double, point: String) {
        #expect(Bearing(turn).point(100).description == point)
    }

    @Test func `knows the shorter turn to another`() {
        #expect(abs(Bearing(0.9).turn(to: Bearing(0.1)) - 0.2) < 1e-12)
        #expect(abs(Bearing(0.1).turn(to: Bearing(0.9)) + 0.2) < 1e-12)
    }

    @Test func `lies on its circle everywhere`() {
        for step in 0..<720 {
            let point = Bearing(Double(step) / 720).point(1)
            #expect(abs(point.x * point.x + point.y * point.y - 1) < 1e-8)
        }
    }
}

@Suite struct `Devices around the hub` {
    /// The smallest distance between two points.
    private func nearest(_ points: [MapPoint]) -> Double {
        var least = Double.infinity
        for (index, a) in points.enumerated() {
            for b in points[..<index] { least = min(least, ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()) }
        }
        return least
    }

    @Test(arguments: [[1], [2], [3], [8], [9], [40], [200], [120, 50, 20, 9, 1], [Int](repeating: 4, count: 50)])
    func `are never closer than a line of text`(sizes: [Int]) {
        let layout = RingLayout(sizes: sizes)
        #expect(layout.bearings.map(\.count) == sizes)
        let points = layout.bearings.joined().map { $0.point(layout.radius) }
        #expect(points.count < 2 || nearest(points) > RingLayout.pitch * 0.95)
    }

    @Test func `are placed group by group in their order, each within its arc`() {
        let layout = RingLayout(sizes: [3, 5, 2])
        let turns = layout.bearings.joined().map(\.turn)
        #expect(turns == turns.sorted())
        for (arc, bearings) in zip(layout.arcs, layout.bearings) {
            for bearing in bearings { #expect(arc.start < bearing.turn && bearing.turn < arc.end) }
        }
        for (a, b) in zip(layout.arcs, layout.arcs.dropFirst()) { #expect(a.end < b.start) }
    }

    @Test func `are placed left and right if there are two`() {
        let points = RingLayout(sizes: [2]).bearings[0].map { $0.point(100).description }
        #expect(points == ["-100 0", "100 0"])
    }

    @Test func `have curves that end at them, and that pass closer to the hub the further apart they are`() {
        let near = RingLayout.link(Bearing(0), Bearing(0.05), at: 100)
        let far = RingLayout.link(Bearing(0), Bearing(0.5), at: 100)
        #expect(near.hasPrefix("M0 -100Q"))
        #expect(far.hasPrefix("M0 -100Q-10 0 "))
        #expect(far.hasSuffix(" 0 100"))
    }

    @Test func `have text that is upright, above the hub and below it`() {
        let (upper, lower) = (RingLayout.Arc(start: -0.1, end: 0.1), RingLayout.Arc(start: 0.4, end: 0.6))
        #expect(RingLayout.band(upper, at: 100) == "M-58.8 -80.9A100 100 0 0 1 58.8 -80.9")
        #expect(RingLayout.band(lower, at: 100) == "M-58.8 80.9A100 100 0 0 0 58.8 80.9")
    }
}

@Suite struct `Groups around the hub` {
    @Test(arguments: [[5], [9000, 1000], [10, 20, 30], [Int](repeating: 700, count: 14), [9987] + [Int](repeating: 1, count: 13)])
    func `never touch each other or the hub`(sizes: [Int]) {
        let circles = ClusterLayout(sizes: sizes).circles
        #expect(circles.count == sizes.count)
        for (index, a) in circles.enumerated() {
            #expect((a.centre.x * a.centre.x + a.centre.y * a.centre.y).squareRoot() > a.radius + 40)
            for b in circles[..<index] {
                let (x, y) = (a.centre.x - b.centre.x, a.centre.y - b.centre.y)
                #expect((x * x + y * y).squareRoot() > a.radius + b.radius + 8)
            }
        }
    }

    @Test func `are larger if they have more devices`() {
        let radii = ClusterLayout(sizes: [1, 100, 10_000]).circles.map(\.radius)
        #expect(radii == radii.sorted())
        #expect(radii[2] == 56)
    }
}

@Suite struct `The width of a tunnel` {
    @Test func `follows its traffic`() {
        #expect([0, 0.4, 1, 9_999, 10_000, 2e6, 5e9].map { Flow($0) } == [.still, .still, .little, .little, .some, .much, .most])
    }

    @Test func `is set by a style rule for each step`() throws {
        let style = try String(contentsOfFile: TestSite.root + "/Public/app.css", encoding: .utf8)
        let rules = style.matches(of: /\.tunnels \.(\w+) \{ stroke-width: (\d+)/)
        #expect(rules.map { String($0.1) } == Flow.allCases.map(\.rawValue))
        #expect(rules.compactMap { Int($0.2) } == rules.compactMap { Int($0.2) }.sorted())
    }
}
