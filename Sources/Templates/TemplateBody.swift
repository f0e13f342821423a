// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// Part of a template, compiled for values of one type. No step looks up a name.
struct TemplateBody<Model>: Sendable {
    /// Positions are indices into `constants`, `writes`, `tests` and the values that the output keeps. `end` is the step after a section.
    private enum Step {
        case bytes(start: Int, end: Int)
        case write(Int)
        case when(Int, end: Int)
        case unless(Int, end: Int)
        case writeKept(Int)
        case whenKept(Int, end: Int)
        case unlessKept(Int, end: Int)
        case callKept(Int)
    }

    private var steps: [Step] = []
    private var constants: [UInt8] = []
    private var writes: [TemplateWrite<Model>] = []
    private var tests: [@Sendable (Model) -> Bool] = []

    /// The condition for writing a section.
    enum Condition {
        case value(@Sendable (Model) -> Bool)
        case kept(Int)
    }

    mutating func append(_ bytes: [UInt8]) {
        // A closed section starts a new run of bytes, because steps jump to the point after it.
        steps.append(.bytes(start: constants.count, end: constants.count + bytes.count))
        constants += bytes
    }

    mutating func append(_ write: @escaping TemplateWrite<Model>) {
        steps.append(.write(writes.count))
        writes.append(write)
    }

    mutating func append(kept place: Int) { steps.append(.writeKept(place)) }
    mutating func append(keptSection place: Int) { steps.append(.callKept(place)) }

    /// Begins a section. Pass the result to `close`.
    mutating func open(_ condition: Condition, inverted: Bool) -> Int {
        switch condition {
        case .value(let test):
            steps.append(inverted ? .unless(tests.count, end: 0) : .when(tests.count, end: 0))
            tests.append(test)
        case .kept(let place): steps.append(inverted ? .unlessKept(place, end: 0) : .whenKept(place, end: 0))
        }
        return steps.count - 1
    }

    mutating func close(_ section: Int) {
        let end = steps.count
        switch steps[section] {
        case .when(let test, _): steps[section] = .when(test, end: end)
        case .unless(let test, _): steps[section] = .unless(test, end: end)
        case .whenKept(let place, _): steps[section] = .whenKept(place, end: end)
        case .unlessKept(let place, _): steps[section] = .unlessKept(place, end: end)
        case .bytes, .write, .writeKept, .callKept: preconditionFailure("not a section")
        }
    }

    func write(_ model: Model, to output: inout TemplateOutput) {
        var next = 0
        while next < steps.count {
            let step = steps[next]
            next += 1
            switch step {
            case .bytes(let start, let end): output.bytes.append(contentsOf: constants[start..<end])
            case .write(let index): writes[index](model, &output)
            case .when(let test, let end): if !tests[test](model) { next = end }
            case .unless(let test, let end): if tests[test](model) { next = end }
            case .writeKept(let place): output.write(place)
            case .whenKept(let place, let end): if !output.kept[place].isTrue { next = end }
            case .unlessKept(let place, let end): if output.kept[place].isTrue { next = end }
            case .callKept(let place): if case .section(let write) = output.kept[place] { write(&output) }
            }
        }
    }
}

/// A value that a section keeps for names inside it: a text that would otherwise be made twice, or a value that an inner section needs from
/// outside.
enum TemplateKept {
    case nothing
    case text(String)
    case phrase(Phrase)
    case flag(Bool)
    case section((inout TemplateOutput) -> Void)

    var isTrue: Bool {
        switch self {
        case .text(let text): !text.isEmpty
        case .phrase(let phrase): !phrase.isEmpty
        case .flag(let flag): flag
        case .nothing, .section: false
        }
    }
}

/// A page while it is being written.
struct TemplateOutput {
    var bytes: [UInt8] = []
    fileprivate(set) var kept: [TemplateKept]
    private let catalog: Catalog

    init(keeping count: Int, catalog: Catalog) {
        kept = Array(repeating: .nothing, count: count)
        self.catalog = catalog
        bytes.reserveCapacity(65_536)
    }

    mutating func append(_ text: String) { bytes.appendEscaped(text) }
    mutating func append(_ phrase: Phrase) { catalog.pieces(of: phrase) { bytes.appendEscaped($0) } }

    mutating func keep(_ value: TemplateKept, at place: Int) { kept[place] = value }

    fileprivate mutating func write(_ place: Int) {
        switch kept[place] {
        case .text(let text): append(text)
        case .phrase(let phrase): append(phrase)
        case .flag, .section, .nothing: break
        }
    }
}

extension [UInt8] {
    /// Appends `text`, escaped for HTML inside an element or a quoted attribute. Works on UTF-8 bytes. A comparison of characters would miss a
    /// quote followed by a combining character, because the two form one grapheme.
    mutating func appendEscaped(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard var next = bytes.firstIndex(where: Self.isSpecial) else { return append(contentsOf: bytes) }
        var start = bytes.startIndex
        while true {
            append(contentsOf: bytes[start..<next])
            switch bytes[next] {
            case UInt8(ascii: "&"): append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): append(contentsOf: "&#39;".utf8)
            default: append(contentsOf: "&#96;".utf8)
            }
            start = bytes.index(after: next)
            guard let more = bytes[start...].firstIndex(where: Self.isSpecial) else { return append(contentsOf: bytes[start...]) }
            next = more
        }
    }

    /// True for the six characters that `appendEscaped` replaces.
    private static func isSpecial(_ byte: UInt8) -> Bool {
        // One bit for each byte below 128: " & ' < > in the first 64, ` in the second.
        guard byte < 128 else { return false }
        let low: UInt64 = 1 << 0x22 | 1 << 0x26 | 1 << 0x27 | 1 << 0x3C | 1 << 0x3E
        let high: UInt64 = 1 << (0x60 - 64)
        return (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
    }
}
