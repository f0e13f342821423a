// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// The string literals of a Swift file, with placeholders `{1}` for their interpolations, and whether they are for people.
/// A literal is for people if the code asks for a `Phrase` by name: `Phrase(…)`, `.phrase(…)`, or the body of a `Phrase` property or function.
/// Literals in the closure of a field, `.phrase("name") { … }`, are also for people, but the field's name is for programs. A sentence is for people
/// too, unless it goes to the log, to a precondition or to an error that only the log shows.
struct SourceLiterals {
    struct Literal: Hashable {
        var text: String
        var isForPeople: Bool
    }

    private enum Context { case asked, body, technical, other }

    private static let phrases: Set<String> = ["Phrase", "phrase", "counting", "Deed"]
    private static let technical: Set<String> = [
        "schema", "file", "secretKey", "precondition", "preconditionFailure", "fatalError", "assert", "notice", "error", "info", "debug",
        "warning", "failed", "text", "gauge", "counter", "family", "Page", "execute", "first", "all", "exists", "forEach",
    ]

    private(set) var literals: [Literal] = []
    private let source: [UInt8]
    private var position = 0
    private var contexts: [Context] = []
    /// The position where the parenthesis of the last `.phrase("name") {` closes.
    private var fieldEnd: Int?

    init(_ source: String) {
        self.source = Array(source.utf8)
        scan(until: nil)
    }

    private mutating func scan(until end: Unicode.Scalar?) {
        let depth = contexts.count
        while let scalar = at(position) {
            switch scalar {
            case "/" where at(position + 1) == "/":
                while let scalar = at(position), scalar != "\n" { position += 1 }
            case "\"": literal()
            case "(", "{":
                contexts.append(scalar == "(" ? called() : body())
                position += 1
            case ")", "}":
                if scalar == end, contexts.count == depth { return }
                if !contexts.isEmpty { contexts.removeLast() }
                position += 1
            default: position += 1
            }
        }
    }

    private mutating func literal() {
        if isTripleQuote {
            position += 3
            while position < source.count, !isTripleQuote { position += 1 }
            position += 3
            return
        }
        let before = before(position)
        var text: [UInt8] = []
        var holes = 0
        position += 1
        while let scalar = at(position), scalar != "\"" {
            if scalar == "\\", at(position + 1) == "(" {
                holes += 1
                text += Array("{\(holes)}".utf8)
                position += 2
                scan(until: ")")
            } else {
                if scalar == "\\" { position += 1 }
                text.append(scalar == "\\" && at(position) == "n" ? 0x0A : source[position])
            }
            position += 1
        }
        position += 1
        let words = String(decoding: text, as: UTF8.self)
        if before.hasSuffix(".phrase("), isFieldName { return literals.append(Literal(text: words, isForPeople: false)) }
        literals.append(Literal(text: words, isForPeople: isForPeople(words, after: before)))
    }

    /// True if a key path or a closure follows: `.phrase("name", \.name)` and `.phrase("name") { … }`.
    private var isFieldName: Bool {
        mutating get {
            if at(position) == "," { return true }
            guard at(position) == ")", at(position + 1) == " ", at(position + 2) == "{" else { return false }
            fieldEnd = position
            return true
        }
    }

    private func isForPeople(_ text: String, after before: String) -> Bool {
        guard text.replacing(/\{\d+\}/, with: "").contains(where: \.isLetter) else { return false }
        let context = contexts.last { $0 != .other } ?? .other
        if context == .technical { return false }
        let begins = text.first.map { $0.isUppercase || $0 == "{" || $0 == "“" } ?? false
        let isSentence = begins && text.contains(" ") && (text.hasSuffix(".") || text.hasSuffix("?"))
        let isCompared = ["case", "==", "["].contains { before.hasSuffix($0) }
        let isResult = ["return", ":", "?", "{", "="].contains { before.hasSuffix($0) }
        return isSentence || before.hasSuffix("label:") || context == .asked && !isCompared || context == .body && isResult && !isCompared
    }

    /// The call that an opening parenthesis belongs to.
    private func called() -> Context {
        var start = position
        while start > 0, let scalar = at(start - 1), scalar.properties.isAlphabetic { start -= 1 }
        let name = String(decoding: source[start..<position], as: UTF8.self)
        return Self.phrases.contains(name) ? .asked : Self.technical.contains(name) ? .technical : .other
    }

    /// The body that an opening brace begins.
    private func body() -> Context {
        if let fieldEnd, fieldEnd + 2 == position { return .body }
        let before = before(position)
        let types = ["Phrase", "Phrase?"]
        return types.contains { before.hasSuffix(": " + $0) || before.hasSuffix("-> " + $0) } ? .body : .other
    }

    /// The code before this position, without whitespace at its end.
    private func before(_ index: Int) -> String {
        var end = index
        while end > 0, let scalar = at(end - 1), scalar.properties.isWhitespace { end -= 1 }
        return String(decoding: source[max(0, end - 16)..<end], as: UTF8.self)
    }

    private func at(_ index: Int) -> Unicode.Scalar? { source.indices.contains(index) ? Unicode.Scalar(source[index]) : nil }
    private var isTripleQuote: Bool { at(position) == "\"" && at(position + 1) == "\"" && at(position + 2) == "\"" }
}
