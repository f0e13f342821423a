// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The choice beside a save button: the change is taken back by the hub unless it is confirmed in time.
enum Confirmation {
    static let field = "confirm_within"
    static let shape: TemplateShape = "confirm_options[value label selected]"

    private static let choices: [(seconds: Int64, label: Phrase)] = [
        (0, "keep it"), (60, "take it back after 1 min unless confirmed"), (300, "take it back after 5 min unless confirmed"),
        (1800, "take it back after 30 min unless confirmed"),
    ]

    /// Until when a change that is saved now waits for its confirmation; nil for one that does not.
    static func deadline(_ inputs: Inputs, now: UnixTime) -> UnixTime? {
        let seconds = Entry.number(inputs.text(field)).map(Int64.init) ?? 0
        return choices.contains { $0.seconds == seconds } && seconds > 0 ? now.adding(seconds: seconds) : nil
    }

    /// What a form begins with: whoever came through the tunnel may cut the way back, so the change goes back by itself unless told otherwise.
    static func start(_ inputs: inout Inputs, hub: Hub, client: IPAddress) {
        let isInTunnel = [hub.ipv4Network, hub.ipv6Network].contains { $0?.contains(client) ?? false }
        inputs.set(field, isInTunnel ? "60" : "0")
    }

    /// For the template `_confirm`, in which they are called `confirm_options`.
    static func choices(_ inputs: Inputs) -> [Choice] {
        let chosen = inputs.text(field)
        return choices.map { Choice(seconds: $0.seconds, label: $0.label, isChosen: chosen == String($0.seconds)) }
    }

    struct Choice: TemplateModel {
        let seconds: Int64
        let label: Phrase
        let isChosen: Bool

        static var fields: [TemplateField<Choice>] { [.number("value", \.seconds), .phrase("label", \.label), .flag("selected", \.isChosen)] }
    }

    /// For pages that still give dictionaries.
    static func options(_ inputs: Inputs) -> TemplateValue { .list(choices(inputs).map(\.value)) }
}
