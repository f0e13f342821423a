// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// A view of the device list (search, filter, order, page), read from the query of its URL.
struct DeviceView {
    /// The names allowed in the query, and in a form that carries a view.
    static let names: Set<String> = ["q", "state", "tag", "sort", "page", "columns"]

    /// A filter of the list: a state, or one of the marks.
    enum Filter: Hashable {
        case state(DeviceState)
        case mark(DeviceMark)

        static let all = DeviceState.allCases.map(Filter.state) + DeviceMark.allCases.map(Filter.mark)

        var name: String {
            switch self {
            case .state(let state): state.rawValue
            case .mark(let mark): mark.rawValue
            }
        }

        var word: Phrase {
            switch self {
            case .state(let state): state.word
            case .mark(let mark): mark.word
            }
        }
    }

    enum Column: String, CaseIterable {
        case name, address, state, seen, rate

        var label: Phrase {
            switch self {
            case .name: "Name"
            case .address: "Address"
            case .state: "State"
            case .seen: "Heard from"
            case .rate: "Rate"
            }
        }

        /// Columns of time and traffic start with the latest or largest value.
        var startsDescending: Bool { self == .seen || self == .rate }
    }

    /// Columns that are shown only if asked for.
    enum ExtraColumn: String, CaseIterable {
        case ipv6, endpoint, traffic, created

        var label: Phrase {
            switch self {
            case .ipv6: "IPv6"
            case .endpoint: "Endpoint"
            case .traffic: "Traffic of 30 days"
            case .created: "Added"
            }
        }

        /// Reads the form in URLs and in the cookie: names with dots between them. Ignores unknown names.
        static func read(_ text: String) -> [ExtraColumn] {
            let names = Set(text.split(separator: ".").map(String.init))
            return allCases.filter { names.contains($0.rawValue) }
        }

        static func text(_ columns: [ExtraColumn]) -> String { columns.isEmpty ? "none" : columns.map(\.rawValue).joined(separator: ".") }
    }

    let search: String
    let filter: Filter?
    let tag: Tag?
    let column: Column
    let isDescending: Bool
    let number: Int
    /// The columns that the URL asks for; nil if it does not say.
    let columns: [ExtraColumn]?
    /// Ticked boxes, restored after a form had to wait for a confirmation.
    let selected: Set<String>
    let isAllSelected: Bool

    /// Unknown values give the default.
    init(query: (String) -> String?) {
        search = query("q") ?? ""
        filter = query("state").flatMap { name in Filter.all.first { $0.name == name } }
        tag = query("tag").flatMap { Tag($0) }
        let sort = query("sort") ?? ""
        isDescending = sort.hasPrefix("-")
        column = Column(rawValue: isDescending ? String(sort.dropFirst()) : sort) ?? .name
        number = max(1, query("page").flatMap(Entry.number) ?? 1)
        columns = query("columns").flatMap { $0.isEmpty ? nil : ExtraColumn.read($0) }
        let selection = query("selected") ?? ""
        isAllSelected = selection == "all"
        selected = Set(selection.split(separator: ",").map(String.init))
    }

    /// True if the view leaves out no device.
    var isEverything: Bool { search.isEmpty && filter == nil && tag == nil }

    /// The value for the query; nil for the default order.
    var sort: String? { column == .name && !isDescending ? nil : (isDescending ? "-" : "") + column.rawValue }

    /// The URL of the view, without the page.
    var link: PageAddress {
        PageAddress("/devices").with("q", search).with("state", filter?.name).with("tag", tag?.description).with("sort", sort).with(
            "columns", columns.map(ExtraColumn.text))
    }

    /// The view with another filter; without one, all devices.
    func link(filteredBy filter: Filter?) -> PageAddress { link.with("state", filter?.name) }

    func link(toPage number: Int) -> PageAddress { link.with("page", number == 1 ? nil : String(number)) }

    /// The view sorted by a column, or in reverse if it is already sorted by that column.
    func link(sortedBy column: Column) -> PageAddress {
        let descends = column == self.column ? !isDescending : column.startsDescending
        return link.with("sort", column == .name && !descends ? nil : (descends ? "-" : "") + column.rawValue)
    }

    /// The view as hidden fields of a form.
    var fields: [HiddenField] {
        [
            ("q", search), ("state", filter?.name ?? ""), ("tag", tag?.description ?? ""), ("sort", sort ?? ""),
            ("columns", columns.map(ExtraColumn.text) ?? ""),
        ]
        .filter { !$0.1.isEmpty }.map(HiddenField.init)
    }

    /// All devices of the view, in its order.
    func devices(of overview: Overview, _ search: DeviceSearch) -> [Device] { places(in: overview, search).map { overview.devices[$0] } }

    /// Their positions in the list of devices. Computes only what the view needs, and copies no device.
    func places(in overview: Overview, _ search: DeviceSearch) -> [Int] {
        let devices = overview.devices
        var places = Array(devices.indices)
        let wanted = FoldedText(self.search)
        if !wanted.isEmpty { places = zip(places, search.matches(wanted, in: overview.index)).filter(\.1).map(\.0) }
        if let tag { places.removeAll { !devices[$0].tags.contains(tag) } }
        switch filter {
        case .state(let state): places.removeAll { overview.state(of: devices[$0]) != state }
        case .mark(let mark): places.removeAll { !mark.isOn(devices[$0], overview) }
        case nil: break
        }
        switch column {
        case .name: return isDescending ? places.reversed() : places
        case .address: return sorted(places) { devices[$0].ipv4 ?? devices[$0].ipv6 ?? .v4(.any) }
        case .state: return sorted(places) { DeviceState.allCases.firstIndex(of: overview.state(of: devices[$0])) ?? 0 }
        case .seen: return sorted(places) { overview.heard(devices[$0])?.seconds ?? .min }
        case .rate:
            let rates = overview.allRates
            return sorted(places) { rates[devices[$0].publicKey].map { $0.down + $0.up } ?? 0 }
        }
    }

    /// Rows with equal keys stay in order of their names.
    private func sorted<Key: Comparable>(_ places: [Int], by key: (Int) -> Key) -> [Int] {
        let rows = places.map { (place: $0, key: key($0)) }.sorted { a, b in
            if a.key != b.key { return isDescending ? b.key < a.key : a.key < b.key }
            return a.place < b.place
        }
        return rows.map(\.place)
    }
}
