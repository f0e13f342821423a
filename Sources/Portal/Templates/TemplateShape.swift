// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The names a page offers to its template, written as it is read:
/// `"title rows[name href state{word rule}] note"` – a word is a text or a flag, `{}` an object or false, `[]` a list of objects,
/// `[]` with nothing inside a list of texts.
struct TemplateShape: Sendable, Equatable, ExpressibleByStringLiteral {
    indirect enum Kind: Sendable, Equatable {
        case scalar
        case object(TemplateShape)
        case list(TemplateShape)
    }

    private(set) var fields: [String: Kind] = [:]

    /// The shape of `text`. Brackets must pair; this is text of the program, so a mistake stops it.
    init(stringLiteral text: String) {
        var rest = Substring(text)
        self.init(reading: &rest)
        precondition(rest.isEmpty, "the shape has a bracket too many: \(text)")
    }

    private init(reading rest: inout Substring) {
        while true {
            rest = rest.drop { $0.isWhitespace }
            let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
            guard !name.isEmpty else { return }
            rest = rest.dropFirst(name.count)
            guard let bracket = rest.first, bracket == "[" || bracket == "{" else {
                fields[name] = .scalar
                continue
            }
            rest = rest.dropFirst()
            let inner = TemplateShape(reading: &rest)
            precondition(rest.first == (bracket == "[" ? "]" : "}"), "the shape lacks a bracket after \(name)")
            rest = rest.dropFirst()
            fields[name] = bracket == "[" ? .list(inner) : .object(inner)
        }
    }

    /// Both shapes' names; those of `other` win.
    func merging(_ other: TemplateShape) -> TemplateShape {
        var result = self
        result.fields.merge(other.fields) { $1 }
        return result
    }

    /// True when `value` has exactly these names, and each is of its kind.
    func accepts(_ value: TemplateValue) -> Bool {
        guard case .object(let object) = value else { return fields.isEmpty && value.isScalar }
        return object.count == fields.count
            && fields.allSatisfy { name, kind in
                guard let value = object[name] else { return false }
                switch (kind, value) {
                case (.scalar, _): return value.isScalar
                case (.object, .flag(false)): return true
                case (.object(let shape), _): return shape.accepts(value)
                case (.list(let shape), .list(let items)): return items.allSatisfy(shape.accepts)
                case (.list, _): return false
                }
            }
    }
}

extension TemplateValue {
    fileprivate var isScalar: Bool {
        switch self {
        case .text, .phrase, .flag: true
        case .list, .object: false
        }
    }
}
