// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A cookie to set in a response (RFC 6265bis). Always with HttpOnly, never with Domain.
public struct Cookie: Hashable, Sendable {
    /// Which requests from other sites include the cookie: none (strict), or those that follow a link (lax).
    public enum SameSite: String, Sendable {
        case strict = "Strict"
        case lax = "Lax"
    }

    /// A token.
    public var name: String
    /// Contains no spaces, quotes, commas, semicolons or backslashes.
    public var value: String
    /// The path at and below which browsers send the cookie.
    public var path: String
    /// Sent over TLS only.
    public var isSecure: Bool
    /// Strict, unless links from other sites must lead to a signed-in page.
    public var sameSite: SameSite
    /// Nil keeps the cookie until the browser is closed. Zero deletes it.
    public var maximumAge: Duration?

    /// Nil unless `name` is a token and all characters of `value` and `path` are allowed by RFC 6265 4.1.1.
    public init?(
        name: String, value: String, path: String = "/", isSecure: Bool, sameSite: SameSite = .strict, maximumAge: Duration? = nil
    ) {
        guard FieldName(name) != nil, value.utf8.allSatisfy(Self.isValueByte), path.hasPrefix("/"), path.utf8.allSatisfy(Self.isValueByte) else {
            return nil
        }
        self.path = path
        self.name = name
        self.value = value
        self.isSecure = isSecure
        self.sameSite = sameSite
        self.maximumAge = maximumAge
    }

    /// The value of the Set-Cookie field.
    public var setting: String {
        let age = maximumAge.map { "; Max-Age=\(max(0, $0.components.seconds))" } ?? ""
        return "\(name)=\(value); Path=\(path)\(age); HttpOnly; SameSite=\(sameSite.rawValue)\(isSecure ? "; Secure" : "")"
    }

    private static func isValueByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }
}

extension Request {
    /// The value of the cookie with this name. Nil when it is missing, and also when it occurs twice: one of the two may have been planted,
    /// and there is no way to tell which.
    public func cookie(_ name: String) -> String? {
        var found: String?
        for line in fields.all("Cookie") {
            var rest = line.utf8[...]
            while !rest.isEmpty {
                let part = rest.prefix { $0 != UInt8(ascii: ";") }
                rest = rest[part.endIndex...].dropFirst()
                let pair = trimmed(Substring(part)).utf8
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")), pair[..<equals].elementsEqual(name.utf8) else { continue }
                if found != nil { return nil }
                found = String(Substring(pair[pair.index(after: equals)...]))
            }
        }
        return found
    }
}
