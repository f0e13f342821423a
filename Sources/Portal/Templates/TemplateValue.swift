// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// What a page without a model gives its template (see `TemplateModel`). There is no case for markup: every text is escaped on its way out,
/// so the only HTML of a page is the HTML of the files in Templates.
enum TemplateValue: Sendable, Equatable {
    /// Data, which is the same in every language, and words for programs.
    case text(String)
    /// Words for people, said in the visitor's language.
    case phrase(Phrase)
    case flag(Bool)
    case list([TemplateValue])
    case object([String: TemplateValue])

    /// A section is written for anything but false, an empty text and an empty list.
    var isTrue: Bool {
        switch self {
        case .text(let text): !text.isEmpty
        case .phrase(let phrase): !phrase.isEmpty
        case .flag(let flag): flag
        case .list(let items): !items.isEmpty
        case .object: true
        }
    }

    /// The number in decimal.
    static func number(_ value: some BinaryInteger) -> TemplateValue { .text(String(value)) }

    /// The object, or false where there is none: its section is left out.
    static func optional(_ value: TemplateValue?) -> TemplateValue { value ?? .flag(false) }
}

extension TemplateValue: ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByArrayLiteral
{
    init(stringLiteral value: String) { self = .text(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }
    init(arrayLiteral elements: TemplateValue...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, TemplateValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}

extension TemplateValue {
    /// A model's fields as an object, for pages that still give dictionaries.
    init<Model: TemplateModel>(_ model: Model) {
        self = .object(Dictionary(Model.fields.map { ($0.name, $0.value(model)) }) { $1 })
    }

    fileprivate subscript(name: String) -> TemplateValue {
        guard case .object(let fields) = self else { return .flag(false) }
        return fields[name] ?? .flag(false)
    }

    fileprivate func write(to output: inout TemplateOutput) {
        switch self {
        case .text(let text): output.append(text)
        case .phrase(let phrase): output.append(phrase)
        case .flag, .list, .object: break
        }
    }

    fileprivate var kept: TemplateKept {
        switch self {
        case .text(let text): .text(text)
        case .phrase(let phrase): .phrase(phrase)
        case .flag(let flag): .flag(flag)
        case .list, .object: .nothing
        }
    }
}

extension TemplateNames<TemplateValue> {
    /// The names of a shape, which are looked up when the page is written.
    init(_ shape: TemplateShape) {
        fields = shape.fields.reduce(into: [:]) { $0[$1.key] = Self.access($1.key, $1.value) }
        if shape.fields.isEmpty { item = .text(TemplateText(isTrue: { $0.isTrue }, write: { $0.write(to: &$1) }, keep: { $0.kept })) }
    }

    private static func access(_ name: String, _ kind: TemplateShape.Kind) -> TemplateAccess<TemplateValue> {
        switch kind {
        case .scalar:
            .text(TemplateText(isTrue: { $0[name].isTrue }, write: { $0[name].write(to: &$1) }, keep: { $0[name].kept }))
        case .object(let shape), .list(let shape):
            .inside(
                TemplateInside(
                    isTrue: { $0[name].isTrue }, member: { member in shape.fields[member].map { access(member, $0).of { $0[name] } } },
                    section: { (compile) throws(TemplateError) in
                        let body = try compile(TemplateNames(shape))
                        return { model, output in
                            switch model[name] {
                            case .list(let items): for item in items { body.write(item, to: &output) }
                            case .object(let fields): body.write(.object(fields), to: &output)
                            case .text, .phrase, .flag: break
                            }
                        }
                    }))
        }
    }
}

extension TemplateModel {
    /// For pages that still give dictionaries.
    var value: TemplateValue { TemplateValue(self) }
}
