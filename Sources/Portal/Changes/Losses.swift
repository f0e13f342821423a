// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// What is lost with devices that are disabled or deleted: the pairs that spoke lately, and the expectations that then no longer hold. For the template
/// `_losses`, which calls it `losses`.
struct Losses: TemplateModel {
    static var fields: [TemplateField<Losses>] {
        [.list("lines") { $0.lines.map(Effect.SectionLine.init) }, .flag("any") { !$0.lines.isEmpty }, .phrase("sum", \.sum)]
    }

    /// What happens to the devices.
    enum Fate {
        case disabled, deleted
    }

    private let breaches: [ExpectationCheck.Breach]
    /// The expectations that are deleted with their devices.
    private let goneCount: Int
    private let cut: CutPairs

    /// `expectations` are all of the hub, and `spoken` holds at least the pairs of these devices.
    init(of devices: [Device], _ fate: Fate, _ expectations: [Expectation], _ spoken: SpokenPairs, _ overview: Overview) {
        let ids = Set(devices.map(\.id))
        cut = CutPairs(spoken, before: overview.reachability, after: nil, now: overview.now)
        goneCount = fate == .deleted ? expectations.count { !ids.isDisjoint(with: $0.deviceIDs) } : 0
        guard !expectations.isEmpty else {
            breaches = []
            return
        }
        let after = ExpectationCheck.State(
            index: Self.index(without: devices, fate, overview), defaults: overview.defaults, hub: overview.hub, rules: overview.rules,
            now: overview.now)
        breaches = ExpectationCheck(expectations, before: ExpectationCheck.State(overview), after: after, changed: ids).breaches
    }

    private static func index(without devices: [Device], _ fate: Fate, _ overview: Overview) -> DeviceIndex {
        switch fate {
        case .deleted:
            let ids = Set(devices.map(\.id))
            return DeviceIndex(overview.devices.filter { !ids.contains($0.id) })
        case .disabled:
            let disabled = devices.map { device in
                var device = device
                device.enabled = false
                return device
            }
            return overview.index.replacing(disabled, count: overview.devices.count) ?? overview.index
        }
    }

    private var lines: [(kind: Effect.Kind, text: Phrase)] {
        let gone: Phrase = .counting(
            goneCount,
            "\(goneCount) expectation about what is deleted is deleted, too. | \(goneCount) expectations about what is deleted are deleted, too.")
        return Effect.lines(of: breaches) + (goneCount > 0 ? [(.warning, gone)] : []) + cut.lines
    }

    /// In a few words; empty if nothing is lost that anybody missed.
    private var sum: Phrase {
        let (pairs, broken) = (Amount.count(cut.cuts.count), Amount.count(breaches.count))
        let sentences: [(Int, Phrase)] = [
            (
                cut.cuts.count,
                "Disabling it cuts off \(pairs) pair that exchanged packets \(cut.period). | Disabling it cuts off \(pairs) pairs that exchanged packets \(cut.period)."
            ),
            (breaches.count, "It breaks \(broken) expectation. | It breaks \(broken) expectations."),
        ]
        return sentences.filter { $0.0 > 0 }.map { Phrase.counting($0.0, $0.1) }.joined()
    }
}

extension Visit {
    /// What is lost with these devices.
    func losses(of devices: [Device], _ fate: Losses.Fate, on overview: Overview) throws -> Losses {
        let (expectations, spoken) = try read { (try $0.expectations(), try $0.spokenPairs(ofDevices: devices.map(\.id), at: now)) }
        return Losses(of: devices, fate, expectations, spoken, overview)
    }
}
