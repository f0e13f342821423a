// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

// The parts around a save button: what saving would do, what somebody else has saved in the meantime, and whether the change must be confirmed.

/// For the template `_effect`, which calls it `effect`.
extension Effect: TemplateModel {
    /// The names in templates.
    public static var fields: [TemplateField<Effect>] { [.list("lines") { effect in effect.lines.map(SectionLine.init) }] }

    /// One sentence of the effect.
    struct SectionLine: TemplateModel {
        let kind: Kind
        let text: Phrase

        static var fields: [TemplateField<SectionLine>] { [.text("kind", \.kind.rawValue), .text("sign", \.kind.sign), .phrase("text", \.text)] }
    }
}

/// What somebody else saved while the user filled in a form, next to what the user typed.
struct Differences: TemplateModel {
    private let rows: [Row]

    static var fields: [TemplateField<Differences>] { [.list("differences", \.rows)] }

    /// Leaves out rows whose two sides are equal.
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

/// The choice beside a save button: the hub undoes the change unless somebody confirms it in time.
enum Confirmation {
    static let field = "confirm_within"

    private static let choices: [(seconds: Int64, label: Phrase)] = [
        (0, "keep it"), (60, "undo it after 1 min unless confirmed"), (300, "undo it after 5 min unless confirmed"),
        (1800, "undo it after 30 min unless confirmed"),
    ]

    /// The time by which a change saved now must be confirmed; nil if it needs no confirmation.
    static func deadline(_ inputs: Inputs, now: UnixTime) -> UnixTime? {
        let seconds = Entry.number(inputs.text(field)).map(Int64.init) ?? 0
        return choices.contains { $0.seconds == seconds } && seconds > 0 ? now.adding(seconds: seconds) : nil
    }

    /// Sets the initial choice. Someone connected through the tunnel could cut off their own access, so for them automatic undo is on by default.
    static func start(_ inputs: inout Inputs, hub: Hub, client: IPAddress) {
        let isInTunnel = [hub.ipv4Network, hub.ipv6Network].contains { $0?.contains(client) ?? false }
        inputs.set(field, isInTunnel ? "60" : "0")
    }

    /// For the template `_confirm`.
    static func options(_ inputs: Inputs) -> [Choice] {
        let chosen = inputs.text(field)
        return choices.map { Choice(value: String($0.seconds), label: $0.label, isChosen: chosen == String($0.seconds)) }
    }
}

/// A warning that a user must see before a form is saved: prefixes that cut devices off from the Internet. The form that shows the warning
/// sends them back in `field`.
enum TrapWarning {
    static let field = "accepted"

    /// The typed allowed IPs to warn about, as text. `saved` are the allowed IPs before the change, and `id` is nil for the defaults.
    static func prefixes(_ inputs: Inputs, saved: [IPPrefix], ofDevice id: String?, _ overview: Overview) -> String {
        let typed = Entry.list(inputs.text("allowed_ips")).compactMap { IPPrefix($0) }.filter { $0.isInternetWide && !saved.contains($0) }
        guard !typed.isEmpty else { return "" }
        return ListText.text(
            InternetExit(devices: overview.devices, gateway: overview.status.gateway, now: overview.now).traps(in: typed, ofDevice: id))
    }

    /// True if the form would be saved without the user having seen the warning about `prefixes`.
    static func isUnseen(_ prefixes: String, _ inputs: Inputs) -> Bool { !prefixes.isEmpty && inputs.text(field) != prefixes }
}

extension Inputs {
    /// The revision that the form was drawn from; nil if the form does not send one. Text that is not a number gives -1, which no revision equals.
    var expectedRevision: Int64? { expectedRevision(in: "revision") }

    /// The same for a form with more than one.
    func expectedRevision(in field: String) -> Int64? { text(field).isEmpty ? nil : Int64(text(field)) ?? -1 }
}

extension Visit {
    /// Makes one change for a form that can ask to undo it unless it is confirmed. Returns the change's generation; nil if nothing changed.
    func change(confirming inputs: Inputs, _ body: (ChangeTransaction) throws -> Void) throws -> Int64? {
        try change { transaction in
            try body(transaction)
            if let deadline = Confirmation.deadline(inputs, now: now) { try transaction.awaitConfirmation(until: deadline) }
            return transaction.hasChanges ? transaction.generation : nil
        }
    }

