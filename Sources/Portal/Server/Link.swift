// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A local address with a query, as links of pages are built: a view is its URL.
struct Link {
    private(set) var path: String
    private var pairs: [(String, String)] = []

    init(_ path: String) { self.path = path }

    /// With `name` set to `value`; an empty value leaves it out.
    func with(_ name: String, _ value: String?) -> Link {
        var copy = self
        copy.pairs.removeAll { $0.0 == name }
        if let value, !value.isEmpty { copy.pairs.append((name, value)) }
        return copy
    }

    var text: String {
        pairs.isEmpty ? path : path + "?" + pairs.map { "\(Self.encoded($0))=\(Self.encoded($1))" }.joined(separator: "&")
    }

    /// RFC 3986 2.1: everything but the unreserved characters as %XX.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        var result = String.UnicodeScalarView()
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: result.append(Unicode.Scalar(byte))
            default: result.append(contentsOf: ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            }
        }
        return String(result)
    }
}
