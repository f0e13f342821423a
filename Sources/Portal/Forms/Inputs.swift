// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// What a user typed into a form, and the errors found in it. A refused page is drawn from it again, so the user loses no input.
struct Inputs {
    private(set) var values: [String: String]
    let lists: [String: [String]]
    /// Files and long texts. They are not drawn again.
    let uploads: [String: ArraySlice<UInt8>]
    private(set) var errors: [FieldError]
    /// Seconds to wait if the form came too soon after failed attempts, otherwise 0.
    private var wait: Int64 = 0

    init(
        _ values: [String: String], lists: [String: [String]] = [:], uploads: [String: ArraySlice<UInt8>] = [:], errors: [FieldError] = []
    ) {
        self.values = values
        self.lists = lists
        self.uploads = uploads
        self.errors = errors
    }

    /// Copies the typed values without the errors.
    init(typed other: Inputs) { self.init(other.values) }

    /// The value without surrounding whitespace; empty if the field is missing.
    func text(_ name: String) -> String { (values[name] ?? "").trimmed() }

    /// The value exactly as typed, for passwords.
    func exact(_ name: String) -> String { values[name] ?? "" }

    /// All values of a field that may be repeated.
    func list(_ name: String) -> [String] { lists[name] ?? [] }

    /// What was uploaded; empty if nothing was.
    func upload(_ name: String) -> ArraySlice<UInt8> { uploads[name] ?? [] }

    func has(_ name: String) -> Bool { values[name] != nil }

    /// True for a checked box, or for a radio button that says yes.
    func isOn(_ name: String) -> Bool { ["on", "true", "1", "yes"].contains(text(name)) }

    /// The value of a field. If it is invalid, adds the error and returns `fallback`.
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

    /// Refuses a form that came too soon after failed attempts.
    mutating func refuse(_ name: String, _ message: Phrase, wait seconds: Int64) {
        refuse(name, message)
        wait = max(wait, seconds)
    }

    /// The refused page: 429 with Retry-After if it came too soon, otherwise 422.
    func refusal(_ draw: (Status) throws -> Response) rethrows -> Response {
        wait > 0 ? try .tooSoon(wait, draw) : try draw(.unprocessableContent)
    }

    mutating func refuse(_ more: [FieldError]) { errors += more }

    /// Replaces the errors by those found in a form that was made from this one.
    mutating func takeErrors(of other: Inputs) { errors = other.errors }

    /// Runs a write of the Store and adds its errors to those already found, so that people see all of them at once. Throws `Refused` if there are
    /// any; if the caller lets it through, the transaction is rolled back.
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

    /// The input is invalid, and nothing was changed.
    struct Refused: Error {
        let errors: [FieldError]
    }

    /// All errors of a field on one line.
    func message(_ name: String) -> Phrase { errors.filter { $0.field == name }.map(\.message).joined() }

    /// The message at the top of a refused page: how many fields are invalid, and the errors of fields that the page does not show.
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
