// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Drawing
import Fleet
import Net
import Store
import Templates
import Words

/// Single devices around the hub, group by group.
struct RingPicture: TemplateModel {
    static var fields: [TemplateField<RingPicture>] {
        [
            .text("left") { MapPoint.text(-$0.across) }, .text("top") { MapPoint.text(-$0.down) }, .number("width") { Int($0.across * 2) },
            .number("height") { Int($0.down * 2) },
            .text("hub_radius") { _ in MapPoint.text(hubRadius) }, .list("bands", \.bands), .list("names") { $0.groups.indices.compactMap($0.name) },
            .text("links") { $0.isDrawnSingly ? $0.singleLinks : "" }, .list("bundles", \.bundles), .list("refused", \.refused),
            .list("tunnels", \.tunnels), .list("sides", \.sides),
        ]
    }

    /// With more links than this, the map draws curves between groups instead.
    static let maximumLinks = 160
    /// The most one-sided links to draw one by one.
    private static let maximumRefused = 8
    private static let labelLength = 16
    private static let hubRadius = 22.0
    /// Pixels of the widest common character, in a label and in a group's name.
    private static let characterWidth = 5.7

    private let overview: Overview
    private let groups: [TagGroups.Group]
    /// For each group, the numbers of its devices in `links`.
    private let members: [[Int]]
    /// The number in `links` for each position that is drawn.
    private let numbers: [Int: Int]
    private let bearings: [Bearing]
    private let layout: RingLayout
    private let links: PairLinks
    private let reached: [[Int]]
    /// The pairs between which rules let only some services pass, in both orders.
    private let partial: Set<[Int]>
    /// The links between groups; nil if links are drawn one by one.
    private let groupLinks: GroupLinks?
    /// Pixels from the hub to the edges of the picture, horizontally and vertically.
    private let across: Double
    private let down: Double

    init(_ all: [TagGroups.Group], _ overview: Overview) {
        groups = all.filter { !$0.places.isEmpty }
        let places = groups.flatMap(\.places)
        var next = 0
        members = groups.map { group in
            defer { next += group.places.count }
            return Array(next..<next + group.places.count)
        }
        numbers = Dictionary(uniqueKeysWithValues: places.enumerated().map { ($1, $0) })
        layout = RingLayout(sizes: groups.map(\.places.count))
        bearings = layout.bearings.flatMap { $0 }
        links = PairLinks(places.map { overview.devices[$0] }, overview.reachability)
        reached = links.reached
        partial = Set(links.all.lazy.filter(\.isPartial).flatMap { [[$0.from, $0.to], [$0.to, $0.from]] })
        groupLinks = links.all.count <= Self.maximumLinks ? nil : GroupLinks(links, groups: members)
        let longest = links.devices.map { Self.label($0).count }.max() ?? 0
        let room = layout.isSparse ? 0 : 16 + Double(longest) * Self.characterWidth
        across = layout.radius + (layout.isSparse ? 52 : room)
        down = layout.radius + (layout.isSparse ? 36 : room)
        self.overview = overview
    }

    /// The number of devices drawn.
    var count: Int { bearings.count }
    var isDrawnSingly: Bool { groupLinks == nil }
    var isAnyRefused: Bool { links.all.contains(where: \.isOneSided) }

    var summary: Phrase {
        let oneSided = links.all.count(where: \.isOneSided)
        let devices: Phrase = .counting(count, "\(Amount.count(count)) device | \(Amount.count(count)) devices")
        return MapWords.summary(devices, both: links.all.count - oneSided, partial: partial.count / 2, oneSided: oneSided)
    }

    /// How many are drawn in each state.
    var states: [DeviceState: Int] { links.devices.reduce(into: [:]) { $0[overview.state(of: $1), default: 0] += 1 } }

    /// One row of the table.
    func row(_ place: Int) -> Row {
        let device = overview.devices[place]
        let number = numbers[place] ?? 0
        let refused = links.all.filter { $0.isOneSided && ($0.from == number || $0.to == number) }.map { $0.from == number ? $0.to : $0.from }
        return Row(
            sight: overview.sight(of: device), reaches: reaches(number),
            oneSided: refused.isEmpty ? "" : MapWords.devices(refused.map { links.devices[$0].name }, of: 0))
    }

