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
            .text("shape") { $0.doctor.reaches ? "both" : "none" }, .phrase("verdict", \.verdict), .optional("cause", \.cause),
            .phrase("also", \.also), .list("open", \.open), .list("passed") { $0.rows($0.doctor.checks.filter { $0.ok == true }) },
            .phrase("passed_count") { section in
                let count = section.doctor.checks.count { $0.ok == true }
                return .counting(count, "1 check passed | \(Amount.count(count)) checks passed")
            },
            .text("reverse", \.reverse), .text("from", \.doctor.from.id), .text("to") { $0.doctor.to?.id ?? "" },
            .text("address") { $0.doctor.address?.description ?? "" }, .flag("testable") { $0.doctor.to != nil },
            .phrase("tested") { $0.doctor.test.flatMap(sum) ?? "" }, .text("link") { $0.isLinked || $0.isLinkTheCure ? "" : $0.linkPage },
            .text("unlink") { $0.isLinked ? $0.linkPage : "" },
            .text("ask") { section in
                section.isLinked ? "" : section.doctor.to.map { AskForLinkPage.address(section.doctor.from.name, $0.name) } ?? ""
            },
        ]
    }

    private let overview: Overview
    private let doctor: Doctor

    init(_ doctor: Doctor, _ overview: Overview) {
        self.doctor = doctor
        self.overview = overview
    }

    private var target: String { doctor.address?.description ?? doctor.to?.name ?? "" }

    private var verdict: Phrase {
        let from = doctor.from.name
        guard doctor.reaches else { return "\(from) does not reach \(target)" }
        return doctor.firstFailure == nil ? "\(from) reaches \(target)" : "The hub lets \(from) reach \(target), but a check below failed"
    }

    /// The cause and the cure; empty if no check failed.
    private var cause: Check? { doctor.firstFailure.map { Check(check: $0, isFirst: true, index: overview.index) } }

    /// What else is wrong, proved causes first; empty if nothing is.
    private var also: Phrase {
        var said = [doctor.firstFailure?.detail]
        var sentences: [Phrase] = []
        for failure in doctor.failures.dropFirst() where !said.contains(failure.detail) {
            said.append(failure.detail)
            sentences.append(failure.headline ?? failure.detail)
        }
        return sentences.isEmpty ? "" : "Also: \(sentences.joined())"
    }

    /// The failures, and then what was not checked.
    private var open: [Check] { rows(doctor.failures + doctor.checks.filter { $0.ok == nil }) }

    private func rows(_ checks: [Doctor.Check]) -> [Check] {
        let first = doctor.firstFailure
        return checks.map { Check(check: $0, isFirst: $0 == first, index: overview.index) }
    }

    /// The same question in the other direction; empty if there is no receiver.
    private var reverse: String {
        doctor.to.map { PageAddress("/reachability").with("from", $0.id).with("to", doctor.from.id).text } ?? ""
    }

    /// A ping's whole way from one device to the other. Adds both halves for the first family that answered on both sides.
    private static func sum(_ test: LinkTest) -> Phrase? {
        for isV4 in [true, false] {
            let times = test.results.filter { $0.echo.source.isV4 == isV4 }.compactMap(\.outcome.roundTrip)
            if times.count == 2 { return "A ping between them takes about \(Amount.milliseconds(times[0] + times[1])), through the hub." }
        }
        return nil
    }

    /// True if the first line has the action already.
    private var isLinkTheCure: Bool { if case .link? = doctor.firstFailure?.remedy { true } else { false } }

    private var isLinked: Bool { doctor.to.map { overview.reachability.relation(doctor.from, $0) == .both } ?? false }

    /// The page that links the two or, if they are linked, unlinks them.
    private var linkPage: String {
        guard let to = doctor.to else { return "" }
        let page = PageAddress.links(doctor.from.name, to.name)
        return (isLinked ? page.with("do", "unlink") : page).text
    }

    private struct Check: TemplateModel {
        let check: Doctor.Check
        let isFirst: Bool
        let index: DeviceIndex

        static var fields: [TemplateField<Check>] {
            [
                .text("result") { $0.check.ok.map { $0 ? "passed" : "failed" } ?? "skipped" },
                .phrase("result_word") { $0.check.ok.map { $0 ? "passed" : "failed" } ?? "skipped" }, .flag("first", \.isFirst),
                .phrase("name", \.check.title), .phrase("detail", \.check.detail), .phrase("headline") { $0.check.headline ?? $0.check.detail },
                .text("fix", \.fix.href), .phrase("fix_label", \.fix.label),
            ]
        }

        private var fix: (href: String, label: Phrase) {
            switch check.remedy {
            case .edit(let id, let field): ("/settings/\(id)/edit#\(field)", "Edit \(name(id))")
            case .link(let from, let to): (PageAddress.links(from, to).text, "Link the two")
            case .file(let id): ("/devices/\(id)#file", "Show the file of \(name(id))")
            case .forgetTime(let id): ("/devices/\(id)/forget-time", "Forget the time")
            case .ask(let from, let to):
                (PageAddress("/reachability").with("from", from).with("to", to).text, "Check \(name(to))")
            case .add: (AddDevicesPage.path, "Add devices")
            case .status: ("/status", "Show the status")
            case .rules: (RulesPage.path, "Show the rules")
            case nil: ("", "")
            }
        }

        private func name(_ id: String) -> String { index[id]?.name ?? "it" }
    }
}
