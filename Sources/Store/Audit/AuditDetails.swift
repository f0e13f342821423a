// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The fields of an audit entry, in order. The value is nil for "the default" or "none". Must not contain secrets.
public struct AuditDetails: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    private struct Field: Hashable {
        var name: String
        var value: String?
    }

    private var fields: [Field]

    /// Creates the details from fields, in the order in which they are written.
    public init(dictionaryLiteral elements: (String, String?)...) { self.init(elements) }

    init(_ elements: [(String, String?)]) { fields = elements.map { Field(name: $0.0, value: $0.1) } }

    /// The value of a field; nil if it is null or missing.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The fields whose values differ, with both values. Both sides must have the same fields.
    static func differences(_ before: AuditDetails, _ after: AuditDetails) -> (before: AuditDetails, after: AuditDetails) {
        var result: (before: AuditDetails, after: AuditDetails) = ([:], [:])
        for (old, new) in zip(before.fields, after.fields) where old != new {
            result.before.fields.append(old)
            result.after.fields.append(new)
        }
        return result
    }

    func appending(_ other: AuditDetails) -> AuditDetails {
        var result = self
        result.fields += other.fields
        return result
    }

    /// The fields as a JSON object (RFC 8259) of strings and nulls; nil if there are no fields.
    var json: String? {
        guard !fields.isEmpty else { return nil }
        let members = fields.map { field in "\(quoted(field.name)):\(field.value.map(quoted) ?? "null")" }
        return "{\(members.joined(separator: ","))}"
    }

    /// A JSON string (RFC 8259 7) with all control characters escaped, so that an entry stays on one line. Unlike this, `JSON` is for
    /// programs, does not escape U+0085 and U+2028, and uses short escapes for line breaks. This format must not change: hashes cover it,
    /// and people compare it.
    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.properties.generalCategory == .control || scalar == "\u{2028}" || scalar == "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