    /// Whom a device reaches, and whom with some services only.
    private func reaches(_ number: Int) -> Phrase {
        let names = { (numbers: [Int]) in MapWords.devices(numbers.map { links.devices[$0].name }, of: count - 1) }
        let some = reached[number].filter { partial.contains([number, $0]) }
        guard !some.isEmpty else { return names(reached[number]) }
        let whole = reached[number].filter { !partial.contains([number, $0]) }
        return whole.isEmpty ? "\(names(some)) with some services" : "\(names(whole)); with some services: \(names(some))"
    }

    /// What the picture shows about a device.
    struct Row: TemplateModel {
        let sight: DeviceSight
        let reaches: Phrase
        let oneSided: Phrase

        static var fields: [TemplateField<Row>] {
            [
                .text("id", \.sight.device.id), .text("href") { "/devices/\($0.sight.device.id)" }, .text("name", \.sight.device.name),
                .text("tag") { $0.sight.device.tags.map(\.description).joined(separator: ", ") }, .object("state", \.sight.state),
                .phrase("down", \.sight.down), .phrase("up", \.sight.up), .phrase("reaches", \.reaches), .phrase("one_sided", \.oneSided),
            ]
        }
    }

    private var bands: [Band] {
        guard !layout.isSparse, groups.count > 1 || groupLinks != nil else { return [] }
        return groups.indices.map(band)
    }

    private func band(_ group: Int) -> Band {
        let within = groupLinks?[group, group]
        let title = groups[group].name
        return Band(
            group: group, path: RingLayout.band(layout.arcs[group], at: layout.radius - 20),
            kind: within.map { $0.isWhole ? "whole" : $0.isEmpty ? "plain" : "part" } ?? "plain",
            href: groups.count > 1 ? groups[group].scope?.link.text ?? "" : "",
            title: within.map { "\(title): \(MapWords.share($0))" } ?? title)
    }

    /// A group's arc. It says how the group's devices reach each other if their links are not drawn.
    private struct Band: TemplateModel {
        let group: Int
        let path: String
        let kind: String
        let href: String
        let title: Phrase

        static var fields: [TemplateField<Band>] {
            [
                .text("id") { "g\($0.group)" }, .text("path", \.path), .text("kind", \.kind), .text("href", \.href), .phrase("title", \.title),
            ]
        }
    }

    /// A tag along the inner side of its arc, if there is room.
    private func name(_ group: Int) -> Name? {
        guard groups.count > 1, !layout.isSparse, let tag = groups[group].tag?.description else { return nil }
        let arc = layout.arcs[group]
        guard RingLayout.length(arc, at: layout.radius - 30) > Double(tag.count) * 7 + 8 else { return nil }
        return Name(group: group, name: tag, isUpper: arc.isUpper)
    }

    private struct Name: TemplateModel {
        let group: Int
        let name: String
        let isUpper: Bool

        static var fields: [TemplateField<Name>] {
            [.text("id") { "g\($0.group)" }, .text("name", \.name), .text("shift") { $0.isUpper ? "15" : "-7" }]
        }
    }

    /// All two-way links as one path.
    private var singleLinks: String {
        links.all.lazy.filter { !$0.isOneSided }.map { link($0) }.joined()
    }

    private func link(_ link: PairLinks.Link) -> String { RingLayout.link(bearings[link.from], bearings[link.to], at: layout.radius - 9) }

    private var bundles: [Path] {
        guard let groupLinks else { return [] }
        var paths = (whole: "", part: "")
        for a in groups.indices {
            for b in (a + 1)..<max(a + 1, groups.count) where groupLinks[a, b].both > 0 {
                let path = RingLayout.link(layout.arcs[a].middle, layout.arcs[b].middle, at: layout.radius - 24)
                if groupLinks[a, b].isWhole { paths.whole += path } else { paths.part += path }
            }
        }
        return [Path(kind: "whole", path: paths.whole), Path(kind: "part", path: paths.part)].filter { !$0.path.isEmpty }
    }

