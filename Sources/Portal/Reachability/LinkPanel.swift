// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The panel that opens on a cell of the matrix, or on a block of cells: who reaches whom and why, and what linking and unlinking would do.
struct LinkPanel: TemplateModel {
    static let template = Template<LinkPanel>("link_panel")

    static let routes: [Route<Handler>] = [Route(.get, "/reachability/panel", Handler(.viewer, show))]

    static var fields: [TemplateField<LinkPanel>] {
        [
            .phrase("heading", \.heading), .text("shape") { $0.only?.relation.rawValue ?? "" }, .phrase("state", \.state),
            .phrase("reason", \.reason), .text("a") { names($0.rows) }, .text("b") { names($0.columns) },
            .optional("link") { $0.link.map(Preview.init) }, .optional("unlink") { $0.unlink.map(Preview.init) },
            .phrase("left") { $0.timed?.left(now: $0.overview.now) ?? "" }, .text("timed") { $0.timed?.id ?? "" },
            .phrase("until") { panel in panel.timed.map { "until \($0.endsAt.minute) UTC" } ?? "" },
            .list("durations") { _ in TimedForm.options(Inputs([:]), withoutEnd: true).filter { $0.value != "until" } },
            .text("ask") { panel in
                panel.only.flatMap { $0.relation == .both ? nil : AskForLinkPage.address($0.row.name, $0.column.name) } ?? ""
            },
            .text("doctor") { $0.only.map { PageAddress.reachability(from: $0.row, to: $0.column).text } ?? "" }, .text("form", \.form),
        ]
    }

    private typealias Pair = (row: Device, column: Device, relation: Reachability.Relation)

    private let rows: [Device]
    private let columns: [Device]
    private let pairs: [Pair]
    private let overview: Overview
    /// The timed link of the only pair; nil if it has none.
    private let timed: TimedLink?
    /// What the actions would do. Nil if an action would change nothing or is not possible.
    private let link: Effect?
    private let unlink: Effect?

    /// `effect` returns what linking, or with true unlinking, the two sides would do; nil to offer neither.
    init(
        _ rows: [Device], _ columns: [Device], _ overview: Overview, timed: [TimedLink], effect: (_ isUnlink: Bool) throws -> Effect?
    ) rethrows {
        let reachability = overview.reachability
        self.rows = rows
        self.columns = columns
        self.overview = overview
        var seen: Set<Set<String>> = []
        pairs = rows.flatMap { row in
            columns.compactMap { column in
                guard row.id != column.id, seen.insert([row.id, column.id]).inserted else { return nil }
                return (row, column, reachability.relation(row, column))
            }
        }
        self.timed = pairs.count == 1 ? timed.first { $0.joins(rows[0].id, columns[0].id) } : nil
        link = pairs.allSatisfy { $0.relation == .both } ? nil : try effect(false)
        unlink = pairs.allSatisfy { $0.relation == .none } ? nil : try effect(true)
    }

    /// `from` and `to` hold the ids of the rows and columns, with commas between them.
    private static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let sides = ["from", "to"].map { name in
            (visit.request.query[name] ?? "").split(separator: ",").prefix(Matrix.window).compactMap { overview.index[String($0)] }
        }
        guard !sides[0].isEmpty, !sides[1].isEmpty else { throw HTTPError(.notFound, "There is no such device. It may have been removed.") }
        let panel = try LinkPanel(sides[0], sides[1], overview, timed: visit.read { try $0.timedLinks() }) { isUnlink in
            guard visit.mayChange else { return nil }
            var inputs = Inputs(["a": names(sides[0]), "b": names(sides[1]), "do": isUnlink ? "unlink" : "link"])
            do {
                return try visit.effect(of: try visit.draft { try LinkForm.link(&inputs, $0, now: visit.now) }, on: overview)
            } catch is Inputs.Refused { return nil }
        }
        return try visit.page(template, panel)
    }

    private static func names(_ devices: [Device]) -> String { devices.map(\.name).joined(separator: ", ") }

    /// The pair, if there is only one.
    private var only: Pair? { pairs.count == 1 ? pairs[0] : nil }

    private var heading: Phrase {
        guard let only else { return .counting(pairs.count, "\(Amount.count(pairs.count)) pair | \(Amount.count(pairs.count)) pairs") }
        return "\(only.row.name) and \(only.column.name)"
    }

    private var state: Phrase {
        switch only?.relation {
        case .some(.both): return "both ways"
        case .some(.out), .some(.in): return "one-sided"
        case .some(.none): return "nothing passes"
        case nil: break
        }
        let count = { (wanted: Set<Reachability.Relation>) in pairs.count { wanted.contains($0.relation) } }
        let (both, oneSided, none) = (count([.both]), count([.out, .in]), count([Reachability.Relation.none]))
        return "\(Amount.count(both)) both ways, \(Amount.count(oneSided)) one-sided, \(Amount.count(none)) without a link"
    }

    private var reason: Phrase { only.map { overview.reachability.reason($0.row, $0.column) } ?? "" }

    /// The page with more options, filled in.
    private var form: String { pairs.isEmpty ? "" : PageAddress.links(Self.names(rows), Self.names(columns)).text }

    /// The effect of an action: first the links, then the lists that it edits, which are folded.
    private struct Preview: TemplateModel {
        let effect: Effect

        static var fields: [TemplateField<Preview>] {
            [
                .list("lines") { preview in preview.effect.lines.filter { $0.kind != .change }.map(Effect.SectionLine.init) },
                .list("changes") { preview in preview.effect.lines.filter { $0.kind == .change }.map(Effect.SectionLine.init) },
                .flag("any_changes") { preview in preview.effect.lines.contains { $0.kind == .change } },
            ]
        }
    }
}
