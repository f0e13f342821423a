// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Drawing
import Fleet
import Net
import Store
import Templates
import Words

/// Groups of devices around the hub, for hubs with too many devices to draw each.
struct ClusterPicture: TemplateModel {
    static var fields: [TemplateField<ClusterPicture>] {
        [
            .number("left") { -$0.size / 2 }, .number("top") { -$0.size / 2 }, .number("width", \.size), .number("height", \.size),
            .text("hub_radius") { _ in MapPoint.text(hubRadius) }, .list("tunnels", \.tunnels), .list("links", \.curves),
            .list("circles") { $0.layout.circles.indices.map($0.circle) },
        ]
    }

    private static let hubRadius = 26.0

    private let overview: Overview
    private let groups: [TagGroups.Group]
    private let total: Int
    private let layout: ClusterLayout
    /// Nil if there are too many different lists to count links.
    private let links: GroupLinks?
    private let sums: [Sum]

    /// The totals of a group.
    private struct Sum {
        var states: [DeviceState: Int] = [:]
        var rate = Rates.Rate(down: 0, up: 0)
        /// True if a tunnel is up.
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
        guard let links else { return "\(devices). There are too many different lists of allowed IPs, or rules, to count links here." }
        let counts = pairs.map { links[$0.0, $0.1] }
        return MapWords.summary(devices, both: counts.reduce(0) { $0 + $1.both }, oneSided: counts.reduce(0) { $0 + $1.oneSided })
    }

    /// How many devices are in each state.
    var states: [DeviceState: Int] { sums.reduce(into: [:]) { $0.merge($1.states, uniquingKeysWith: +) } }

    /// Width and height of the picture in pixels.
    private var size: Int { Int(layout.radius + 140) * 2 }

    /// One row of the table.
    func row(_ group: TagGroups.Group) -> Row {
        let number = groups.firstIndex(of: group)
        let sum = number.map { sums[$0] } ?? Self.sum(group.places, overview)
        return Row(
            group: group, states: counts(sum), rate: sum.isConnected ? MapWords.rate(sum.rate) : "",
            within: number.flatMap { place in links.map { MapWords.share($0[place, place]) } } ?? "",
            others: number.map(linkWords) ?? [])
    }

    struct Row: TemplateModel {
        let group: TagGroups.Group
        fileprivate let states: [StateCount]
        let rate: Phrase
        let within: Phrase
        /// The links with other groups; empty if there are none or if links were not counted.
        let others: [Phrase]

        static var fields: [TemplateField<Row>] {
            [
                .text("href", \.group.href), .phrase("name", \.group.name), .phrase("devices") { Amount.count($0.group.places.count) },
                .list("states", \.states), .phrase("rate", \.rate), .phrase("within", \.within),
                .optional("links", { $0.others.isEmpty ? nil : $0.others }, [.phrases("others") { $0 }]),
            ]
        }
    }

    fileprivate struct StateCount: TemplateModel {
        let state: DeviceState
        let count: Int

        static var fields: [TemplateField<StateCount>] {
            [.text("key", \.state.rawValue), .phrase("word", \.state.word), .phrase("count") { Amount.count($0.count) }]
        }
    }

    private func counts(_ sum: Sum) -> [StateCount] {
        DeviceState.allCases.compactMap { state in sum.states[state].map { StateCount(state: state, count: $0) } }
    }

    /// All pairs of circles, including each circle with itself.
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

    private var tunnels: [Tunnel] {
        layout.circles.indices.filter { sums[$0].isConnected }.map { index in
            Tunnel(
                flow: Flow(sums[index].rate.down + sums[index].rate.up), path: layout.tunnel(to: layout.circles[index], from: Self.hubRadius))
        }
    }

    private struct Tunnel: TemplateModel {
        let flow: Flow
        let path: String

        static var fields: [TemplateField<Tunnel>] { [.text("key", \.flow.rawValue), .text("path", \.path)] }
    }

    private var curves: [Curve] {
        guard let links else { return [] }
        return pairs.filter { $0 != $1 && !links[$0, $1].isEmpty }.map { a, b in
            Curve(
                count: links[a, b], path: layout.link(layout.circles[a], layout.circles[b]),
                title: "\(groups[a].name) and \(groups[b].name): \(MapWords.share(links[a, b]))")
        }
    }

    private struct Curve: TemplateModel {
        let count: GroupLinks.Count
        let path: String
        let title: Phrase

        static var fields: [TemplateField<Curve>] {
            [
                .text("path", \.path), .text("kind") { $0.count.isWhole ? "whole" : $0.count.both > 0 ? "part" : "refused" },
                .flag("mixed") { $0.count.both > 0 && $0.count.oneSided > 0 }, .phrase("title", \.title),
            ]
        }
    }

    private func linkWords(_ number: Int) -> [Phrase] {
        guard let links else { return [] }
        return groups.indices.filter { $0 != number && !links[number, $0].isEmpty }.map {
            "with \(groups[$0].name): \(MapWords.share(links[number, $0]))"
        }
    }

    private func circle(_ index: Int) -> Circle { Circle(group: groups[index], circle: layout.circles[index], counts: counts(sums[index])) }

    /// A group: its circle and, on the side away from the hub, its name and its counts, three on a line.
    private struct Circle: TemplateModel {
        let group: TagGroups.Group
        let circle: ClusterLayout.Circle
        let counts: [StateCount]

        static var fields: [TemplateField<Circle>] {
            [
                .text("href", \.group.href), .phrase("title", \.title), .phrase("name", \.group.name),
                .phrase("count") { Amount.count($0.counts.reduce(0) { $0 + $1.count }) }, .text("x") { MapPoint.text($0.circle.centre.x) },
                .text("y") { MapPoint.text($0.circle.centre.y) }, .text("radius") { MapPoint.text($0.circle.radius) },
                .text("name_y") { MapPoint.text($0.top) }, .list("states") { $0.counts.indices.map($0.placed) },
            ]
        }

        private var title: Phrase {
            let words = counts.map { count -> Phrase in "\(Amount.count(count.count)) \(count.state.word)" }
            return "\(group.name): \(words.joined(separator: ", "))"
        }

        private var top: Double {
            let lines = (counts.count + 2) / 3
            return circle.bearing.isUpper ? circle.centre.y - circle.radius - 12 - Double(lines) * 16 : circle.centre.y + circle.radius + 18
        }

        private func placed(_ place: Int) -> PlacedCount {
            let inLine = min(3, counts.count - place / 3 * 3)
            return PlacedCount(
                count: counts[place], x: circle.centre.x + (Double(place % 3) - Double(inLine) / 2) * 54,
                y: top + 16 + Double(place / 3) * 16)
        }
    }

    private struct PlacedCount: TemplateModel {
        let count: StateCount
        let x: Double
        let y: Double

        static var fields: [TemplateField<PlacedCount>] {
            [
                .text("key", \.count.state.rawValue), .phrase("count") { Amount.count($0.count.count) }, .text("x") { MapPoint.text($0.x + 10) },
                .text("y") { MapPoint.text($0.y) }, .text("word_x") { MapPoint.text($0.x + 19) },
            ]
        }
    }
}

extension TagGroups.Group {
    /// The URL of this group's map. The group of all other tags has no map and leads to the table.
    fileprivate var href: String { scope?.link.text ?? "#table" }
}
