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
            .list(
                "names", { Array($0.across) },
                [.text("id", \.id), .text("name", \.name), .text("short") { $0.name.shortenedInside(to: columnName) }]),
            .flag("wide") { $0.columns.range.count > roomyColumns },
            .list("rows") { matrix in matrix.matching[matrix.rows.range].map(matrix.row) },
            .flag("none_match", \.matching.isEmpty), .flag("any_rules", \.reachability.hasRules),
            .phrase("count") { matrix in
                let count = matrix.matching.count
                return .counting(count, "\(Amount.count(count)) device | \(Amount.count(count)) devices")
            },
            .optional("row_pages", { matrix in matrix.rows.links(named: "Rows") { matrix.link("rows", $0) } }, [.object("pages") { $0 }]),
            .optional("column_pages", { matrix in matrix.columns.links(named: "Columns") { matrix.link("columns", $0) } }, [.object("pages") { $0 }]),
        ]
    }

    /// The most names in each direction: as many as fit on a screen of 1280 pixels.
    static let window = 40
    /// With more columns than this, cells are narrower.
    private static let roomyColumns = 30
    /// The most characters of a name above a column. Its title has the full name.
    private static let columnName = 20

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
        let isWhole = tag == nil && wanted.isEmpty
        let found =
            isWhole
            ? overview.devices
            : overview.devices.filter { (tag.map($0.tags.contains) ?? true) && (wanted.isEmpty || wanted.isPart(of: $0.name)) }
        let search = isWhole ? overview.oneSidedLinks : OneSidedSearch(found, overview.reachability)
        oneSided = search?.count == 0 ? nil : OneSidedLinks(search)
        matching = isOnlyOneSided ? search.map { $0.concerned.map { found[$0] } } ?? found : found
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

    private struct Row: TemplateModel {
        let device: Device
        let cells: [Cell]

        static var fields: [TemplateField<Row>] {
            [.text("name", \.device.name), .text("href") { "/devices/\($0.device.id)" }, .list("cells", \.cells)]
        }
    }

    /// A cell is only a shape: its panel has everything else. There are hundreds of cells, so each is a few bytes.
    private struct Cell: TemplateModel {
        let row: Device
        let column: Device
        let reachability: Reachability

        static var fields: [TemplateField<Cell>] { [.text("shape", \.shape)] }

        /// Empty, which is a dot, if neither lists the other or rules refuse everything.
        private var shape: String {
            guard row.id != column.id else { return "self" }
            let relation = reachability.relation(row, column)
            guard relation == .both, reachability.hasRules else { return relation == .none ? "" : relation.rawValue }
            return reachability.passing(row, column).shape
        }
    }
}

/// The one-sided links among the devices of the matrix, each with the action that repairs it.
struct OneSidedLinks: TemplateModel {
    private static let maximumNamed = 6

    private let pairs: [Effect.Pair]
    private let count: Int
    /// True if there are too many different lists to search.
    private let isUnknown: Bool

    fileprivate init(_ search: OneSidedSearch?) {
        pairs = search?.first(Self.maximumNamed) ?? []
        count = search?.count ?? 0
        isUnknown = search == nil
    }

    static var fields: [TemplateField<OneSidedLinks>] {
        [
            .list(
                "rows", \.pairs, [.phrase("text", \.whyNothingPasses), .text("href") { PageAddress.links($0.first.name, $0.second.name).text }]),
            .phrase("more", \.more), .flag("unknown", \.isUnknown),
        ]
    }

    private var more: Phrase {
        let more = count - pairs.count
        return more > 0 ? .counting(more, "and \(Amount.count(more)) more | and \(Amount.count(more)) more") : ""
    }
}

extension Passing {
    /// The shape of a linked pair in the matrix and in lists. Empty, which is a dot, if rules refuse everything.
    var shape: String {
        switch extent {
        case .all: "both"
        case .part: "some"
        case .nothing: ""
        }
    }
}
