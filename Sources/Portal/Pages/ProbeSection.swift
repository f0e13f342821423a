// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The form on a device's page that tests its links, and what came of the test.
struct ProbeSection {
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

    var value: TemplateValue {
        var choices = others
        if let other = test?.other, !choices.contains(where: { $0.id == other.id }) { choices.append(other) }
        let options =
            [("", Phrase("the hub itself"))] + choices.map { ($0.id, Phrase(verbatim: $0.name)) }
        let results = test.map(rows) ?? []
        let isIn = test?.link.results.allSatisfy(\.isIn) ?? false
        return [
            "action": .text("/devices/\(device.id)/probe"),
            "options": .list(
                options.map { ["value": .text($0.0), "label": .phrase($0.1), "selected": .flag($0.0 == test?.other?.id ?? "")] }),
            "verdict": .phrase(test == nil ? "" : verdict(isIn: isIn)), "results": .list(results),
            "mend": .text(test == nil || isIn ? "" : mend), "mend_label": .phrase(test?.other == nil ? "Look at its file" : "Ask the doctor"),
        ]
    }

    private func verdict(isIn: Bool) -> Phrase {
        guard let test, !test.link.results.isEmpty else { return "They have no address of one family." }
        guard let other = test.other else { return isIn ? "\(device.name) answers the hub." : "\(device.name) does not answer the hub." }
        return isIn ? "The link between \(device.name) and \(other.name) works." : "The link between \(device.name) and \(other.name) does not work."
    }

    private func rows(_ test: Test) -> [TemplateValue] {
        let ends: [(into: Device, from: Phrase)] =
            test.other.map { [(device, Phrase(verbatim: $0.name)), ($0, Phrase(verbatim: device.name))] } ?? [(device, Phrase("the hub"))]
        return ends.compactMap { into, from in
            let results = test.link.results(into: into)
            guard !results.isEmpty else { return nil }
            let isIn = results.allSatisfy(\.isIn)
            let keptOut = Phrase.all(of: results.filter(isKeptOut).map(\.echo.source.description))
            let hint: Phrase = keptOut.isEmpty ? "" : "Its allowed IPs do not hold \(keptOut): test against another device."
            return [
                "result": isIn ? "passed" : "failed", "result_word": .phrase(isIn ? "passed" : "failed"),
                "name": .phrase("\(into.name) answers \(from)"),
                "detail": .phrase([LinkTest.Result.sentence(results, into: into, from: from), hint].joined()),
            ]
        }
    }

    /// A file that names single devices keeps the hub itself out, and that is no fault.
    private func isKeptOut(_ result: LinkTest.Result) -> Bool {
        result.outcome == .noAnswer && test?.other == nil && !settings.allowedIPs.contains { $0.contains(result.echo.source) }
    }

    private var mend: String {
        guard let other = test?.other else { return "/devices/\(device.id)?show=file#file" }
        return Link("/reachability").with("from", device.id).with("to", other.id).text
    }
}