    /// A path and its class in the style sheet.
    private struct Path: TemplateModel {
        let kind: String
        let path: String

        static var fields: [TemplateField<Path>] { [.text("kind", \.kind), .text("path", \.path)] }
    }

    private var refused: [RefusedLink] {
        links.all.lazy.filter(\.isOneSided).prefix(Self.maximumRefused).map { link in
            RefusedLink(from: links.devices[link.from], to: links.devices[link.to], path: self.link(link))
        }
    }

    /// A link that only one of the two devices lists.
    private struct RefusedLink: TemplateModel {
        let from: Device
        let to: Device
        let path: String

        static var fields: [TemplateField<RefusedLink>] {
            [
                .text("path", \.path), .text("href") { PageAddress.reachability(from: $0.from, to: $0.to).text },
                .phrase("title") { "one-sided: \($0.to.name) does not list \($0.from.name)" },
            ]
        }
    }

    /// One path for each device, in the order of `sides`, which the script relies on. A device without a tunnel has a hidden path. A tunnel without
    /// traffic needs no class.
    private var tunnels: [Path] {
        let arcs = members.enumerated().flatMap { group, members in members.map { _ in layout.arcs[group] } }
        return order.flatMap(\.numbers).map { number in
            let flow = overview.sight(of: links.devices[number]).flow
            return Path(
                kind: flow == .still ? "" : flow?.rawValue ?? "none",
                path: layout.tunnel(to: bearings[number], in: arcs[number], from: Self.hubRadius))
        }
    }

    private var sides: [Side] { order.map { Side(anchor: $0.anchor, nodes: $0.numbers.map(node)) } }

    /// Devices by the side of their label, in the order of the circle.
    private struct Side: TemplateModel {
        let anchor: String
        let nodes: [Node]

        static var fields: [TemplateField<Side>] { [.text("anchor", \.anchor), .list("nodes", \.nodes)] }
    }

    private var order: [(anchor: String, numbers: [Int])] {
        guard !layout.isSparse else { return [("middle", Array(bearings.indices))] }
        let right = bearings.indices.filter { bearings[$0].isRight }
        let left = bearings.indices.filter { !bearings[$0].isRight }
        return [("start", right), ("end", left)].filter { !$0.1.isEmpty }
    }

    private func node(_ number: Int) -> Node {
        let (device, bearing) = (links.devices[number], bearings[number])
        let point = bearing.point(layout.radius).rounded
        let beside = point + MapPoint(x: 0, y: bearing.isUpper ? -16 : 16)
        let distance = (layout.radius + 10) * (bearing.isRight ? 1 : -1)
        return Node(
            device: device, state: overview.state(of: device), label: Self.label(device), point: point,
            labelX: layout.isSparse ? beside.x : distance.rounded(), labelY: layout.isSparse ? beside.y : nil,
            turn: layout.isSparse ? nil : bearing.turn * 360 - (bearing.isRight ? 90 : 270))
    }

    private struct Node: TemplateModel {
        let device: Device
        let state: DeviceState
        let label: String
        let point: MapPoint
        let labelX: Double
        /// Nil for a label on the circle, which turns with it around the hub.
        let labelY: Double?
        /// Degrees; nil for a horizontal label.
        let turn: Double?

        static var fields: [TemplateField<Node>] {
            [
                .text("href") { "/devices/\($0.device.id)" }, .text("key", \.state.rawValue),
                .phrase("title") { "\($0.device.name): \($0.state.word)" }, .text("x") { MapPoint.text($0.point.x) },
                .text("y") { MapPoint.text($0.point.y) }, .text("label", \.label), .text("label_x") { MapPoint.text($0.labelX) },
                .text("label_y") { $0.labelY.map(MapPoint.text) ?? "" }, .text("turn") { $0.turn.map(MapPoint.text) ?? "" },
            ]
        }
    }

    private static func label(_ device: Device) -> String { device.name.shortenedInside(to: labelLength) }
}
