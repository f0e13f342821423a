// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The usual choices for the default allowed IPs.
enum Preset: String, CaseIterable {
    /// Every device can reach every other device.
    case tunnel
    /// A device reaches no other until it is linked.
    case nothing
    /// The prefixes typed into the field.
    case own

    static let field = "allowed_ips_preset"

    func prefixes(hub: Hub) -> [IPPrefix]? {
        switch self {
        case .tunnel: [hub.ipv4Network, hub.ipv6Network].compactMap { $0 }
        case .nothing: []
        case .own: nil
        }
    }

    var label: Phrase {
        switch self {
        case .tunnel: "Tunnel only: every device may reach every other"
        case .nothing: "Nothing until linked: two devices reach each other once you link them"
        case .own: "Own:"
        }
    }

    static func matching(_ prefixes: [IPPrefix], hub: Hub) -> Preset {
        allCases.first { $0.prefixes(hub: hub).map(Set.init) == Set(prefixes) } ?? .own
    }

    /// Puts the prefixes of the chosen preset into the field. If the user typed into the field and left the choice alone, the typed text wins.
    /// Changing both at once is refused.
    static func apply(_ inputs: inout Inputs, saved: [IPPrefix], hub: Hub) {
        guard inputs.has(field) else { return }
        guard let chosen = Preset(rawValue: inputs.text(field)) else {
            inputs.refuse("allowed_ips", "Choose one of the three.")
            return
        }
        let typed = inputs.text("allowed_ips")
        let isTyped = typed != saved.map(\.description).joined(separator: ", ")
        guard let prefixes = chosen.prefixes(hub: hub) else { return }
        if !isTyped || typed.isEmpty || Entry.prefixes(typed) == .success(prefixes) {
            inputs.set("allowed_ips", prefixes.map(\.description).joined(separator: ", "))
        } else if chosen == matching(saved, hub: hub) {
            inputs.set(field, Preset.own.rawValue)
        } else {
            inputs.refuse("allowed_ips", "You chose a preset and typed prefixes as well. Choose Own, or leave the field as it was.")
        }
    }
}
