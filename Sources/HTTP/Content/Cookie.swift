// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A cookie as an answer sets it (RFC 6265bis). HttpOnly and `Path=/` always, no Domain ever.
public struct Cookie: Hashable, Sendable {
    /// Which requests from other sites carry the cookie: none, or those that follow a link.
    public enum SameSite: String, Sendable {
        case strict = "Strict"
        case lax = "Lax"
    }

    /// A token.
    public var name: String
    /// Without spaces, quotes, commas, semicolons and backslashes.
    public var value: String
    /// Sent over TLS only.
    public var isSecure: Bool
    /// Strict unless a page must be reachable by links from elsewhere while signed in.
    public var sameSite: SameSite
    /// Nil: until the browser is closed. Zero deletes it.
    public var maximumAge: Duration?

    /// Nil unless `name` is a token and `value` has only the characters of RFC 6265 4.1.1.
    public init?(name: String, value: String, isSecure: Bool, sameSite: SameSite = .strict, maximumAge: Duration? = nil) {
        guard FieldName(name) != nil, value.utf8.allSatisfy(Self.isValueByte) else { return nil }
        self.name = name
        self.value = value
        self.isSecure = isSecure
        self.sameSite = sameSite
        self.maximumAge = maximumAge
    }

    /// The value of the Set-Cookie field.
    public var setting: String {
        let age = maximumAge.map { "; Max-Age=\(max(0, $0.components.seconds))" } ?? ""
        return "\(name)=\(value); Path=/\(age); HttpOnly; SameSite=\(sameSite.rawValue)\(isSecure ? "; Secure" : "")"
    }

    private static func isValueByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }
}

extension Request {
    /// The value of the cookie of this name. Nil when there is none, or when it comes twice: then one of them was
    /// planted, and nobody can tell which.
    public func cookie(_ name: String) -> String? {
        var found: String?
        for line in fields.all("Cookie") {
            for part in line.utf8.split(separator: UInt8(ascii: ";")) {
                let pair = trimmed(Substring(part))
                guard let equals = pair.utf8.firstIndex(of: UInt8(ascii: "=")), pair[..<equals] == name else { continue }
                if found != nil { return nil }
                found = String(pair[pair.utf8.index(after: equals)...])
            }
        }
        return found
    }
}
