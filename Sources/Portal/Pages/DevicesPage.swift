// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The list of devices.
struct DevicesPage {
    static let page = Page(
        "devices",
        TagFilter.shape.merging(
            """
            endpoint_notice none_at_all query sort count any_rows all_label all_selected fields[name value]
            states[value label selected] columns[href label order number] legend[state{key word rule}] marks[mark{key word rule}]
            pages{name previous next numbers[label href current]}
            rows[id number selected href name description tags[word href] more_tags address more_addresses state{key word rule} age down up line{points label} marks[word rule href] hint]
            """))

    static let rowsPerPage = 50
    /// Characters of name and description together, tags, and addresses besides the first that a row has room for; the device's page has all.
    private static let rowLimits = (text: 88, tags: 3, addresses: 3)

    let view: DeviceView
    let overview: Overview
    /// All of the view, by their places among the devices.
    private let matching: [Int]
    private let paging: Paging

    init(view: DeviceView, overview: Overview, search: DeviceSearch) {
        self.view = view
        self.overview = overview
        matching = view.places(in: overview, search)
        paging = Paging(count: matching.count, perPage: Self.rowsPerPage, number: view.number)
    }

    /// Those on this page.
    var shown: [Device] { matching[paging.range].map { overview.devices[$0] } }

    /// `rings` holds the last hour of those that are shown.
    func values(_ rings: [String: TrafficRing]) -> [String: TemplateValue] {
        let (total, shown) = (overview.devices.count, shown)
        let all: Phrase = .counting(total, "\(Amount.count(total)) device | \(Amount.count(total)) devices")
        return [
            "endpoint_notice": .phrase(overview.endpointNotice), "none_at_all": .flag(total == 0), "query": .text(view.search),
            "sort": .text(view.sort ?? ""), "fields": .list(view.fields.map { ["name": .text($0.name), "value": .text($0.value)] }),
            "count": .phrase(matching.count == total ? all : "\(Amount.count(matching.count)) of \(all)"),
            "any_rows": .flag(!matching.isEmpty),
            "all_label": .phrase(matching.count > shown.count ? "All \(Amount.count(matching.count)) of this view" : ""),
            "all_selected": .flag(view.isAllSelected), "legend": DeviceState.legend, "marks": DeviceMark.legend,
            "pages": paging.value { view.link(toPage: $0).text },
            "states": .list(
                DeviceView.Filter.all.map { ["value": .text($0.name), "label": .phrase($0.label), "selected": .flag($0 == view.filter)] }),
            "tag_filter": TagFilter.value(overview.index.tags, chosen: view.tag),
            "columns": .list(DeviceView.Column.allCases.map(heading)), "rows": .list(zip(1..., shown).map { row($1, number: $0, rings[$1.id]) }),
        ]
    }

    private func row(_ device: Device, number: Int, _ ring: TrafficRing?) -> TemplateValue {
        let sight = overview.sight(of: device)
        let addresses = [device.ipv4, device.ipv6].compactMap { $0?.description } + device.routes.map(\.description)
        let href = "/devices/\(device.id)"
        let marks = DeviceMark.allCases.filter { $0.isOn(device, overview) }
        return [
            "id": .text(device.id), "number": .number(number), "selected": .flag(view.selected.contains(device.id)), "href": .text(href),
            "name": .text(device.name),
            "description": .text(device.description.shortened(to: max(24, Self.rowLimits.text - device.name.count))),
            "tags": .list(
                device.tags.prefix(Self.rowLimits.tags).map {
                    ["word": .text($0.description), "href": .text(Link("").with("tag", $0.description).text)]
                }),
            "more_tags": .text(device.tags.count > Self.rowLimits.tags ? "+\(device.tags.count - Self.rowLimits.tags)" : ""),
            "address": .text(addresses.first ?? ""), "more_addresses": .phrase(.first(Self.rowLimits.addresses, of: Array(addresses.dropFirst()))),
            "state": sight.state.value, "age": .phrase(sight.age), "down": .phrase(sight.down), "up": .phrase(sight.up),
            "line": Sparkline.value(ring, now: overview.now),
            "marks": .list(
                marks.map { ["word": .phrase($0.word), "rule": .phrase($0.rule), "href": .text(href + ($0 == .oldFile ? "#file" : ""))] }),
            "hint": .phrase(sight.state == .neverSeen ? "how to connect it" : ""),
        ]
    }

    private func heading(_ column: DeviceView.Column) -> TemplateValue {
        let order = column == view.column ? (view.isDescending ? "descending" : "ascending") : ""
        return [
            "href": .text(view.link(sortedBy: column).text), "label": .phrase(column.label), "order": .text(order), "number": .flag(column == .rate),
        ]
    }
}
