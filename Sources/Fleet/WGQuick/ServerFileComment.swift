// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The meaning of a comment in a server file. Many programs write the names of peers into comments, each in its own form:
///
///     # Client: anna (a1b2)                        wg-easy, above [Peer]
///     ### Client anna                              angristan/wireguard-install, above
///     ### begin anna ###  …  ### end anna ###      PiVPN, around
///     # BEGIN_PEER anna   …  # END_PEER anna       Nyr/wireguard-install, around
///     # Name:    anna                              wireguard-ui, above, among lines such as “# Email:”
///     #Name# = anna                                WGDashboard, inside
///     # -WGP- Display name: anna                   wg-portal, inside, among other lines that begin with -WGP-
///     # friendly_name = anna                       prometheus_wireguard_exporter, inside
enum ServerFileComment: Equatable {
    /// A name in a form that programs write. If `isInside`, it is always for the section that contains it.
    case name(String, isInside: Bool)
    /// Any other text. It may be a name.
    case text(String)
    /// Text that is never a name, such as a date.
    case other
    /// The end of a peer, or a setting that is commented out. Comments before it do not name the next peer.
    case end
    /// A section that is commented out.
    case section

    /// Interprets the text of a comment, without its first `#`.
    init(_ raw: Substring) {
        let isMarked = raw.hasPrefix("##")
        let core = String(raw.trimmed { $0 == "#" || $0 == " " || $0 == "\t" })
        if core.isEmpty {
            self = .other
        } else if let value = Self.rest(of: String(raw), after: "Name#") ?? Self.rest(of: core, after: "friendly_name") {
            self = Self.value(value).map { .name($0, isInside: true) } ?? .other
        } else if Self.rest(of: core, after: "friendly_json") != nil {
            self = .other
        } else if let line = Self.rest(of: core, after: "-WGP-") {
            self = Self.rest(of: line, after: "Display name:").map { .name($0, isInside: true) } ?? .other
        } else if let name = Self.rest(of: core, after: "Client:") {
            self = .name(Self.withoutID(name), isInside: false)
        } else if let name = Self.rest(of: core, after: "BEGIN_PEER") ?? (isMarked ? Self.rest(of: core, after: "begin ") : nil) {
            self = .name(name, isInside: false)
        } else if isMarked, let name = Self.rest(of: core, after: "Client ") {
            self = .name(name, isInside: false)
        } else if Self.rest(of: core, after: "END_PEER") != nil || (isMarked && Self.rest(of: core, after: "end ") != nil) {
            self = .end
        } else if core.hasPrefix("[") {
            self = .section
        } else if let equals = core.firstIndex(of: "="), Self.settings.contains(Self.folded(core[..<equals])) {
            self = .end
        } else if let colon = core.firstIndex(of: ":"), core[core.index(after: colon)...].first.map({ $0 == " " || $0 == "\t" }) ?? true {
            self = Self.property(core, colon)
        } else {
            self = .text(core)
        }
    }

    /// Interprets `Key: value`.
    private static func property(_ core: String, _ colon: String.Index) -> ServerFileComment {
        let key = folded(core[..<colon])
        if key == "name" { return rest(of: core, after: core[...colon]).map { .name($0, isInside: false) } ?? .other }
        return properties.contains(key) ? .other : .text(core)
    }

    /// The text after `marker`, ignoring case; nil if `text` does not begin with it or nothing follows.
    private static func rest(of text: String, after marker: some StringProtocol) -> String? {
        guard text.lowercased().hasPrefix(marker.lowercased()) else { return nil }
        let rest = text.dropFirst(marker.count).trimmed { $0 == " " || $0 == "\t" }
        return rest.isEmpty ? nil : String(rest)
    }

    /// The text after `=`; nil if there is none.
    private static func value(_ text: String) -> String? {
        guard text.hasPrefix("=") else { return nil }
        let value = text.dropFirst().trimmed { $0 == " " || $0 == "\t" }
        return value.isEmpty ? nil : String(value)
    }

    /// Removes the id that wg-easy writes after the name, in parentheses.
    private static func withoutID(_ text: String) -> String {
        guard text.hasSuffix(")"), let open = text.lastIndex(of: "("), open > text.startIndex else { return text }
        let name = text[..<open].trimmed { $0 == " " || $0 == "\t" }
        return name.isEmpty ? text : String(name)
    }

    private static func folded(_ key: Substring) -> String { key.lowercased().filter { $0 != " " && $0 != "\t" } }

    /// The settings of wg(8) and wg-quick(8).
    private static let settings: Set<String> = [
        "publickey", "presharedkey", "allowedips", "endpoint", "persistentkeepalive", "privatekey", "listenport", "fwmark", "address", "dns",
        "mtu", "table", "preup", "postup", "predown", "postdown", "saveconfig",
    ]

    /// What programs write beside the name of a peer.
    private static let properties: Set<String> = [
        "id", "email", "telegram", "createdat", "created", "updateat", "updatedat", "updated", "publickey", "privatekey", "expires", "expiresat",
        "note", "notes",
    ]
}

/// The comments that may name one peer.
struct ServerFileNames {
    private var marked: String?
    private var text: String?

    /// Keeps a comment above the section. A later one replaces an earlier one of its kind.
    mutating func takeAbove(_ comment: ServerFileComment) {
        switch comment {
        case .name(let name, _): marked = name
        case .text(let text): self.text = text
        case .end, .section: self = ServerFileNames()
        case .other: break
        }
    }

    /// Keeps a comment inside the section. The first one of its kind counts.
    mutating func takeInside(_ comment: ServerFileComment) {
        switch comment {
        case .name(let name, _): marked = marked ?? name
        case .text(let text): self.text = self.text ?? text
        case .end, .section, .other: break
        }
    }

    /// The name of a peer: a comment inside its section beats one above it, and a form that programs write beats any other text. Nil if
    /// there is none.
    static func name(above: ServerFileNames, inside: ServerFileNames, beside: ServerFileNames) -> String? {
        (inside.marked ?? above.marked ?? inside.text ?? above.text ?? beside.marked ?? beside.text).flatMap(cleaned)
    }

    /// Characters. Leaves room for a number that makes the name unique.
    private static let maximumLength = 56

    /// The text as a device's name: without control characters and marks that change the display, with single spaces, and short enough. Nil
    /// if nothing is left.
    static func cleaned(_ text: String) -> String? {
        var words: [String] = [""]
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .format, .surrogate, .privateUse, .unassigned: break
            case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator: words.append("")
            default: words[words.count - 1].unicodeScalars.append(scalar)
            }
        }
        var name = ""
        var length = 0
        for character in words.filter({ !$0.isEmpty }).joined(separator: " ") {
            length += character.unicodeScalars.count
            guard length <= maximumLength else { break }
            name.append(character)
        }
        name = String(name.trimmed { $0 == " " })
        return TextRules.nameProblem(name) == nil ? name : nil
    }
}
