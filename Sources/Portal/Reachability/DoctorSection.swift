// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Templates
import Words

/// What the doctor finds between two devices, and how to fix it.
struct DoctorSection: TemplateModel {
    static var fields: [TemplateField<DoctorSection>] {
        [
            .text("shape") { $0.doctor.reaches ? "both" : "none" }, .phrase("verdict", \.verdict), .list("checks", \.checks),
            .text("reverse") { PageAddress("/reachability").with("from", $0.to.id).with("to", $0.from.id).text }, .text("from", \.from.id),
            .text("to", \.to.id), .phrase("tested") { $0.test.flatMap(sum) ?? "" }, .object("links", \.links),
        ]
    }

    private let from: Device
    private let to: Device
    private let overview: Overview
    private let test: LinkTest?
    private let doctor: Doctor

    /// Nil for a device and itself. `test` is the result of probes that just ran.
    init?(from: Device, to: Device, _ overview: Overview, _ test: LinkTest?) {
        guard from.id != to.id else { return nil }
        (self.from, self.to, self.overview, self.test) = (from, to, overview, test)
        doctor = Doctor(from: from, to: to, in: overview, test: test)
    }

    private var verdict: Phrase {
        guard doctor.reaches else { return "\(from.name) does not reach \(to.name)" }
        return doctor.firstFailure == nil
            ? "\(from.name) reaches \(to.name)" : "The hub lets \(from.name) reach \(to.name), but something else is missing"
    }

    private var checks: [Check] {
        let first = doctor.firstFailure
        return doctor.checks.map { Check(check: $0, isFirst: $0 == first, index: overview.index) }
    }

    /// A ping's whole way from one device to the other. Adds both halves for the first family that answered on both sides.
    private static func sum(_ test: LinkTest) -> Phrase? {
        for isV4 in [true, false] {
            let times = test.results.filter { $0.echo.source.isV4 == isV4 }.compactMap(\.outcome.roundTrip)
            if times.count == 2 { return "A ping between them takes about \(Amount.milliseconds(times[0] + times[1])), through the hub." }
        }
        return nil
    }

    private var links: Links {
        let link = PageAddress("/links").with("a", from.name).with("b", to.name)
        let isLinked = overview.reachability.relation(from, to) == .both
        return Links(link: isLinked ? "" : link.text, unlink: isLinked ? link.with("do", "unlink").text : "")
    }

    private struct Check: TemplateModel {
        let check: Doctor.Check
        let isFirst: Bool
        let index: DeviceIndex

        static var fields: [TemplateField<Check>] {
            [
                .text("result") { $0.check.ok.map { $0 ? "passed" : "failed" } ?? "skipped" },
                .phrase("result_word") { $0.check.ok.map { $0 ? "passed" : "failed" } ?? "skipped" }, .flag("first", \.isFirst),
                .phrase("name", \.check.title), .phrase("detail", \.check.detail), .text("fix", \.fix.href), .phrase("fix_label", \.fix.label),
            ]
        }

        private var fix: (href: String, label: Phrase) {
            switch check.remedy {
            case .edit(let id, let field): ("/settings/\(id)/edit#\(field)", "Edit \(name(id))")
            case .link(let from, let to): (PageAddress("/links").with("a", from).with("b", to).text, "Link the two")
            case .file(let id): ("/devices/\(id)?show=file#file", "Show the file of \(name(id))")
            case .status: ("/status", "Show the status")
            case nil: ("", "")
            }
        }

        private func name(_ id: String) -> String { index[id]?.name ?? "it" }
    }

    /// The actions that repair or end the link between the two devices. One of them is empty.
    private struct Links: TemplateModel {
        let link: String
        let unlink: String

        static var fields: [TemplateField<Links>] { [.text("link", \.link), .text("unlink", \.unlink)] }
    }
}
