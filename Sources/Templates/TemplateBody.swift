// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Part of a template, compiled for values of one type. No step looks up a name.
struct TemplateBody<Model> {
    private var steps: [TemplateWrite<Model>] = []
    /// What the template says after the last step.
    private var bytes: [UInt8] = []

    /// The condition for writing a section.
    enum Condition {
        case value(TemplateTest<Model>)
        case kept(Int)
    }

    mutating func append(_ more: [UInt8]) { bytes += more }

    mutating func append(_ step: TemplateWrite<Model>) {
        steps = allSteps + [step]
        bytes = []
    }

    mutating func append(kept place: Int) { append(TemplateWrite { $1.write(place) }) }
    mutating func append(keptSection place: Int) { append(TemplateWrite { $1.writeSection(place) }) }

    /// Appends a section that is written only if `condition` holds, or only if it does not.
    mutating func append(_ inside: TemplateBody, if condition: Condition, inverted: Bool) {
        let write = inside.write
        switch condition {
        case .value(let test): append(TemplateWrite { if test(&$0) != inverted { write(&$0, &$1) } })
        case .kept(let place): append(TemplateWrite { if $1.kept[place].isTrue != inverted { write(&$0, &$1) } })
        }
    }

    /// All steps as one.
    var write: TemplateWrite<Model> { Self.joined(allSteps[...]) }

    private var allSteps: [TemplateWrite<Model>] {
        let bytes = bytes
        return bytes.isEmpty ? steps : steps + [TemplateWrite { $1.bytes.append(bytes.span) }]
    }

    /// A closure calls those that it captures without counting references to them. A loop over an array of closures would count one for each step.
    private static func joined(_ steps: ArraySlice<TemplateWrite<Model>>) -> TemplateWrite<Model> {
        if steps.count == 1, let only = steps.first { return only }
        if steps.isEmpty { return TemplateWrite { _, _ in } }
        let middle = steps.startIndex + steps.count / 2
        let (first, second) = (joined(steps[..<middle]), joined(steps[middle...]))
        return TemplateWrite {
            first(&$0, &$1)
            second(&$0, &$1)
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
    /// The path that the site is below, such as `/vpn`; usually empty.
    private let base: [UInt8]
    private var addressStart = 0

    init(keeping count: Int, catalog: Catalog, base: [UInt8]) {
        kept = Array(repeating: .nothing, count: count)
        self.catalog = catalog
        self.base = base
        bytes.reserveCapacity(65_536)
    }

    mutating func append(_ text: String) { bytes.appendEscaped(text.utf8Span.span) }
    mutating func append(_ phrase: Phrase) { catalog.pieces(of: phrase) { bytes.appendEscaped($0) } }

    mutating func appendBase() { bytes += base }
    mutating func beginAddress() { addressStart = bytes.count }

    /// Puts the base before the address that has been written if that is a path. `//` begins another host.
    mutating func endAddress() {
        guard !base.isEmpty, addressStart < bytes.count, bytes[addressStart] == UInt8(ascii: "/"),
            addressStart + 1 == bytes.count || bytes[addressStart + 1] != UInt8(ascii: "/")
        else { return }
        bytes.insert(contentsOf: base, at: addressStart)
    }

    mutating func keep(_ value: TemplateKept, at place: Int) { kept[place] = value }

    fileprivate mutating func write(_ place: Int) {
        switch kept[place] {
        case .text(let text): append(text)
        case .phrase(let phrase): append(phrase)
        case .flag, .section, .nothing: break
        }
    }

    fileprivate mutating func writeSection(_ place: Int) {
        if case .section(let write) = kept[place] { write(&self) }
    }
}

extension [UInt8] {
    /// Appends `text`, escaped for HTML inside an element or a quoted attribute. Works on UTF-8 bytes. A comparison of characters would miss a
    /// quote followed by a combining character, because the two form one grapheme.
    mutating func appendEscaped(_ text: Span<UInt8>) {
        var start = 0
        for index in text.indices where Self.isSpecial(text[index]) {
            append(text.extracting(start..<index))
            start = index + 1
            switch text[index] {
            case UInt8(ascii: "&"): append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): append(contentsOf: "&#39;".utf8)
            default: append(contentsOf: "&#96;".utf8)
            }
        }
        append(text.extracting(start..<text.count))
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
