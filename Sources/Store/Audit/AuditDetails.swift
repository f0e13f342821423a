// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Fields of an audit entry, in order: name and value, nil for "the default" or "none". Never put a secret here.
public struct AuditDetails: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    private struct Field: Hashable {
        var name: String
        var value: String?
    }

    private var fields: [Field]

    /// The fields in the order they are written.
    public init(dictionaryLiteral elements: (String, String?)...) { self.init(elements) }

    init(_ elements: [(String, String?)]) { fields = elements.map { Field(name: $0.0, value: $0.1) } }

    /// The value of a field; nil for a null and for a field that is not here.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The fields of this form that differ in `other`, which has the same fields.
    func differing(from other: AuditDetails) -> AuditDetails {
        var result: AuditDetails = [:]
        result.fields = zip(fields, other.fields).filter { $0 != $1 }.map(\.0)
        return result
    }

    func appending(_ other: AuditDetails) -> AuditDetails {
        var result = self
        result.fields += other.fields
        return result
    }

    /// A JSON object (RFC 8259) of strings and nulls; nil when there is no field.
    var json: String? {
        guard !fields.isEmpty else { return nil }
        let members = fields.map { field in "\(quoted(field.name)):\(field.value.map(quoted) ?? "null")" }
        return "{\(members.joined(separator: ","))}"
    }

    /// RFC 8259 section 7, with every control character escaped so that an entry stays one line. `JSON` writes what is for programs, leaves
    /// U+0085 and U+2028 alone and has short forms of line ends; this text stays as it is, since hashes cover it and people compare it.
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
