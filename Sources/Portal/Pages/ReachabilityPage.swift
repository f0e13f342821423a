// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store

/// The matrix of all pairs, and the doctor for one.
struct ReachabilityPage {
    static let page = Page(
        "reachability",
        """
        empty pair{from_options[value label selected] to_options[value label selected]}
        doctor{shape verdict checks[result result_word first name detail mend mend_label] reverse from to tested}
        matrix{query names[] rows[name href cells[href title shape]] more}
        """)

    /// More names than this do not make a readable grid; a search narrows it.
    static let maximumNames = 40

    let overview: Overview
    let from: String?
    let to: String?
    let search: String
    /// What came of probes between the two that were just made.
    var test: LinkTest?

    var values: [String: TemplateValue] {
        let reachability = overview.reachability
        let devices = overview.devices
        return [
            "empty": .flag(devices.count < 2),
            "pair": devices.count < 2 ? false : ["from_options": options(from), "to_options": options(to ?? devices.dropFirst().first?.id)],
            "doctor": doctor(reachability), "matrix": devices.count < 2 ? false : matrix(reachability),
        ]
    }

    private func options(_ selected: String?) -> TemplateValue {
        .list(overview.devices.map { ["value": .text($0.id), "label": .text($0.name), "selected": .flag($0.id == selected)] })
    }

    private func doctor(_ reachability: Reachability) -> TemplateValue {
        guard let from = from.flatMap({ overview.index[$0] }), let to = to.flatMap({ overview.index[$0] }), from.id != to.id
        else { return false }
        let doctor = Doctor(from: from, to: to, in: overview, reachability, test: test)
        let first = doctor.firstFailure
        return [
            "shape": doctor.reaches ? "both" : "none",
            "verdict": .phrase(
                doctor.reaches
                    ? (first == nil ? "\(from.name) reaches \(to.name)" : "The hub lets \(from.name) reach \(to.name), but something else is missing")
                    : "\(from.name) does not reach \(to.name)"),
            "checks": .list(
                doctor.checks.map { check in
                    let (mend, label) = Self.remedy(check.remedy, overview.devices)
                    return [
                        "result": check.ok.map { $0 ? "passed" : "failed" } ?? "skipped",
                        "result_word": .phrase(check.ok.map { $0 ? "passed" : "failed" } ?? "skipped"), "first": .flag(check == first),
                        "name": .phrase(check.title),
                        "detail": .phrase(check.detail), "mend": .text(mend), "mend_label": .phrase(label),
                    ]
                }),
            "reverse": .text(Link("/reachability").with("from", to.id).with("to", from.id).text), "from": .text(from.id), "to": .text(to.id),
            "tested": .phrase(test.flatMap(Self.sum) ?? ""),
        ]
    }

    /// The way of a ping from one to the other: both halves together, as far as the first family that answered on both sides.
    private static func sum(_ test: LinkTest) -> Phrase? {
        for isV4 in [true, false] {
            let times = test.results.filter { $0.echo.source.isV4 == isV4 }.compactMap(\.outcome.roundTrip)
            if times.count == 2 { return "A ping between them takes about \(Amount.milliseconds(times[0] + times[1])), through the hub." }
        }
        return nil
    }

    private static func remedy(_ remedy: Doctor.Check.Remedy?, _ devices: [Device]) -> (href: String, label: Phrase) {
        switch remedy {
        case .edit(let id, let field): ("/settings/\(id)/edit#\(field)", "Edit \(devices.first { $0.id == id }?.name ?? "it")")
        case .file(let id): ("/devices/\(id)?show=file#file", "Show the file of \(devices.first { $0.id == id }?.name ?? "it")")
        case .status: ("/status", "Look at the status")
        case nil: ("", "")
        }
    }

    private func matrix(_ reachability: Reachability) -> TemplateValue {
        let wanted = FoldedText(search)
        let matching = overview.devices.filter { wanted.isEmpty || wanted.isPart(of: $0.name) }
        let shown = Array(matching.prefix(Self.maximumNames))
        return [
            "query": .text(search), "names": .list(shown.map { .text($0.name) }),
            "rows": .list(
                shown.map { row in
                    ["name": .text(row.name), "href": .text("/devices/\(row.id)"), "cells": .list(shown.map { cell(row, $0, reachability) })]
                }),
            "more": .phrase(
                matching.count > shown.count
                    ? "The first \(shown.count) of \(Amount.count(matching.count)) devices by name. Search to see others." : ""),
        ]
    }

    private func cell(_ row: Device, _ column: Device, _ reachability: Reachability) -> TemplateValue {
        guard row.id != column.id else { return ["href": "", "title": "", "shape": "self"] }
        let relation = reachability.relation(row, column)
        let title: Phrase =
            switch relation {
            case .both: "\(row.name) and \(column.name) reach each other"
            case .out: "one-sided: \(column.name) does not list \(row.name)"
            case .in: "one-sided: \(row.name) does not list \(column.name)"
            case .none: "\(row.name) and \(column.name) do not reach each other"
            }
        return [
            "href": .text(Link("/reachability").with("from", row.id).with("to", column.id).text), "title": .phrase(title),
            "shape": .text(relation.rawValue),
        ]
    }
}
