// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Templates
import Words

/// The grid of all pairs of devices. A large hub shows one window of it, filtered by name and tag. All one-sided links are listed above the grid.
struct Matrix: TemplateModel {
    static var fields: [TemplateField<Matrix>] {
        [
            .text("query") { $0.query("q") ?? "" }, .flag("only", \.isOnlyOneSided), .optional("tag_filter") { TagFilter($0.tags, chosen: $0.tag) },
            .list("names") { $0.across.map(Name.init) }, .list("rows") { matrix in matrix.matching[matrix.rows.range].map(matrix.row) },
            .flag("none_match", \.matching.isEmpty),
            .phrase("count") { matrix in
                let count = matrix.matching.count
                return .counting(count, "\(Amount.count(count)) device | \(Amount.count(count)) devices")
            },
            .optional("row_pages") { matrix in matrix.rows.links(named: "Rows") { matrix.link("rows", $0) }.map(Pages.init) },
            .optional("column_pages") { matrix in matrix.columns.links(named: "Columns") { matrix.link("columns", $0) }.map(Pages.init) },
        ]
    }

    /// The most names in each direction. A larger grid would make the page heavy and hard to read.
    static let window = 16
    /// The most pairs to check for one-sided links.
    private static let searchedPairs = 60_000
    /// The most characters of a name in the reason of a cell. The row and column headings have the full name.
    private static let cellName = 20

    private let query: (String) -> String?
    private let tag: Tag?
    private let isOnlyOneSided: Bool
    private let tags: [Tag]
    private let reachability: Reachability
    private let matching: [Device]
    private let rows: Paging
    private let columns: Paging
    /// The one-sided links, which are what people come here to repair; nil if there are none.
    let oneSided: OneSidedLinks?

    init(_ overview: Overview, query: @escaping (String) -> String?) {
        self.query = query
        reachability = overview.reachability
        tag = query("tag").flatMap { Tag($0) }
        isOnlyOneSided = query("only") == "one-sided"
        tags = overview.index.tags
        let (wanted, tag) = (FoldedText(query("q") ?? ""), tag)
        let found = overview.devices.filter { (tag.map($0.tags.contains) ?? true) && (wanted.isEmpty || wanted.isPart(of: $0.name)) }
        let pairs = Self.oneSided(found, reachability)
        oneSided = pairs?.isEmpty == true ? nil : OneSidedLinks(pairs: pairs)
        let concerned = Set((pairs ?? []).flatMap { [$0.first.id, $0.second.id] })
        matching = isOnlyOneSided && pairs != nil ? found.filter { concerned.contains($0.id) } : found
        rows = Paging(count: matching.count, perPage: Self.window, number: query("rows").flatMap(Entry.number) ?? 1)
        columns = Paging(count: matching.count, perPage: Self.window, number: query("columns").flatMap(Entry.number) ?? 1)
    }

    private var across: ArraySlice<Device> { matching[columns.range] }

    private func link(_ name: String, _ page: Int) -> String {
        ["q", "tag", "only", "rows", "columns"].reduce(PageAddress("/reachability")) { $0.with($1, query($1)) }.with(name, String(page)).text
    }

    private func row(_ device: Device) -> Row {
        Row(device: device, cells: across.map { Cell(row: device, column: $0, reachability: reachability) })
    }

    private struct Name: TemplateModel {
        let device: Device

        static var fields: [TemplateField<Name>] { [.text("name", \.device.name), .text("short") { $0.device.name.shortenedInside(to: cellName) }] }
    }

    private struct Row: TemplateModel {
        let device: Device
        let cells: [Cell]

        static var fields: [TemplateField<Row>] {
            [.text("name", \.device.name), .text("href") { "/devices/\($0.device.id)" }, .list("cells", \.cells)]
        }
    }

    /// Empty for a device and itself.
    private struct Cell: TemplateModel {
        let row: Device
        let column: Device
        let reachability: Reachability

        static var fields: [TemplateField<Cell>] {
            [
                .text("href") { $0.isSelf ? "" : PageAddress("").with("from", $0.row.id).with("to", $0.column.id).text },
                .phrase("title") { $0.isSelf ? "" : $0.reachability.reason($0.row, $0.column, namesTo: cellName) },
                .text("shape") { $0.isSelf ? "self" : $0.reachability.relation($0.row, $0.column).rawValue },
            ]
        }

        private var isSelf: Bool { row.id == column.id }
    }

    private struct Pages: TemplateModel {
        let pages: PageLinks

        static var fields: [TemplateField<Pages>] { [.object("pages", \.pages)] }
    }

    /// Nil if there are too many pairs.
    private static func oneSided(_ devices: [Device], _ reachability: Reachability) -> [Effect.Pair]? {
        guard devices.count * devices.count / 2 <= searchedPairs else { return nil }
        var pairs: [Effect.Pair] = []
        for (place, device) in devices.enumerated() {
            for other in devices[(place + 1)...] {
                switch reachability.relation(device, other) {
                case .out: pairs.append(Effect.Pair(first: device, second: other))
                case .in: pairs.append(Effect.Pair(first: other, second: device))
                case .both, .none: break
                }
            }
        }
        return pairs
    }
}

/// The one-sided links among the devices of the matrix, each with the action that repairs it.
struct OneSidedLinks: TemplateModel {
    private static let maximumNamed = 12

    /// Nil if there are too many pairs to check.
    fileprivate let pairs: [Effect.Pair]?

    static var fields: [TemplateField<OneSidedLinks>] {
        [.list("rows") { ($0.pairs ?? []).prefix(maximumNamed).map(Row.init) }, .phrase("more", \.more), .flag("unknown") { $0.pairs == nil }]
    }

    private var more: Phrase {
        let more = (pairs?.count ?? 0) - Self.maximumNamed
        return more > 0 ? .counting(more, "and \(Amount.count(more)) more | and \(Amount.count(more)) more") : ""
    }

    private struct Row: TemplateModel {
        let pair: Effect.Pair

        static var fields: [TemplateField<Row>] {
            [
                .phrase("text") {
                    "\($0.pair.first.name) lists \($0.pair.second.name), but \($0.pair.second.name) does not list \($0.pair.first.name): nothing passes."
                },
                .text("href") { PageAddress("/links").with("a", $0.pair.first.name).with("b", $0.pair.second.name).text },
            ]
        }
    }
}
