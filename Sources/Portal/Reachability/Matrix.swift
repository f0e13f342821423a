// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The grid of names by names: a window of it where there are many, filtered by name and tag, with every one-sided link named above it.
struct Matrix {
    static let shape: TemplateShape = """
        matrix{query tag_filter{tags[tag selected] typed{value}} only names[name short] rows[name href cells[href title shape]] none_match count
            row_pages{pages{name previous next numbers[label href current]}} column_pages{pages{name previous next numbers[label href current]}}}
        one_sided{rows[text href] more unknown}
        """

    /// Names in each direction at once; more make a page that is neither light nor readable.
    static let window = 16
    /// Pairs that are looked at to find the one-sided ones.
    private static let searchedPairs = 60_000
    private static let namedLinks = 12
    /// Characters of a name in the reason of a cell; row and column have the whole.
    private static let cellName = 20

    private let query: (String) -> String?
    private let tag: Tag?
    private let isOnlyOneSided: Bool
    private let tags: [Tag]
    private let reachability: Reachability
    private let matching: [Device]
    /// Nil where the pairs are too many.
    private let oneSided: [Effect.Pair]?

    init(_ overview: Overview, query: @escaping (String) -> String?) {
        self.query = query
        reachability = overview.reachability
        tag = query("tag").flatMap { Tag($0) }
        isOnlyOneSided = query("only") == "one-sided"
        tags = overview.index.tags
        let (wanted, tag) = (FoldedText(query("q") ?? ""), tag)
        let found = overview.devices.filter { (tag.map($0.tags.contains) ?? true) && (wanted.isEmpty || wanted.isPart(of: $0.name)) }
        oneSided = Self.oneSided(found, reachability)
        let concerned = Set((oneSided ?? []).flatMap { [$0.first.id, $0.second.id] })
        matching = isOnlyOneSided && oneSided != nil ? found.filter { concerned.contains($0.id) } : found
    }

    var values: [String: TemplateValue] {
        let rows = Paging(count: matching.count, perPage: Self.window, number: query("rows").flatMap(Entry.number) ?? 1)
        let columns = Paging(count: matching.count, perPage: Self.window, number: query("columns").flatMap(Entry.number) ?? 1)
        let across = matching[columns.range]
        let matrix: TemplateValue = [
            "query": .text(query("q") ?? ""), "only": .flag(isOnlyOneSided),
            "names": .list(across.map { ["name": .text($0.name), "short": .text($0.name.shortenedInside(to: Self.cellName))] }),
            "tag_filter": .optional(TagFilter(tags, chosen: tag)?.value),
            "rows": .list(
                matching[rows.range].map { row in
                    ["name": .text(row.name), "href": .text("/devices/\(row.id)"), "cells": .list(across.map { cell(row, $0) })]
                }),
            "none_match": .flag(matching.isEmpty),
            "count": .phrase(.counting(matching.count, "\(Amount.count(matching.count)) device | \(Amount.count(matching.count)) devices")),
            "row_pages": Self.pages(rows.value(named: "Rows") { link("rows", $0) }),
            "column_pages": Self.pages(columns.value(named: "Columns") { link("columns", $0) }),
        ]
        return ["matrix": matrix, "one_sided": list]
    }

    private static func pages(_ pages: TemplateValue) -> TemplateValue { pages.isTrue ? ["pages": pages] : false }

    private func link(_ name: String, _ page: Int) -> String {
        ["q", "tag", "only", "rows", "columns"].reduce(Link("/reachability")) { $0.with($1, query($1)) }.with(name, String(page)).text
    }

    /// What somebody came to mend: each with the action that does.
    private var list: TemplateValue {
        guard let oneSided else { return ["rows": [], "more": "", "unknown": true] }
        guard !oneSided.isEmpty else { return false }
        let more = oneSided.count - Self.namedLinks
        return [
            "rows": .list(
                oneSided.prefix(Self.namedLinks).map {
                    [
                        "text": .phrase(
                            "\($0.first.name) lists \($0.second.name), but \($0.second.name) does not list \($0.first.name): nothing passes."),
                        "href": .text(Link("/links").with("a", $0.first.name).with("b", $0.second.name).text),
                    ]
                }),
            "more": .phrase(more > 0 ? .counting(more, "and \(Amount.count(more)) more | and \(Amount.count(more)) more") : ""), "unknown": false,
        ]
    }

    private func cell(_ row: Device, _ column: Device) -> TemplateValue {
        guard row.id != column.id else { return ["href": "", "title": "", "shape": "self"] }
        return [
            "href": .text(Link("").with("from", row.id).with("to", column.id).text),
            "title": .phrase(reachability.reason(row, column, namesTo: Self.cellName)),
            "shape": .text(reachability.relation(row, column).rawValue),
        ]
    }

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
