// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// Groups of devices around the hub, where there are too many devices to draw each.
struct ClusterPicture {
    static let shape: TemplateShape = """
        clusters{left top width height hub_radius tunnels[key path] links[path kind mixed title]
            circles[href title name count x y radius name_y states[key count x y word_x]]}
        """

    private static let hubRadius = 26.0

    private let overview: Overview
    private let groups: [TagGroups.Group]
    private let total: Int
    private let layout: ClusterLayout
    /// Nil when there are too many different lists to count.
    private let links: GroupLinks?
    private let sums: [Sum]

    /// What is told of a group.
    private struct Sum {
        var states: [DeviceState: Int] = [:]
        var rate = Rates.Rate(down: 0, up: 0)
        /// True when a tunnel is up.
        var isConnected = false
    }

    init(_ groups: [TagGroups.Group], _ overview: Overview) {
        let places = groups.map(\.places)
        self.groups = groups
        total = places.reduce(0) { $0 + $1.count }
        layout = ClusterLayout(sizes: places.map(\.count))
        links = GroupLinks(overview.reachability, groups: places)
        sums = places.map { Self.sum($0, overview) }
        self.overview = overview
    }

    var isCounted: Bool { links != nil }
    var isAnyRefused: Bool { pairs.contains { links?[$0.0, $0.1].oneSided ?? 0 > 0 } }

    var summary: Phrase {
        let devices: Phrase = .counting(total, "\(Amount.count(total)) device | \(Amount.count(total)) devices")
        guard let links else { return "\(devices). The lists of allowed IPs are too many to count links here." }
        let counts = pairs.map { links[$0.0, $0.1] }
        return MapWords.summary(devices, both: counts.reduce(0) { $0 + $1.both }, oneSided: counts.reduce(0) { $0 + $1.oneSided })
    }

    /// How many are in each state.
    var states: [DeviceState: Int] { sums.reduce(into: [:]) { $0.merge($1.states, uniquingKeysWith: +) } }

    var value: TemplateValue {
        let size = Int(layout.radius + 140) * 2
        return [
            "left": .number(-size / 2), "top": .number(-size / 2), "width": .number(size), "height": .number(size),
            "hub_radius": .text(MapPoint.text(Self.hubRadius)), "tunnels": .list(tunnels), "links": .list(links.map(curves) ?? []),
            "circles": .list(layout.circles.indices.map(circle)),
        ]
    }

    /// One row of the table.
    func row(_ group: TagGroups.Group) -> TemplateValue {
        let number = groups.firstIndex(of: group)
        let sum = number.map { sums[$0] } ?? Self.sum(group.places, overview)
        return [
            "href": .text(group.scope?.link.text ?? "#table"), "name": .phrase(group.name), "devices": .phrase(Amount.count(group.places.count)),
            "states": .list(
                DeviceState.allCases.filter { sum.states[$0] != nil }.map {
                    ["key": .text($0.rawValue), "word": .phrase($0.word), "count": .phrase(Amount.count(sum.states[$0] ?? 0))]
                }),
            "rate": .phrase(sum.isConnected ? MapWords.rate(sum.rate) : ""),
            "within": .phrase(number.flatMap { place in links.map { MapWords.share($0[place, place]) } } ?? ""),
            "links": .optional(number.flatMap(linkWords)),
        ]
    }

    /// All pairs of circles, each with itself too.
    private var pairs: [(Int, Int)] { layout.circles.indices.flatMap { a in (a..<layout.circles.count).map { (a, $0) } } }

    private static func sum(_ places: [Int], _ overview: Overview) -> Sum {
        places.reduce(into: Sum()) { sum, place in
            let device = overview.devices[place]
            let state = overview.state(of: device)
            sum.states[state, default: 0] += 1
            guard state == .online else { return }
            sum.isConnected = true
            guard let rate = overview.rate(of: device) else { return }
            sum.rate.down += rate.down
            sum.rate.up += rate.up
        }
    }

    private var tunnels: [TemplateValue] {
        layout.circles.indices.filter { sums[$0].isConnected }.map { index in
            let flow = Flow(sums[index].rate.down + sums[index].rate.up)
            return [
                "key": .text(flow.rawValue),
                "path": .text(layout.tunnel(to: layout.circles[index], from: Self.hubRadius)),
            ]
        }
    }

    private func curves(_ links: GroupLinks) -> [TemplateValue] {
        pairs.filter { $0 != $1 && !links[$0, $1].isEmpty }.map { a, b in
            let count = links[a, b]
            return [
                "path": .text(layout.link(layout.circles[a], layout.circles[b])),
                "kind": .text(count.isWhole ? "whole" : count.both > 0 ? "part" : "refused"),
                "mixed": .flag(count.both > 0 && count.oneSided > 0),
                "title": .phrase("\(groups[a].name) and \(groups[b].name): \(MapWords.share(count))"),
            ]
        }
    }

    /// Nil where there are none, or nobody counted.
    private func linkWords(_ number: Int) -> TemplateValue? {
        guard let links else { return nil }
        let others = groups.indices.filter { $0 != number && !links[number, $0].isEmpty }
        guard !others.isEmpty else { return nil }
        return ["others": .list(others.map { .phrase("with \(groups[$0].name): \(MapWords.share(links[number, $0]))") })]
    }

    private func circle(_ index: Int) -> TemplateValue {
        let circle = layout.circles[index]
        let states = DeviceState.allCases.compactMap { state in sums[index].states[state].map { (state, $0) } }
        let count = sums[index].states.values.reduce(0, +)
        let name = groups[index].name
        let words = states.map { state, count -> Phrase in "\(Amount.count(count)) \(state.word)" }
        let (x, y, radius) = (circle.centre.x, circle.centre.y, circle.radius)
        // The name and then the counts, three in a line, away from the hub.
        let lines = (states.count + 2) / 3
        let top = circle.bearing.isUpper ? y - radius - 12 - Double(lines) * 16 : y + radius + 18
        let column = { (place: Int) -> Double in
            let inLine = min(3, states.count - place / 3 * 3)
            return x + (Double(place % 3) - Double(inLine) / 2) * 54
        }
        return [
            "href": .text(groups[index].scope?.link.text ?? "#table"),
            "title": .phrase("\(name): \(words.joined(separator: ", "))"), "name": .phrase(name), "count": .phrase(Amount.count(count)),
            "x": .text(MapPoint.text(x)), "y": .text(MapPoint.text(y)), "radius": .text(MapPoint.text(radius)),
            "name_y": .text(MapPoint.text(top)),
            "states": .list(
                states.enumerated().map { place, state in
                    [
                        "key": .text(state.0.rawValue), "count": .phrase(Amount.count(state.1)), "x": .text(MapPoint.text(column(place) + 10)),
                        "y": .text(MapPoint.text(top + 16 + Double(place / 3) * 16)), "word_x": .text(MapPoint.text(column(place) + 19)),
                    ]
                }),
        ]
    }
}
