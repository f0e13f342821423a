// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store

/// The list of devices.
struct DevicesPage {
    static let page = Page(
        "devices",
        """
        endpoint_notice none_at_all query sort count any_rows all_label all_selected fields[name value]
        states[value label selected] any_tags tags[value label selected] columns[href label order number] legend[state{key word rule}] marks[mark{key word rule}]
        pages{previous next numbers[label href current]}
        rows[id selected href name description tags[word href] address more_addresses state{key word rule} age down up line{points label} marks[word rule href] hint]
        """)

    static let rowsPerPage = 50

    let view: DeviceView
    let overview: Overview
    /// All of the view.
    private let matching: [Device]
    private let paging: Paging

    init(view: DeviceView, overview: Overview, search: DeviceSearch) {
        self.view = view
        self.overview = overview
        matching = view.devices(of: overview, search)
        paging = Paging(count: matching.count, perPage: Self.rowsPerPage, number: view.number)
    }

    /// Those on this page.
    var shown: ArraySlice<Device> { matching[paging.range] }

    /// `rings` holds the last hour of those that are shown.
    func values(_ rings: [String: TrafficRing]) -> [String: TemplateValue] {
        let total = overview.devices.count
        let all: Phrase = .counting(total, "\(Amount.count(total)) device | \(Amount.count(total)) devices")
        let tags = Set(overview.devices.lazy.flatMap(\.tags)).sorted()
        return [
            "endpoint_notice": overview.endpointNotice, "none_at_all": .flag(total == 0), "query": .text(view.search),
            "sort": .text(view.sort ?? ""), "fields": .list(view.fields.map { ["name": .text($0.name), "value": .text($0.value)] }),
            "count": .phrase(matching.count == total ? all : "\(Amount.count(matching.count)) of \(all)"),
            "any_rows": .flag(!matching.isEmpty),
            "all_label": .phrase(matching.count > shown.count ? "All \(Amount.count(matching.count)) of this view" : ""),
            "all_selected": .flag(view.isAllSelected), "legend": DeviceState.legend, "marks": DeviceMark.legend,
            "pages": paging.value { view.link(toPage: $0).text },
            "states": .list(
                DeviceView.Filter.all.map { ["value": .text($0.name), "label": .phrase($0.label), "selected": .flag($0 == view.filter)] }),
            "any_tags": .flag(!tags.isEmpty),
            "tags": .list(tags.map { ["value": .text($0.description), "label": .phrase("Tag: \($0)"), "selected": .flag($0 == view.tag)] }),
            "columns": .list(DeviceView.Column.allCases.map(heading)), "rows": .list(shown.map { row($0, rings[$0.id]) }),
        ]
    }

    private func row(_ device: Device, _ ring: TrafficRing?) -> TemplateValue {
        let sight = overview.sight(of: device)
        let addresses = [device.ipv4, device.ipv6].compactMap { $0?.description } + device.routes.map(\.description)
        let href = "/devices/\(device.id)"
        let marks = DeviceMark.allCases.filter { $0.isOn(device, overview) }
        return [
            "id": .text(device.id), "selected": .flag(view.selected.contains(device.id)), "href": .text(href), "name": .text(device.name),
            "description": .text(device.description),
            "tags": .list(
                device.tags.map { ["word": .text($0.description), "href": .text(Link("/devices").with("tag", $0.description).text)] }),
            "address": .text(addresses.first ?? ""), "more_addresses": .text(addresses.dropFirst().joined(separator: ", ")),
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
