// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// Turns the members of a request body into the fields of the matching form, so that pages and API share one validation.
enum APIInputs {
    /// The type of a member. Other types are refused before the form sees them, because a form accepts any text.
    enum Kind {
        case text, texts, textOrTexts, lines, flag, number
        case optionalText, optionalTexts, optionalNumber, optionalMoment

        fileprivate func text(_ value: JSON) -> String? {
            switch (self, value) {
            case (.optionalText, .null), (.optionalTexts, .null), (.optionalNumber, .null), (.optionalMoment, .null): ""
            case (.text, .string(let text)), (.optionalText, .string(let text)), (.textOrTexts, .string(let text)): text
            case (.flag, .bool(let flag)): flag ? "on" : "off"
            case (.number, .integer(let number)), (.optionalNumber, .integer(let number)): String(number)
            case (.texts, .array(let values)), (.optionalTexts, .array(let values)), (.textOrTexts, .array(let values)): APIInputs.list(values)
            case (.lines, .array(let values)): APIInputs.lines(values)
            case (.optionalMoment, .string(let text)): UnixTime(rfc3339: text) == nil ? nil : text
            default: nil
            }
        }

        fileprivate var words: Phrase {
            switch self {
            case .text: "a text"
            case .optionalText: "a text or null"
            case .texts: "a list of texts without blanks and commas"
            case .optionalTexts: "a list of texts without blanks and commas, or null"
            case .textOrTexts: "a text, or a list of texts without blanks and commas"
            case .lines: "a list of texts without line breaks"
            case .flag: "true or false"
            case .number: "an integer"
            case .optionalNumber: "an integer or null"
            case .optionalMoment: "a time as in 2027-01-31T18:00:00Z (RFC 3339), or null"
            }
        }
    }

    /// The members that set a device's own settings. Null means the default.
    static let overrides = members { name in
        switch name.jsonForm {
        case .texts: .optionalTexts
        case .text: .optionalText
        case .number: .optionalNumber
        }
    }

    /// The members that set the defaults. Defaults have nothing to fall back on, so null is only for settings that may be left empty.
    static let defaults = members { name in
        switch name.jsonForm {
        case .texts: .texts
        case .text: name.jsonOff == nil ? .text : .optionalText
        case .number: name.jsonOff == nil ? .number : .optionalNumber
        }
    }

    private static func members(_ kind: (SettingName) -> Kind) -> [String: Kind] {
        Dictionary(uniqueKeysWithValues: SettingName.allCases.map { ($0.rawValue, kind($0)) })
    }

    /// Null means the default in a device's settings, and empty elsewhere. Throws 400 for a member that is not in `kinds` or has the wrong type.
    static func read(_ json: JSON, _ kinds: [String: Kind]) throws(HTTPError) -> Inputs {
        guard let members = json.members else { throw HTTPError(.badRequest, "The body must be a JSON object.") }
        var values: [String: String] = [:]
        for (name, value) in members {
            guard let kind = kinds[name] else { throw HTTPError(.badRequest, "There is no member “\(name.first(scalars: 64))” here.") }
            guard let text = kind.text(value) else { throw HTTPError(.badRequest, "The member “\(name)” must be \(kind.words).") }
            values[name] = text
            guard let setting = SettingName(rawValue: name) else { continue }
            if text == "0", case .integer(0) = setting.jsonOff { values[name] = "" }
            values[setting.source] = value.isNull ? "default" : "custom"
        }
        return Inputs(values)
    }

    /// The list as text with a line for each entry.
    private static func lines(_ values: [JSON]) -> String? {
        let texts = values.compactMap(\.string)
        guard texts.count == values.count, !texts.contains(where: { $0.contains(where: \.isNewline) }) else { return nil }
        return texts.joined(separator: "\n")
    }

    /// The list as text, as a user would type it. Refuses a separator inside an entry, which would split it in two.
    private static func list(_ values: [JSON]) -> String? {
        let texts = values.compactMap(\.string)
        guard texts.count == values.count, texts.allSatisfy({ Entry.list($0) == [$0] }) else { return nil }
        return texts.joined(separator: ", ")
    }
}
