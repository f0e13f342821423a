// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Store

/// The list of devices. A view – search, state, order, page – is its URL.
struct DevicesPage {
    static let page = Page(
        "devices",
        """
        endpoint_notice none_at_all query sort count any_rows
        states[value label selected] columns[href label order number] legend[state{key word rule}]
        pages{previous next numbers[label href current]}
        rows[id href name description address state{key word rule} age down up stale_file hint]
        """)

    static let rowsPerPage = 50

    enum Column: String, CaseIterable {
        case name, address, state, seen, rate

        var label: String {
            switch self {
            case .name: "Name"
            case .address: "Address"
            case .state: "State"
            case .seen: "Heard from"
            case .rate: "Rate"
            }
        }
    }

    let search: String
    let state: DeviceState?
    let column: Column
    let isDescending: Bool
    let number: Int

    /// What the query asks for; anything it does not know is the default.
    init(query: (String) -> String?) {
        search = query("q") ?? ""
        state = query("state").flatMap(DeviceState.init(rawValue:))
        let sort = query("sort") ?? ""
        isDescending = sort.hasPrefix("-")
        column = Column(rawValue: isDescending ? String(sort.dropFirst()) : sort) ?? .name
        number = max(1, query("page").flatMap(Entry.number) ?? 1)
    }

    func values(_ overview: Overview) -> [String: TemplateValue] {
        let matching = sights(overview)
        let paging = Paging(count: matching.count, perPage: Self.rowsPerPage, number: number)
        let total = overview.devices.count
        return [
            "endpoint_notice": overview.endpointNotice, "none_at_all": .flag(total == 0), "query": .text(search), "sort": .text(sort ?? ""),
            "count": .text(
                matching.count == total ? Amount.of(total, "device") : "\(Amount.count(matching.count)) of \(Amount.of(total, "device"))"),
            "any_rows": .flag(!matching.isEmpty), "legend": DeviceState.legend, "pages": paging.value(link),
            "states": .list(
                DeviceState.allCases.map { ["value": .text($0.rawValue), "label": .text("State: \($0.word)"), "selected": .flag($0 == state)] }),
            "columns": .list(Column.allCases.map(heading)), "rows": .list(matching[paging.range].map(row)),
        ]
    }

    private func sights(_ overview: Overview) -> [DeviceSight] {
        let wanted = FoldedText(search)
        let sights = overview.devices.map(overview.sight).filter { sight in
            (state == nil || sight.state == state) && (wanted.isEmpty || Self.texts(of: sight.device).contains { wanted.isPart(of: $0) })
        }
        guard column != .name else { return isDescending ? sights.reversed() : sights }
        // Equal rows keep the order of their names.
        let sorted = sights.enumerated().sorted { a, b in
            let (first, second) = isDescending ? (b.element, a.element) : (a.element, b.element)
            if Self.comes(first, before: second, by: column) { return true }
            return !Self.comes(second, before: first, by: column) && a.offset < b.offset
        }
        return sorted.map(\.element)
    }

    private static func comes(_ a: DeviceSight, before b: DeviceSight, by column: Column) -> Bool {
        switch column {
        case .name: false
        case .address: (a.device.ipv4 ?? a.device.ipv6 ?? .v4(.any)) < (b.device.ipv4 ?? b.device.ipv6 ?? .v4(.any))
        case .state: index(a.state) < index(b.state)
        case .seen: (a.heard?.seconds ?? .min) < (b.heard?.seconds ?? .min)
        case .rate: (a.rate.map { $0.down + $0.up } ?? 0) < (b.rate.map { $0.down + $0.up } ?? 0)
        }
    }

    private static func index(_ state: DeviceState) -> Int { DeviceState.allCases.firstIndex(of: state) ?? 0 }

    private static func texts(of device: Device) -> [String] {
        [device.name, device.description, device.publicKey.base64] + device.ownedPrefixes.map(\.description)
    }

    private func row(_ sight: DeviceSight) -> TemplateValue {
        let device = sight.device
        return [
            "id": .text(device.id), "href": .text("/devices/\(device.id)"), "name": .text(device.name), "description": .text(device.description),
            "address": .text((device.ipv4 ?? device.ipv6)?.description ?? ""), "state": sight.state.value, "age": .text(sight.age),
            "down": .text(sight.down), "up": .text(sight.up), "stale_file": .flag(device.isConfigStale),
            "hint": .text(sight.state == .neverSeen ? "how to connect it" : ""),
        ]
    }

    private var sort: String? { column == .name && !isDescending ? nil : (isDescending ? "-" : "") + column.rawValue }

    private var view: Link { Link("/devices").with("q", search).with("state", state?.rawValue).with("sort", sort) }

    private func link(_ number: Int) -> String { view.with("page", number == 1 ? nil : String(number)).text }

    /// The columns of state and traffic begin with their most interesting end.
    private func heading(_ column: Column) -> TemplateValue {
        let isCurrent = column == self.column
        let startsDescending = column == .seen || column == .rate
        let descends = isCurrent ? !isDescending : startsDescending
        let target = column == .name && !descends ? nil : (descends ? "-" : "") + column.rawValue
        return [
            "href": .text(view.with("sort", target).text), "label": .text(column.label),
            "order": .text(isCurrent ? (isDescending ? "descending" : "ascending") : ""), "number": .flag(column == .rate),
        ]
    }
}
