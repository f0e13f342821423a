// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// What a button of the page with the rules does.
enum RuleStep: Equatable {
    case save, preview
    /// Adds the rule in the form, or replaces the one that is edited.
    case put
    case up(Int), down(Int), remove(Int), toggle(Int), edit(Int)

    /// Reads the button's value, such as `save` or `up:3`. Another text saves nothing and changes nothing, like `preview`.
    init(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        let number = parts.count == 2 ? Entry.number(String(parts[1])) : nil
        switch (parts.first ?? "", number) {
        case ("save", nil): self = .save
        case ("put", nil): self = .put
        case ("up", let number?): self = .up(number)
        case ("down", let number?): self = .down(number)
        case ("remove", let number?): self = .remove(number)
        case ("toggle", let number?): self = .toggle(number)
        case ("edit", let number?): self = .edit(number)
        default: self = .preview
        }
    }
}

/// The fields for one rule: a new one, or one of the list that is edited.
struct RuleForm: TemplateModel {
    static let names: Set<String> = ["end", "row", "action", "from", "to", "service", "note"]

    /// The number of the rule that is edited; nil for a new one.
    private var row: Int?
    private var values: [String: String] = [:]
    private var errors: [FieldError] = []

    /// An empty form for a new rule.
    init() {}

    init(_ inputs: Inputs) {
        row = Entry.number(inputs.text("row"))
        for name in ["action", "from", "to", "service", "note"] { values[name] = inputs.text(name) }
    }

    static var fields: [TemplateField<RuleForm>] {
        [
            .text("row") { $0.row.map { String($0) } ?? "" },
            .list("actions") { form in
                Rule.Action.allCases.map { action in
                    let word = RuleText.word(action)
                    return Choice(value: word, label: action.phrase, isChosen: word == (form.values["action"] ?? "allow"))
                }
            },
        ] + ["from", "to", "service", "note"].map { name in .object(name) { $0.field(name) } }
    }

    private func field(_ name: String) -> InputField {
        InputField(name: name, value: values[name] ?? "", error: errors.filter { $0.field == name }.map(\.message).joined())
    }

    /// True if somebody typed something that is not in the list yet.
    private var isTyped: Bool { row != nil || ["from", "to", "service", "note"].contains { values[$0]?.isEmpty == false } }

    /// Changes the list as a button says. Saving and previewing take along what is typed. Returns what is wrong; nil if nothing is.
    mutating func apply(_ step: RuleStep, to list: inout RuleList, overview: Overview, id: (String) -> String?) -> Phrase? {
        switch step {
        case .up(let number): swap(number - 1, number - 2, in: &list)
        case .down(let number): swap(number - 1, number, in: &list)
        case .remove(let number): if list.rules.indices.contains(number - 1) { list.rules.remove(at: number - 1) }
        case .toggle(let number): if list.rules.indices.contains(number - 1) { list.rules[number - 1].enabled.toggle() }
        case .edit(let number):
            guard list.rules.indices.contains(number - 1) else { return nil }
            fill(list.rules[number - 1], number: number, overview)
            return nil
        case .put: return put(in: &list, id: id)
        case .save, .preview: return isTyped ? put(in: &list, id: id) : nil
        }
        // The number of the rule that is edited may be another one by now.
        if row != nil { self = RuleForm() }
        return nil
    }

    private func swap(_ place: Int, _ other: Int, in list: inout RuleList) {
        guard list.rules.indices.contains(place), list.rules.indices.contains(other) else { return }
        list.rules.swapAt(place, other)
    }

    private mutating func fill(_ rule: ServiceRule, number: Int, _ overview: Overview) {
        let name = { (id: String) in overview.index[id]?.name }
        row = number
        values = [
            "action": RuleText.word(rule.action), "from": RuleText.text(rule.from, name), "to": RuleText.text(rule.to, name),
            "service": rule.service.description, "note": rule.note,
        ]
    }

    private mutating func put(in list: inout RuleList, id: (String) -> String?) -> Phrase? {
        var rule = ServiceRule(RuleText.action(values["action"] ?? "") ?? .allow, note: values["note"] ?? "")
        rule.from = read("from", or: .any) { RuleText.party($0, id: id) }
        rule.to = read("to", or: .any) { RuleText.party($0, id: id) }
        rule.service = read("service", or: .any, RuleText.service)
        if errors.isEmpty { errors = rule.fieldErrors }
        guard errors.isEmpty else {
            return .counting(errors.count, "Not saved. Fix \(errors.count) field below. | Not saved. Fix \(errors.count) fields below.")
        }
        if let row, list.rules.indices.contains(row - 1) {
            rule.enabled = list.rules[row - 1].enabled
            list.rules[row - 1] = rule
        } else {
            list.rules.append(rule)
        }
        self = RuleForm()
        return nil
    }

    private mutating func read<Value>(_ name: String, or fallback: Value, _ read: (String) -> Entry.Reading<Value>) -> Value {
        switch read(values[name] ?? "") {
        case .success(let value): return value
        case .failure(let refusal):
            errors.append(FieldError(name, refusal.message))
            return fallback
        }
    }
}

extension Rule.Action {
    /// What a rule does, in words.
    var phrase: Phrase {
        switch self {
        case .allow: "allow"
        case .deny: "deny"
        case .reset: "deny with a reset"
        }
    }
}
