// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// What was typed into a form, and what is wrong with it. A page that is refused is drawn from it again, so nothing typed is lost.
struct Inputs {
    private var values: [String: String]
    private let lists: [String: [String]]
    private(set) var errors: [FieldError]

    init(_ values: [String: String], lists: [String: [String]] = [:], errors: [FieldError] = []) {
        self.values = values
        self.lists = lists
        self.errors = errors
    }

    /// What was typed, without what was found wrong with it.
    init(typed other: Inputs) { self.init(other.values) }

    /// Without the blanks around it; empty when the field is missing.
    func text(_ name: String) -> String { (values[name] ?? "").trimmed() }

    /// As typed, for passwords.
    func exact(_ name: String) -> String { values[name] ?? "" }

    /// What was sent of a field that may come more than once.
    func list(_ name: String) -> [String] { lists[name] ?? [] }

    func has(_ name: String) -> Bool { values[name] != nil }

    /// A checked box or a radio of yes and no.
    func isOn(_ name: String) -> Bool { ["on", "true", "1", "yes"].contains(text(name)) }

    /// The value of a field, or `fallback` after its message was noted.
    mutating func read<Value>(_ name: String, or fallback: Value, _ read: (String) -> Entry.Reading<Value>) -> Value {
        switch read(text(name)) {
        case .success(let value): return value
        case .failure(let refusal):
            refuse(name, refusal.message)
            return fallback
        }
    }

    mutating func set(_ name: String, _ value: String) { values[name] = value }

    mutating func refuse(_ name: String, _ message: Phrase) { errors.append(FieldError(name, message)) }
    mutating func refuse(_ more: [FieldError]) { errors += more }

    /// Runs a write of the Store and adds what it finds wrong to what was found before, so that people see all at once.
    /// Throws `Refused` when there is anything; thrown on, it undoes the transaction.
    @discardableResult
    mutating func collect<Result>(_ write: () throws -> Result) throws -> Result {
        var result: Result?
        do {
            result = try write()
        } catch StoreError.invalid(let more) {
            errors += more
        }
        guard let result, errors.isEmpty else { throw Refused(errors: errors) }
        return result
    }

    /// The input breaks rules, and nothing was changed.
    struct Refused: Error {
        let errors: [FieldError]
    }

    /// All messages of a field in one line.
    func message(_ name: String) -> Phrase { errors.filter { $0.field == name }.map(\.message).joined() }

    /// What stands at the top of a page that is refused: how many fields need another look, and the messages of fields that the page does
    /// not show.
    func problem(besides names: [String]) -> Phrase {
        let shown = Set(errors.map(\.field)).intersection(names).count
        let summary: Phrase =
            shown == 0
            ? ""
            : .counting(shown, "Not saved. Fix \(shown) field below. | Not saved. Fix \(shown) fields below.")
        return ([summary] + errors.filter { !names.contains($0.field) }.map(\.message)).joined()
    }

    /// One field, for the templates `_input` and `_area`.
    func field(_ name: String) -> InputField { InputField(name: name, value: values[name] ?? "", error: message(name)) }

    /// For fields whose value is never sent back, such as passwords.
    func secretField(_ name: String) -> InputField { InputField(name: name, value: "", error: message(name)) }
}

/// A field of a form: what it holds, and what is wrong with that.
struct InputField: TemplateModel {
    let name: String
    let value: String
    let error: Phrase

    static var fields: [TemplateField<InputField>] { [.text("key", \.name), .text("value", \.value), .phrase("error", \.error)] }
}

/// Something that a form sends without showing it.
struct HiddenField: TemplateModel {
    let name: String
    let value: String

    static var fields: [TemplateField<HiddenField>] { [.text("name", \.name), .text("value", \.value)] }
}

extension TemplateField {
    /// The fields of a form by their own names; secret ones are drawn empty: `fields = [ … ] + .inputs("name", "ipv4", of: \.inputs)`.
    static func inputs(_ names: String..., secret: [String] = [], of get: @escaping @Sendable (Model) -> Inputs) -> [TemplateField] {
        names.map { name in .object(name) { get($0).field(name) } } + secret.map { name in .object(name) { get($0).secretField(name) } }
    }
}
