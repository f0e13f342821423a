// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Rules as text, one in each line, as the page, the command line and the audit log have them:
///
/// ```
/// allow from tag:admins to any tcp 22 # admins may use ssh
/// off deny from "Berlin NAS" to internet any
/// end deny
/// ```
///
/// `off` comes before a rule that does not count. The last line says what the end of the list does; without it, the end allows.
public enum RuleText {
    /// The maximum length of a text in bytes.
    public static let maximumByteCount = 1 << 20

    /// The text. `name` gives the name of a device; without one, its id is written.
    public static func text(_ list: RuleList, name: (String) -> String? = { _ in nil }) -> String {
        (list.rules.map { line($0, name: name) } + ["end \(word(list.end))"]).joined(separator: "\n") + "\n"
    }

    /// One rule on one line.
    public static func line(_ rule: ServiceRule, name: (String) -> String? = { _ in nil }) -> String {
        let note = rule.note.isEmpty ? "" : " # \(rule.note)"
        return (rule.enabled ? "" : "off ")
            + "\(word(rule.action)) from \(text(rule.from, name)) to \(text(rule.to, name)) \(rule.service)\(note)"
    }

    /// One side of a rule.
    public static func text(_ party: ServiceRule.Party, _ name: (String) -> String? = { _ in nil }) -> String {
        switch party {
        case .any: "any"
        case .hub: "hub"
        case .internet: "internet"
        case .tag(let tag): "tag:\(tag)"
        case .prefix(let prefix): prefix.description
        case .device(let id): name(id).map(quoted) ?? "device:\(id)"
        }
    }

    /// The word for what a rule does.
    public static func word(_ action: Rule.Action) -> String {
        switch action {
        case .allow: "allow"
        case .deny: "deny"
        case .reset: "reset"
        }
    }

    /// What a word says a rule does; nil for any other text.
    public static func action(_ word: some StringProtocol) -> Rule.Action? {
        Rule.Action.allCases.first { self.word($0) == word.lowercased() }
    }

