// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The host and port that a request names (RFC 9110 7.2), validated. The host is in lower case, without a trailing dot (RFC 3986 3.2.2), an
/// IPv6 address without brackets.
public struct Authority: Hashable, Sendable, CustomStringConvertible {
    /// `hub.example.org`, `192.0.2.1` or `2001:db8::1`.
    public let host: String
    /// Nil when the request gives no port.
    public let port: UInt16?

    /// Accepts less than RFC 3986 3.2.2, which allows markup and percent-encoding: only an address, or a name of letters, digits, `-`, `.`
    /// and `_`. No user, path or space.
    public init?(_ text: some StringProtocol) {
        var rest = Array(text.utf8)[...]
        if rest.first == UInt8(ascii: "[") {
            guard let close = rest.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            guard let address = IPv6Address(String(decoding: rest[1..<close], as: UTF8.self)) else { return nil }
            host = address.description
            rest = rest[(close + 1)...]
        } else {
            let text = rest.prefix { $0 != UInt8(ascii: ":") }
            let name = text.last == UInt8(ascii: ".") ? text.dropLast() : text
            guard (1...253).contains(name.count), name.allSatisfy(Self.isNameByte) else { return nil }
            host = String(decoding: name.map(\.lowercased), as: UTF8.self)
            rest = rest[text.endIndex...]
        }
        guard let colon = rest.popFirst() else {
            port = nil
            return
        }
        guard colon == UInt8(ascii: ":"), rest.count <= 5, rest.allSatisfy(\.isDigit) else { return nil }
        if rest.isEmpty {
            port = nil
        } else {
            guard let number = UInt16(String(decoding: rest, as: UTF8.self)) else { return nil }
            port = number
        }
    }

    /// The same host with another port.
    public func with(port: UInt16?) -> Authority { Authority(host: host, port: port) }

    private init(host: String, port: UInt16?) { (self.host, self.port) = (host, port) }

    /// The form in a URL: an IPv6 address in brackets, and the port if there is one.
    public var description: String { (host.contains(":") ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "") }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
    }
}
