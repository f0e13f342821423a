// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The list of devices.
struct DevicesPage: TemplateModel {
    static let template = Template<DevicesPage>("devices")
    static let routes: [Route<Handler>] = [Route(.get, "/devices", Handler(.viewer, show))]

    static var fields: [TemplateField<DevicesPage>] {
        [
            .optional("endpoint_notice") { EndpointNotice($0.overview) }, .flag("none_at_all") { $0.overview.devices.isEmpty },
            .text("query", \.view.search), .text("sort") { $0.view.sort ?? "" }, .list("fields", \.view.fields),
            .list("states") { page in
                DeviceView.Filter.choices.map { Choice(value: $0.filter.name, label: $0.label, isChosen: $0.filter == page.view.filter) }
            },
            .optional("tag_filter") { TagFilter($0.overview.index.tags, chosen: $0.view.tag) },
            .phrase("count", \.count), .phrase("outdated", \.overview.outdatedCount),
            .optional("pages") { page in page.paging.links { page.view.link(toPage: $0).text } },
            .list("columns") { page in DeviceView.Column.allCases.map { Heading(column: $0, view: page.view) } },
            .flag("any_rows") { !$0.matching.isEmpty }, .list("rows", \.rows),
            .phrase("all_label") { $0.matching.count > $0.rows.count ? "All \(Amount.count($0.matching.count)) of this view" : "" },
            .flag("all_selected", \.view.isAllSelected),
        ] + TemplateField.legend
    }

    static let rowsPerPage = 50

    private let view: DeviceView
    private let overview: Overview
    /// All devices of the view, by their positions in the list of devices.
    private let matching: [Int]
    private let paging: Paging
    /// The devices on this page.
    private let rows: [DeviceRow]

    /// `rings` takes the ids of the devices on the page and returns their traffic of the last hour.
    init(
        view: DeviceView, overview: Overview, search: DeviceSearch, rings: (_ ids: [String]) throws -> [String: TrafficRing]
    ) rethrows {
        self.view = view
        self.overview = overview
        matching = view.places(in: overview, search)
        paging = Paging(count: matching.count, perPage: Self.rowsPerPage, number: view.number)
        let shown = matching[paging.range].map { overview.devices[$0] }
        let rings = try rings(shown.map(\.id))
        rows = zip(1..., shown).map { number, device in
            DeviceRow(device, overview, number: number, isSelected: view.selected.contains(device.id), ring: rings[device.id])
        }
    }

    private static func show(_ visit: Visit) throws -> Response {
        let page = try DevicesPage(
            view: DeviceView { visit.request.query[$0] }, overview: try visit.overview(), search: visit.site.search,
            rings: { ids in try visit.read { try $0.trafficRings(ofDevices: ids, .minute) } })
        return try visit.page(template, page, notice: visit.notice)
    }

    private var count: Phrase {
        let total = overview.devices.count
        let all: Phrase = .counting(total, "\(Amount.count(total)) device | \(Amount.count(total)) devices")
        return matching.count == total ? all : "\(Amount.count(matching.count)) of \(all)"
    }

    private struct Heading: TemplateModel {
        let column: DeviceView.Column
        let view: DeviceView

        static var fields: [TemplateField<Heading>] {
            [
                .text("href") { $0.view.link(sortedBy: $0.column).text }, .phrase("label", \.column.label),
                .text("order") { $0.column == $0.view.column ? ($0.view.isDescending ? "descending" : "ascending") : "" },
                .flag("number") { $0.column == .rate },
            ]
        }
    }
}

/// A device in the list, with only the values that its row shows.
struct DeviceRow: TemplateModel {
    static var fields: [TemplateField<DeviceRow>] {
        [
            .text("id", \.id), .number("number", \.number), .flag("selected", \.isSelected), .text("href", \.href), .text("name", \.name),
            .text("description", \.description), .list("tags", \.tags), .text("more_tags", \.moreTags), .text("address", \.address),
            .phrase("more_addresses", \.moreAddresses), .object("state", \.state), .phrase("age", \.age), .phrase("down", \.down),
            .phrase("up", \.up), .optional("line", \.line), .list("marks", \.marks),
            .phrase("hint") { $0.state == .neverSeen ? "how to connect it" : "" },
        ]
    }

    /// The most characters of name and description together, the most tags, and the most additional addresses in a row. The device's page has all
    /// of them.
    private static let limits = (text: 88, tags: 3, addresses: 3)

    private let id: String
    private let number: Int
    private let isSelected: Bool
    private let href: String
    private let name: String
    private let description: String
    private let tags: [TagLink]
    private let moreTags: String
    private let address: String
    private let moreAddresses: Phrase
    private let state: DeviceState
    private let age: Phrase
    private let down: Phrase
    private let up: Phrase
    private let line: Sparkline?
    private let marks: [MarkLink]

    /// `ring` is the device's traffic of the last hour.
    init(_ device: Device, _ overview: Overview, number: Int, isSelected: Bool, ring: TrafficRing?) {
        let limits = Self.limits
        var addresses: [String] = []
        for case let address? in [device.ipv4, device.ipv6] { addresses.append(address.description) }
        for route in device.routes { addresses.append(route.description) }
        let hidden = device.tags.count - limits.tags
        let (heard, rate) = (overview.heard(device), overview.rate(of: device))
        let href = "/devices/" + device.id
        id = device.id
        self.number = number
        self.isSelected = isSelected
        self.href = href
        name = device.name
        description = device.description.isEmpty ? "" : device.description.shortened(to: max(24, limits.text - device.name.scalarCount))
        tags = device.tags.prefix(limits.tags).map(TagLink.init)
        moreTags = hidden > 0 ? "+\(hidden)" : ""
        address = addresses.first ?? ""
        moreAddresses = .first(limits.addresses, of: Array(addresses.dropFirst()))
        state = DeviceState(of: device, defaults: overview.defaults, heard: heard, now: overview.now)
        age = heard?.relative(to: overview.now) ?? ""
        down = rate?.downPhrase ?? ""
        up = rate?.upPhrase ?? ""
        line = Sparkline(ring, now: overview.now)
        var marks: [MarkLink] = []
        for mark in DeviceMark.allCases where mark.isOn(device, overview) {
            marks.append(
                MarkLink(
                    mark: mark, rule: OutdatedFile(of: device).map { mark == .oldFile ? $0.sentence : mark.rule } ?? mark.rule,
                    href: href + (mark == .oldFile ? "#file" : "")))
        }
        self.marks = marks
    }

    /// A tag that links to the devices with it.
    private struct TagLink: TemplateModel {
        let tag: Tag

        static var fields: [TemplateField<TagLink>] {
            [.text("word", \.tag.description), .text("href") { PageAddress("").with("tag", $0.tag.description).text }]
        }
    }

    private struct MarkLink: TemplateModel {
        let mark: DeviceMark
        /// What the mark says about this device.
        let rule: Phrase
        let href: String

        static var fields: [TemplateField<MarkLink>] { [.phrase("word", \.mark.word), .phrase("rule", \.rule), .text("href", \.href)] }
    }
}
