// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The form on a device's page that tests its links, and what came of the test.
struct ProbeSection: TemplateModel {
    /// A test that was made, against another device or (nil) the hub.
    struct Test {
        let other: Device?
        let link: LinkTest
    }

    let device: Device
    /// Devices that it could be tested against.
    let others: [Device]
    /// What holds for the device.
    let settings: Settings
    let hub: Hub
    let test: Test?

    static var fields: [TemplateField<ProbeSection>] {
        [
            .text("action") { "/devices/\($0.device.id)/probe" }, .list("options", \.options), .phrase("verdict", \.verdict),
            .list("results", \.results), .text("mend", \.mend),
            .phrase("mend_label") { $0.test?.other == nil ? "Look at its file" : "Ask the doctor" },
        ]
    }

    private struct Choice: TemplateModel {
        /// An id; empty for the hub.
        let value: String
        let label: Phrase
        let isSelected: Bool

        static var fields: [TemplateField<Choice>] { [.text("value", \.value), .phrase("label", \.label), .flag("selected", \.isSelected)] }
    }

    /// What came of the pings in one direction.
    private struct Row: TemplateModel {
        let isIn: Bool
        let name: Phrase
        let detail: Phrase

        static var fields: [TemplateField<Row>] {
            [
                .text("result") { $0.isIn ? "passed" : "failed" }, .phrase("result_word") { $0.isIn ? "passed" : "failed" },
                .phrase("name", \.name), .phrase("detail", \.detail),
            ]
        }
    }

    private var options: [Choice] {
        var choices = others
        if let other = test?.other, !choices.contains(where: { $0.id == other.id }) { choices.append(other) }
        let selected = test?.other?.id ?? ""
        return [Choice(value: "", label: "the hub itself", isSelected: selected.isEmpty)]
            + choices.map { Choice(value: $0.id, label: Phrase(verbatim: $0.name), isSelected: $0.id == selected) }
    }

    private var isIn: Bool { test?.link.results.allSatisfy(\.isIn) ?? false }

    private var verdict: Phrase {
        guard let test else { return "" }
        guard !test.link.results.isEmpty else { return "They have no address of one family." }
        guard let other = test.other else { return isIn ? "\(device.name) answers the hub." : "\(device.name) does not answer the hub." }
        return isIn ? "The link between \(device.name) and \(other.name) works." : "The link between \(device.name) and \(other.name) does not work."
    }

    private var results: [Row] {
        guard let test else { return [] }
        let ends: [(into: Device, from: Phrase)] =
            test.other.map { [(device, Phrase(verbatim: $0.name)), ($0, Phrase(verbatim: device.name))] } ?? [(device, Phrase("the hub"))]
        return ends.compactMap { into, from in
            let results = test.link.results(into: into)
            guard !results.isEmpty else { return nil }
            let isIn = results.allSatisfy(\.isIn)
            let keptOut = Phrase.all(of: results.filter(isKeptOut).map(\.echo.source.description))
            let hint: Phrase = keptOut.isEmpty ? "" : "Its allowed IPs do not hold \(keptOut): test against another device."
            return Row(
                isIn: isIn, name: "\(into.name) answers \(from)",
                detail: [LinkTest.Result.sentence(results, into: into, from: from), hint].joined())
        }
    }

    /// A file that names single devices keeps the hub itself out, and that is no fault.
    private func isKeptOut(_ result: LinkTest.Result) -> Bool {
        result.outcome == .noAnswer && test?.other == nil && !settings.allowedIPs.contains { $0.contains(result.echo.source) }
    }

    private var mend: String {
        guard test != nil, !isIn else { return "" }
        guard let other = test?.other else { return "/devices/\(device.id)?show=file#file" }
        return Link("/reachability").with("from", device.id).with("to", other.id).text
    }
}
