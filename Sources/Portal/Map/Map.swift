// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The hub and its devices as a picture that the server draws, with the same information in a table below it.
struct MapPage: TemplateModel {
    static let routes: [Route<Handler>] = [Route(.get, "/map", Handler(.viewer, show))]
    static let template = Template<MapPage>("map")

    static var fields: [TemplateField<MapPage>] { picture + table + legend }

    private static var picture: [TemplateField<MapPage>] {
        [
            .flag("none_at_all", \.overview.devices.isEmpty), .flag("none_match") { !$0.overview.devices.isEmpty && $0.isEmpty },
            .phrase("scope", \.scope.name), .text("all_href") { $0.scope == .all ? "" : MapScope.all.link.text },
            .text("list_href", \.listLink), .phrase("summary", \.summary), .flag("one_page", \.isPart),
            .flag("tagless") { $0.isPart && $0.scope == .all }, .optional("ring", \.ring), .optional("clusters", \.clusters),
        ]
    }

    private static var table: [TemplateField<MapPage>] {
        [
            .list("devices") { page in page.ring.map { page.rows.map($0.row) } ?? [] },
            .list("groups") { page in page.clusters.map { page.groups[page.paging.range].map($0.row) } ?? [] },
            .optional("pages") { page in page.paging.links { page.scope.link.with("page", $0 == 1 ? nil : String($0)).text } },
        ]
    }

    private static var legend: [TemplateField<MapPage>] {
        [
            .list("flows", { _ in Flow.allCases }, [.text("key", \.rawValue), .phrase("label", \.label)]),
            .list("states", \.states, [.object("state") { $0.state }, .phrase("count") { Amount.count($0.count) }]),
            .flag("counted") { $0.ring.map { !$0.isDrawnSingly } ?? $0.clusters?.isCounted ?? false },
            .flag("drawn_singly") { $0.ring?.isDrawnSingly ?? false }, .flag("any_refused") { $0.ring?.isAnyRefused ?? false },
            .flag("any_mixed") { $0.clusters?.isAnyRefused ?? false },
        ]
    }

    /// With more devices than this, the map draws groups.
    static let maximumNodes = 200
    /// The most groups that fit around the hub.
    private static let maximumGroups = 14
    static let rowsPerPage = 20

    private let overview: Overview
    private let scope: MapScope
    private let groups: [TagGroups.Group]
    private let paging: Paging
    /// Single devices; nil if there are none or too many.
    private var ring: RingPicture?
    /// The devices of this page of the table, for the ring.
    private var rows: [Int] = []
    /// Groups, if there are too many devices to draw each; otherwise nil.
    private var clusters: ClusterPicture?
    private let summary: Phrase
    /// True if the picture shows only the devices of one page of the table.
    private var isPart = false

    init(_ overview: Overview, scope: MapScope, number: Int) {
        let grouping = TagGroups(overview.devices, in: scope)
        let count = grouping.groups.reduce(0) { $0 + $1.places.count }
        let isClustered = count > Self.maximumNodes && grouping.groups.count > 1
        let paging = Paging(count: isClustered ? grouping.groups.count : count, perPage: Self.rowsPerPage, number: number)
        if isClustered {
            clusters = ClusterPicture(grouping.largest(Self.maximumGroups), overview)
        } else if count > 0 {
            // The table is in order of names. A large group that cannot be divided is drawn one page at a time.
            rows = Array(grouping.groups.flatMap(\.places).sorted()[paging.range])
            let drawn = count > Self.maximumNodes ? Set(rows) : nil
            let shown = grouping.largest(Self.maximumGroups).map { group in
                var group = group
                group.places.removeAll { drawn?.contains($0) == false }
                return group
            }
            ring = RingPicture(shown, overview)
            isPart = drawn != nil
        }
        self.overview = overview
        self.scope = scope
        self.paging = paging
        groups = grouping.groups
        summary = ring?.summary ?? clusters?.summary ?? ""
    }

    private static func show(_ visit: Visit) throws -> Response {
        let query = visit.request.query
        let page = MapPage(try visit.overview(), scope: MapScope { query[$0] }, number: query["page"].flatMap(Entry.number) ?? 1)
        return try visit.page(template, page)
    }

    /// True if no device is drawn.
    private var isEmpty: Bool { ring == nil && clusters == nil }

    /// The meaning of each shape, and how many devices are drawn with it.
    private var states: [(state: DeviceState, count: Int)] {
        guard let counts = ring?.states ?? clusters?.states else { return [] }
        return DeviceState.allCases.map { ($0, counts[$0] ?? 0) }
    }

    /// The same devices as a list.
    private var listLink: String {
        guard scope != .all else { return "/devices" }
        return scope.tags.count == 1 && !scope.isAlone && scope.without.isEmpty ? PageAddress.devices(with: scope.tags[0]).text : "#table"
    }
}

/// Traffic in steps that the eye can distinguish. The step is the width of a tunnel on the map; the style sheet sets it by the step's name.
enum Flow: String, CaseIterable {
    case still, little, some, much, most

    /// `bytesPerSecond` is the sum of both directions.
    init(_ bytesPerSecond: Double) {
        switch bytesPerSecond {
        case ..<1: self = .still
        case ..<10_000: self = .little
        case ..<1_000_000: self = .some
        case ..<100_000_000: self = .much
        default: self = .most
        }
    }

    var label: Phrase {
        switch self {
        case .still: "connected, no traffic"
        case .little: "up to 10 kB/s"
        case .some: "up to 1 MB/s"
        case .much: "up to 100 MB/s"
        case .most: "more than 100 MB/s"
        }
    }
}

extension DeviceSight {
    /// The traffic in the device's tunnel, both directions together; nil if it has no tunnel now.
    var flow: Flow? { state == .online ? Flow(rate.map { $0.down + $0.up } ?? 0) : nil }
}