    /// The effect of a draft, with the devices that spoke lately and that it would cut. `presharedKeys` as for `Effect`.
    func effect(of draft: Draft, on overview: Overview, presharedKeys: Set<String> = []) throws -> Effect {
        var effect = Effect(of: draft, on: overview, presharedKeys: presharedKeys)
        if let rules = draft.rules { effect.note(endingFlows: site.flowsEnding(under: rules, among: overview.devices)) }
        return try noting(effect)
    }

    /// Adds the devices that spoke lately and that the change would cut.
    func noting(_ effect: Effect) throws -> Effect {
        var effect = effect
        if !effect.affected.isEmpty { effect.note(try read { try $0.spokenPairs(ofDevices: effect.affected, at: now) }) }
        return effect
    }

    /// What a change would write. Writes nothing.
    func draft(_ body: (ChangeTransaction) throws -> Void) throws -> Draft { try site.database.draft(by: author, at: now, body) }
}

/// A page with a form of settings of the whole hub. Saving can be previewed, and is merged with what somebody else saved in the meantime.
protocol SettingsPage: TemplateModel {
    static var template: Template<Self> { get }
    static var path: String { get }

    /// How the form is merged with what somebody else saved.
    static var merge: FormMerge { get }

    /// The form as saved.
    static func saved(_ overview: Overview) -> Inputs

    /// The revisions that a save expects, and the fields that hold them.
    static func revisions(_ overview: Overview) -> [(field: String, value: Int64)]

    /// `conflicts` are what both the user and somebody else changed; nil unless the form was refused for that. `effect` is what saving would do; nil
    /// unless a preview was requested.
    init(overview: Overview, inputs: Inputs, conflicts: [FormMerge.Conflict]?, effect: Effect?)
}

extension SettingsPage {
    /// The form as saved.
    static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        var inputs = saved(overview)
        for (field, value) in revisions(overview) { inputs.set(field, String(value)) }
        inputs.set(FormMerge.field, merge.base(inputs))
        Confirmation.start(&inputs, hub: overview.hub, client: visit.request.client)
        return try visit.page(template, Self(overview: overview, inputs: inputs, conflicts: nil, effect: nil), notice: visit.notice)
    }

    /// Saves the form with `write` and returns to the page, or shows a preview if the user asked for one.
    /// Merges it with what somebody else saved since it was opened, and asks only about what both changed. `isMerged` is true after a merge.
    static func save(
        _ visit: Visit, _ inputs: Inputs, isMerged: Bool = false, write: (inout Inputs, ChangeTransaction) throws -> Void
    ) throws -> Response {
        var inputs = inputs
        let draw = { (inputs: Inputs, status: Status, draft: Draft?, conflicts: [FormMerge.Conflict]?) in
            let overview = try visit.overview()
            let effect = try draft.map { try visit.effect(of: $0, on: overview) }
            return try visit.page(
                template, Self(overview: overview, inputs: inputs, conflicts: conflicts, effect: effect), status: status)
        }
        do {
            if inputs.text("step") == "preview" {
                let draft = try visit.draft { try write(&inputs, $0) }
                return try draw(inputs, .ok, draft, nil)
            }
            let generation = try visit.change(confirming: visit.inputs) { try write(&inputs, $0) }
            visit.site.refreshHosts()
            return visit.done(path, isMerged ? .merged : .saved, change: generation)
        } catch is Inputs.Refused {
            return try draw(inputs, .unprocessableContent, nil, nil)
        } catch StoreError.stale {
            var merged = Inputs(typed: inputs)
            let overview = try visit.overview()
            let conflicts = merge.merge(&merged, with: saved(overview))
            for (field, value) in revisions(overview) { merged.set(field, String(value)) }
            if conflicts.isEmpty, !isMerged { return try save(visit, merged, isMerged: true, write: write) }
            return try draw(merged, .conflict, nil, conflicts)
        }
    }
}
