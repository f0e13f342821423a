// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

// What stands around the button that saves a change: what saving does, what somebody else saved meanwhile, and whether the change stays.

/// For the template `_effect`, in which it is called `effect`.
extension Effect: TemplateModel {
    static var fields: [TemplateField<Effect>] { [.list("lines") { effect in effect.lines.map(SectionLine.init) }] }

    /// One sentence of it.
    struct SectionLine: TemplateModel {
        let kind: Kind
        let text: Phrase

        static var fields: [TemplateField<SectionLine>] { [.text("kind", \.kind.rawValue), .text("sign", \.kind.sign), .phrase("text", \.text)] }
    }
}

/// What somebody else saved while a form was filled in, beside what was typed.
struct Differences: TemplateModel {
    private let rows: [Row]

    static var fields: [TemplateField<Differences>] { [.list("differences", \.rows)] }

    /// Rows whose two sides are equal are left out.
    init(_ rows: [(label: Phrase, theirs: Phrase, yours: Phrase)]) {
        self.rows = rows.filter { $0.theirs != $0.yours }.map(Row.init)
    }

    private struct Row: TemplateModel {
        let label: Phrase
        let theirs: Phrase
        let yours: Phrase

        static var fields: [TemplateField<Row>] {
            [.phrase("label", \.label), .phrase("theirs") { shown($0.theirs) }, .phrase("yours") { shown($0.yours) }]
        }

        private static func shown(_ value: Phrase) -> Phrase { value.isEmpty ? "empty" : value }
    }
}

/// The choice beside a save button: the change is taken back by the hub unless it is confirmed in time.
enum Confirmation {
    static let field = "confirm_within"

    private static let choices: [(seconds: Int64, label: Phrase)] = [
        (0, "keep it"), (60, "undo it after 1 min unless confirmed"), (300, "undo it after 5 min unless confirmed"),
        (1800, "undo it after 30 min unless confirmed"),
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

    /// For the template `_confirm`.
    static func options(_ inputs: Inputs) -> [Choice] {
        let chosen = inputs.text(field)
        return choices.map { Choice(seconds: $0.seconds, label: $0.label, isChosen: chosen == String($0.seconds)) }
    }

    struct Choice: TemplateModel {
        let seconds: Int64
        let label: Phrase
        let isChosen: Bool

        static var fields: [TemplateField<Choice>] { [.number("value", \.seconds), .phrase("label", \.label), .flag("selected", \.isChosen)] }
    }
}

extension Inputs {
    /// The revision that the form was drawn from; nil where it does not say. One that is no number is none that anything has.
    var expectedRevision: Int64? { text("revision").isEmpty ? nil : Int64(text("revision")) ?? -1 }
}

extension Visit {
    /// Makes one change in the visitor's name.
    @discardableResult
    func change<R>(_ body: (ChangeTransaction) throws -> R) throws -> R { try site.database.change(by: author, at: now, body) }

    /// The same with a form that may ask for the change to be undone unless it is confirmed. Answers its generation; nil when nothing changed.
    func change(confirming inputs: Inputs, _ body: (ChangeTransaction) throws -> Void) throws -> Int64? {
        try change { transaction in
            try body(transaction)
            if let deadline = Confirmation.deadline(inputs, now: now) { try transaction.awaitConfirmation(until: deadline) }
            return transaction.hasChanges ? transaction.generation : nil
        }
    }

    /// What a change would write.
    func draft(_ body: (ChangeTransaction) throws -> Void) throws -> Draft { try site.database.draft(by: author, at: now, body) }
}
