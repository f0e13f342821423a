// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// A form of a page with the page's values. A test changes and sends it like a browser.
struct HTMLForm {
    let action: String
    private(set) var fields: [(name: String, value: String)]
    /// Every name that the form has a control for, unchecked ones too.
    private let names: Set<String>

    /// The form of the page that posts to `action`.
    init(in page: String, action: String) throws {
        let forms = page.matches(of: /(?s)<form\b([^>]*)>(.*?)<\/form>/)
        guard let form = forms.first(where: { Self.attributes($0.1)["action"] == action && Self.attributes($0.1)["method"] == "post" }) else {
            throw LabError("the page has no form for \(action): \(Self.text(of: page))")
        }
        self.action = action
        fields = []
        var names: Set<String> = []
        for control in form.2.matches(of: /(?s)<input\b([^>]*)>|<textarea\b([^>]*)>(.*?)<\/textarea>/) {
            let attributes = Self.attributes(control.1 ?? control.2 ?? "")
            guard let name = attributes["name"] else { continue }
            names.insert(name)
            let type = attributes["type"] ?? "text"
            if ["radio", "checkbox"].contains(type), attributes["checked"] == nil { continue }
            // A line break right after <textarea> belongs to the markup (HTML 13.1.2.5).
            let value = control.3.map { Self.unescape($0.drop { $0.isNewline }) } ?? attributes["value"] ?? ""
            fields.append((name, value))
        }
        for choice in form.2.matches(of: /(?s)<select\b([^>]*)>(.*?)<\/select>/) {
            guard let name = Self.attributes(choice.1)["name"] else { continue }
            names.insert(name)
            let options = choice.2.matches(of: /<option\b([^>]*)>/).map { Self.attributes($0.1) }
            if let option = options.first(where: { $0["selected"] != nil }) ?? options.first { fields.append((name, option["value"] ?? "")) }
        }
        self.names = names
    }

    /// Types a value into a control. Throws if the form has no control of that name.
    mutating func set(_ name: String, _ value: String) throws {
        guard names.contains(name) else { throw LabError("the form for \(action) has no field \(name); it has \(names.sorted())") }
        fields.removeAll { $0.name == name }
        fields.append((name, value))
    }

    /// The body of the POST.
    var encoded: String {
        fields.map { "\(Self.percentEncode($0.name))=\(Self.percentEncode($0.value))" }.joined(separator: "&")
    }

    /// The text of a page without markup, for messages.
    static func text(of page: String) -> String {
        let plain = page.replacing(/(?s)<(style|script)\b.*?<\/\1>|<[^>]*>/, with: " ")
        return String(unescape(plain[...]).split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(1500))
    }

    private static func attributes(_ text: Substring) -> [String: String] {
        var result: [String: String] = [:]
        for match in text.matches(of: /([a-z_-]+)(?:="([^"]*)")?/) {
            result[String(match.1)] = match.2.map { unescape($0) } ?? ""
        }
        return result
    }

    private static func unescape(_ text: Substring) -> String {
        let named = ["&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'", "&#x27;": "'", "&#34;": "\"", "&#43;": "+", "&#61;": "="]
        return named.reduce(String(text)) { $0.replacingOccurrences(of: $1.key, with: $1.value) }.replacingOccurrences(of: "&amp;", with: "&")
    }

    private static func percentEncode(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }
}
