// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// Devices one by one around the hub, group beside group.
struct RingPicture {
    static let shape: TemplateShape = """
        ring{left top width height hub_radius is_wide
            bands[id path kind href title] names[id name shift] links bundles[path kind] refused[path href title] tunnels[key path]
            sides[anchor nodes[href title key x y label label_x label_y turn]]}
        """

    /// More links than this are drawn as curves between groups.
    static let maximumLinks = 160
    /// One-sided links that are drawn one by one.
    private static let maximumRefused = 8
    private static let labelLength = 16
    private static let hubRadius = 22.0
    /// Pixels of the widest usual character of a label, and of a group's name.
    private static let characterWidth = 5.7

    private let overview: Overview
    private let groups: [TagGroups.Group]
    /// For each group the numbers of its devices in `links`.
    private let members: [[Int]]
    /// The number of each place that is drawn.
    private let numbers: [Int: Int]
    private let bearings: [Bearing]
    private let layout: RingLayout
    private let links: PairLinks
    private let reached: [[Int]]

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
        self.overview = overview
    }

    /// Devices that are drawn.
    var count: Int { bearings.count }
    var isDrawnSingly: Bool { links.all.count <= Self.maximumLinks }
    var isAnyRefused: Bool { links.all.contains(where: \.isOneSided) }

    var summary: Phrase {
        let oneSided = links.all.count(where: \.isOneSided)
        let devices: Phrase = .counting(count, "\(Amount.count(count)) device | \(Amount.count(count)) devices")
        return MapWords.summary(devices, both: links.all.count - oneSided, oneSided: oneSided)
    }

    /// How many are drawn in each state.
    var states: [DeviceState: Int] { links.devices.reduce(into: [:]) { $0[overview.state(of: $1), default: 0] += 1 } }

    var value: TemplateValue {
        let longest = links.devices.map { Self.label($0).count }.max() ?? 0
        let room = layout.isSparse ? 0 : 16 + Double(longest) * Self.characterWidth
        let across = layout.radius + (layout.isSparse ? 52 : room)
        let down = layout.radius + (layout.isSparse ? 36 : room)
        let groupLinks = isDrawnSingly ? nil : GroupLinks(links, groups: members)
        return [
            "left": .text(MapPoint.text(-across)), "top": .text(MapPoint.text(-down)), "width": .number(Int(across * 2)),
            "height": .number(Int(down * 2)),
            "is_wide": .flag(across * 2 > 480), "hub_radius": .text(MapPoint.text(Self.hubRadius)),
            "bands": .list(!layout.isSparse && (groups.count > 1 || groupLinks != nil) ? groups.indices.map { band($0, groupLinks) } : []),
            "names": .list(groups.indices.compactMap(name)), "links": .text(isDrawnSingly ? singleLinks : ""),
            "bundles": .list(groupLinks.map(bundles) ?? []), "refused": .list(refused), "tunnels": .list(tunnels), "sides": .list(sides),
        ]
    }

    /// One row of the table: what the picture shows of a device.
    func row(_ place: Int) -> TemplateValue {
        let device = overview.devices[place]
        let number = numbers[place] ?? 0
        let refused = links.all.filter { $0.isOneSided && ($0.from == number || $0.to == number) }.map { $0.from == number ? $0.to : $0.from }
        let sight = overview.sight(of: device)
        return [
            "id": .text(device.id), "href": .text("/devices/\(device.id)"), "name": .text(device.name),
            "tag": .text(device.tags.map(\.description).joined(separator: ", ")),
            "state": sight.state.shortValue, "down": .phrase(sight.down), "up": .phrase(sight.up),
            "reaches": .phrase(MapWords.devices(reached[number].map { links.devices[$0].name }, of: count - 1)),
            "one_sided": .phrase(refused.isEmpty ? "" : MapWords.devices(refused.map { links.devices[$0].name }, of: 0)),
        ]
    }

    /// A group's arc. It says how its devices reach each other where their links are not drawn.
    private func band(_ group: Int, _ groupLinks: GroupLinks?) -> TemplateValue {
        let radius = layout.radius - 20
        let arc = layout.arcs[group]
        let within = groupLinks?[group, group]
        let title = groups[group].name
        return [
            "id": .text("g\(group)"), "path": .text(RingLayout.band(arc, at: radius)),
            "kind": .text(within.map { $0.isWhole ? "whole" : $0.isEmpty ? "plain" : "part" } ?? "plain"),
            "href": .text(groups.count > 1 ? groups[group].scope?.link.text ?? "" : ""),
            "title": .phrase(within.map { "\(title): \(MapWords.share($0))" } ?? title),
        ]
    }

    /// A tag along its arc, towards the hub, where there is room for it.
    private func name(_ group: Int) -> TemplateValue? {
        guard groups.count > 1, !layout.isSparse, let tag = groups[group].tag?.description else { return nil }
        let arc = layout.arcs[group]
        guard RingLayout.length(arc, at: layout.radius - 30) > Double(tag.count) * 7 + 8 else { return nil }
        return ["id": .text("g\(group)"), "name": .text(tag), "shift": arc.isUpper ? "15" : "-7"]
    }

    /// Links both ways, as one path.
    private var singleLinks: String {
        links.all.lazy.filter { !$0.isOneSided }.map { link($0) }.joined()
    }

    private func link(_ link: PairLinks.Link) -> String { RingLayout.link(bearings[link.from], bearings[link.to], at: layout.radius - 9) }

    private func bundles(_ groupLinks: GroupLinks) -> [TemplateValue] {
        var paths = (whole: "", part: "")
        for a in groups.indices {
            for b in (a + 1)..<max(a + 1, groups.count) where groupLinks[a, b].both > 0 {
                let path = RingLayout.link(layout.arcs[a].middle, layout.arcs[b].middle, at: layout.radius - 24)
                if groupLinks[a, b].isWhole { paths.whole += path } else { paths.part += path }
            }
        }
        return [("whole", paths.whole), ("part", paths.part)].filter { !$0.1.isEmpty }.map { ["kind": .text($0.0), "path": .text($0.1)] }
    }

    private var refused: [TemplateValue] {
        links.all.lazy.filter(\.isOneSided).prefix(Self.maximumRefused).map { link in
            let (from, to) = (links.devices[link.from], links.devices[link.to])
            return [
                "path": .text(self.link(link)), "href": .text(Link("/reachability").with("from", from.id).with("to", to.id).text),
                "title": .phrase("one-sided: \(to.name) does not list \(from.name)"),
            ]
        }
    }

    /// One for each device, in the order of `sides`, by which the script finds it. Without a tunnel it is not shown; one in which nothing moves
    /// needs no class.
    private var tunnels: [TemplateValue] {
        let arcs = members.enumerated().flatMap { group, members in members.map { _ in layout.arcs[group] } }
        return order.flatMap(\.numbers).map { number in
            let flow = overview.sight(of: links.devices[number]).flow
            return [
                "key": .text(flow == .still ? "" : flow?.rawValue ?? "none"),
                "path": .text(layout.tunnel(to: bearings[number], in: arcs[number], from: Self.hubRadius)),
            ]
        }
    }

    /// Devices by the side on which their label stands, in the order of the circle.
    private var sides: [TemplateValue] { order.map { ["anchor": .text($0.anchor), "nodes": .list($0.numbers.map(node))] } }

    private var order: [(anchor: String, numbers: [Int])] {
        guard !layout.isSparse else { return [("middle", Array(bearings.indices))] }
        let right = bearings.indices.filter { bearings[$0].isRight }
        let left = bearings.indices.filter { !bearings[$0].isRight }
        return [("start", right), ("end", left)].filter { !$0.1.isEmpty }
    }

    private func node(_ number: Int) -> TemplateValue {
        let (device, bearing) = (links.devices[number], bearings[number])
        let state = overview.state(of: device)
        let point = bearing.point(layout.radius).rounded
        // A label that stands on the circle turns with it around the hub.
        let beside = point + MapPoint(x: 0, y: bearing.isUpper ? -16 : 16)
        let distance = (layout.radius + 10) * (bearing.isRight ? 1 : -1)
        let turn = bearing.turn * 360 - (bearing.isRight ? 90 : 270)
        return [
            "href": .text("/devices/\(device.id)"), "key": .text(state.rawValue),
            "title": .phrase("\(device.name): \(state.word)"), "x": .text(MapPoint.text(point.x)), "y": .text(MapPoint.text(point.y)),
            "label": .text(Self.label(device)), "label_x": .text(MapPoint.text(layout.isSparse ? beside.x : distance.rounded())),
            "label_y": .text(layout.isSparse ? MapPoint.text(beside.y) : ""), "turn": .text(layout.isSparse ? "" : MapPoint.text(turn)),
        ]
    }

    private static func label(_ device: Device) -> String { device.name.shortenedInside(to: labelLength) }
}

extension DeviceState {
    /// Without the rule, for rows under a legend that has it.
    var shortValue: TemplateValue { ["key": .text(rawValue), "word": .phrase(word)] }
}