    /// Reads a list. `id` finds a device by its name. An error names its line.
    public static func read(_ text: String, id: (String) -> String?) -> Entry.Reading<RuleList> {
        guard text.utf8.count <= maximumByteCount else { return .failure(Entry.Refusal(message: "The text is too long.")) }
        var list = RuleList()
        var isOver = false
        // A carriage return and a line feed are one character, which is a line break.
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmed()
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard !isOver else { return .failure(refusal(number, "Nothing may come after the end of the list.")) }
            let words = line.split(separator: " ")
            if words.count == 2, words[0].lowercased() == "end" {
                guard let end = action(words[1]), end != .reset else { return .failure(refusal(number, "The end of the list is allow or deny.")) }
                (list.end, isOver) = (end, true)
                continue
            }
            switch rule(line, id: id) {
            case .success(let rule): list.rules.append(rule)
            case .failure(let problem): return .failure(refusal(number, problem.message))
            }
        }
        return .success(list)
    }

    private static func refusal(_ line: Int, _ message: Phrase) -> Entry.Refusal { Entry.Refusal(message: "Line \(line + 1): \(message)") }

    /// Reads one line.
    public static func rule(_ line: String, id: (String) -> String?) -> Entry.Reading<ServiceRule> {
        var words = Tokens(line)
        var word = words.next()
        let isOff = word?.text.lowercased() == "off"
        if isOff { word = words.next() }
        guard let action = word.flatMap({ action($0.text) }) else {
            return .failure(Entry.Refusal(message: "A rule begins with allow, deny or reset."))
        }
        guard words.next()?.text.lowercased() == "from", let source = words.next(), words.next()?.text.lowercased() == "to",
            let destination = words.next()
        else { return .failure(Entry.Refusal(message: "A rule reads: allow from tag:admins to any tcp 22")) }
        let rest = words.rest
        return party(source, id: id).flatMap { from in
            party(destination, id: id).flatMap { to in
                service(rest.service).map { ServiceRule(action, from: from, to: to, service: $0, note: rest.note, enabled: !isOff) }
            }
        }
    }

    /// Reads the protocol and the ports of a rule. Nothing means any.
    public static func service(_ text: String) -> Entry.Reading<TransportService> {
        if text.trimmed().isEmpty { return .success(.any) }
        if let service = TransportService(text) { return .success(service) }
        return .failure(
            Entry.Refusal(
                message: "“\(text.shortened(to: 60))” is not a service. Examples: tcp 22, udp 53, 5000-5010, icmp, any, or the number of a protocol.")
        )
    }

    /// Reads one side of a rule that stands alone in its field.
    public static func party(_ text: String, id: (String) -> String?) -> Entry.Reading<ServiceRule.Party> {
        let text = text.trimmed()
        if text.isEmpty { return .success(.any) }
        if !text.hasPrefix("\""), let device = id(text), !isReserved(text) { return .success(.device(device)) }
        var words = Tokens(text)
        guard let word = words.next(), words.rest == ("", "") else { return .failure(unknown(text)) }
        return party(word, id: id)
    }

    private static func party(_ word: Tokens.Word, id: (String) -> String?) -> Entry.Reading<ServiceRule.Party> {
        let text = word.text
        if !word.isQuoted {
            switch text.lowercased() {
            case "any": return .success(.any)
            case "hub": return .success(.hub)
            case "internet": return .success(.internet)
            default: break
            }
            if let prefix = IPPrefix(text) { return .success(.prefix(prefix)) }
            if text.hasPrefix("device:") { return .success(.device(String(text.dropFirst(7)))) }
            if text.hasPrefix("tag:") {
                guard let tag = Tag(String(text.dropFirst(4))) else { return .failure(unknown(text)) }
                return .success(.tag(tag))
            }
        }
        return id(text).map { .success(.device($0)) } ?? .failure(unknown(text))
    }

    private static func unknown(_ text: String) -> Entry.Refusal {
        Entry.Refusal(
            message: "“\(text.shortened(to: 80))” is no device. Write its name, tag:word, a network, any, hub or internet.")
    }

    /// True for a text that means something else than a name, unless it is in quotation marks.
    private static func isReserved(_ text: String) -> Bool {
        ["any", "hub", "internet", "from", "to"].contains(text.lowercased()) || text.hasPrefix("tag:") || text.hasPrefix("device:")
            || IPPrefix(text) != nil
    }

    private static func quoted(_ name: String) -> String {
        let isWord = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
        guard !isWord || isReserved(name) || name.isEmpty else { return name }
        return "\"" + name.reduce(into: "") { $0 += $1 == "\"" || $1 == "\\" ? "\\\($1)" : String($1) } + "\""
    }
}

/// Splits a line into words. A word in quotation marks may have blanks; a backslash takes the next character as it is.
private struct Tokens {
    struct Word {
        var text: String
        var isQuoted = false
    }

    private var left: Substring

    init(_ line: String) { left = line[...] }

    mutating func next() -> Word? {
        left = left.drop { $0 == " " || $0 == "\t" }
        guard let first = left.first, first != "#" else { return nil }
        guard first == "\"" else {
            let word = left.prefix { $0 != " " && $0 != "\t" }
            left = left.dropFirst(word.count)
            return Word(text: String(word))
        }
        var text = ""
        left = left.dropFirst()
        while let character = left.popFirst() {
            if character == "\"" { return Word(text: text, isQuoted: true) }
            text.append(character == "\\" ? left.popFirst() ?? "\\" : character)
        }
        // Nobody has closed it.
        return Word(text: "\"" + text)
    }

    /// What is left, before and after the first `#`.
    var rest: (service: String, note: String) {
        guard let mark = left.firstIndex(of: "#") else { return (String(left).trimmed(), "") }
        return (String(left[..<mark]).trimmed(), String(left[left.index(after: mark)...]).trimmed())
    }
}
