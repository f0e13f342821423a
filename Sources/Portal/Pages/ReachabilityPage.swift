// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Store

/// The matrix of all pairs, and the doctor for one.
struct ReachabilityPage {
    static let page = Page(
        "reachability",
        """
        empty pair{from_options[value label selected] to_options[value label selected]}
        doctor{shape verdict checks[result first name detail mend mend_label] reverse}
        matrix{query names[] rows[name href cells[href title shape]] more}
        """)

    /// More names than this do not make a readable grid; a search narrows it.
    static let maximumNames = 40

    let overview: Overview
    let from: String?
    let to: String?
    let search: String

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
        guard let from = overview.devices.first(where: { $0.id == from }), let to = overview.devices.first(where: { $0.id == to }), from.id != to.id
        else { return false }
        let doctor = overview.doctor(from, to, reachability)
        let first = doctor.firstFailure
        return [
            "shape": doctor.reaches ? "both" : "none",
            "verdict": .text(
                doctor.reaches
                    ? (first == nil ? "\(from.name) reaches \(to.name)" : "The hub lets \(from.name) reach \(to.name), but something else is missing")
                    : "\(from.name) does not reach \(to.name)"),
            "checks": .list(
                doctor.checks.map { check in
                    let (mend, label) = Self.remedy(check.remedy, overview.devices)
                    return [
                        "result": check.ok ? "passed" : "failed", "first": .flag(check == first), "name": .text(check.title),
                        "detail": .text(check.detail), "mend": .text(mend), "mend_label": .text(label),
                    ]
                }),
            "reverse": .text(Link("/reachability").with("from", to.id).with("to", from.id).text),
        ]
    }

    private static func remedy(_ remedy: Doctor.Check.Remedy?, _ devices: [Device]) -> (href: String, label: String) {
        switch remedy {
        case .edit(let id, let field): ("/settings/\(id)/edit#\(field)", "Edit \(devices.first { $0.id == id }?.name ?? "it")")
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
            "more": .text(
                matching.count > shown.count
                    ? "The first \(shown.count) of \(Amount.count(matching.count)) devices by name. Search to see others." : ""),
        ]
    }

    private func cell(_ row: Device, _ column: Device, _ reachability: Reachability) -> TemplateValue {
        guard row.id != column.id else { return ["href": "", "title": "", "shape": "self"] }
        let relation = reachability.relation(row, column)
        let title =
            switch relation {
            case .both: "\(row.name) and \(column.name) reach each other"
            case .out: "one-sided: \(column.name) does not list \(row.name)"
            case .in: "one-sided: \(row.name) does not list \(column.name)"
            case .none: "\(row.name) and \(column.name) do not reach each other"
            }
        return [
            "href": .text(Link("/reachability").with("from", row.id).with("to", column.id).text), "title": .text(title),
            "shape": .text(relation.rawValue),
        ]
    }
}

extension Overview {
    /// The checks for a pair, with what is known now.
    func doctor(_ from: Device, _ to: Device, _ reachability: Reachability) -> Doctor {
        Doctor(
            from: from, to: to, in: reachability, states: (sight(of: from).state, sight(of: to).state),
            applied: generation.applied >= generation.desired && engine.problem == nil)
    }
}
