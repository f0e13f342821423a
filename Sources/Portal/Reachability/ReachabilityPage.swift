// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The matrix of all pairs, and the doctor for one.
struct ReachabilityPage {
    static let page = Page(
        "reachability",
        Matrix.shape.merging(
            """
            empty pair{from_options[value label selected] to_options[value label selected] names{from to}}
            doctor{shape verdict checks[result result_word first name detail mend mend_label] reverse from to tested links{link unlink}}
            """))

    /// A hub with more devices has the names typed, not chosen.
    private static let maximumOptions = 100

    let overview: Overview
    let from: String?
    let to: String?
    /// The filters and the window of the matrix, by their names in the address.
    let query: (String) -> String?
    /// What came of probes between the two that were just made.
    var test: LinkTest?

    var values: [String: TemplateValue] {
        let reachability = overview.reachability
        let isTooFew = overview.devices.count < 2
        let matrix = isTooFew ? ["matrix": false, "one_sided": false] : Matrix(overview, query: query).values
        return ["empty": .flag(isTooFew), "pair": isTooFew ? false : pair, "doctor": doctor(reachability)].merging(matrix) { $1 }
    }

    private var pair: TemplateValue {
        let devices = overview.devices
        guard devices.count > Self.maximumOptions else {
            return ["from_options": options(from), "to_options": options(to ?? devices.dropFirst().first?.id), "names": false]
        }
        let name = { (side: String?) -> TemplateValue in .text(named(side)?.name ?? "") }
        return ["from_options": [], "to_options": [], "names": ["from": name(from), "to": name(to)]]
    }

    private func options(_ selected: String?) -> TemplateValue {
        .list(overview.devices.map { ["value": .text($0.id), "label": .text($0.name), "selected": .flag($0.id == selected)] })
    }

    private func doctor(_ reachability: Reachability) -> TemplateValue {
        guard let from = named(from), let to = named(to), from.id != to.id else { return false }
        let doctor = Doctor(from: from, to: to, in: overview, test: test)
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
            "links": links(from, to),
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
        case .link(let from, let to): (Link("/links").with("a", from).with("b", to).text, "Link the two")
        case .file(let id): ("/devices/\(id)?show=file#file", "Show the file of \(devices.first { $0.id == id }?.name ?? "it")")
        case .status: ("/status", "Look at the status")
        case nil: ("", "")
        }
    }

    /// By id, as links have it, or by name, as it is typed.
    private func named(_ side: String?) -> Device? { side.flatMap { overview.index[$0] ?? Sides(overview.devices).device($0) } }

    /// The actions that mend or end a link of the two.
    private func links(_ from: Device, _ to: Device) -> TemplateValue {
        let link = Link("/links").with("a", from.name).with("b", to.name)
        let isLinked = overview.reachability.relation(from, to) == .both
        return ["link": .text(isLinked ? "" : link.text), "unlink": .text(isLinked ? link.with("do", "unlink").text : "")]
    }
}
