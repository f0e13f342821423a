// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The address and UDP port to send datagrams to. IPv6 link-local addresses also need the index of the interface.
public struct Endpoint: Hashable, Sendable {
    public var address: IPAddress
    public var port: UInt16
    /// The interface index, written as `%scope` in `fe80::1%2`; 0 when there is none (WG-E-8).
    public var scope: UInt32

    public init(address: IPAddress, port: UInt16, scope: UInt32 = 0) {
        self.address = address
        self.port = port
        self.scope = scope
    }
}

extension Endpoint: LosslessStringConvertible {
    /// Parses `192.0.2.1:51820`, `[2001:db8::1]:51820` or `[fe80::1%2]:51820` (with a numeric scope). Nil for any other text.
    public init?(_ text: String) {
        guard let split = HostPort.split(text), let port = split.port else { return nil }
        let parts = split.host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        var scope: UInt32 = 0
        if parts.count == 2 {
            guard case .v6 = address, let index = decimal(parts[1], upTo: 999_999_999) else { return nil }
            scope = UInt32(index)
        }
        self.init(address: address, port: port, scope: scope)
    }

    public var description: String {
        switch address {
        case .v4: "\(address):\(port)"
        case .v6: scope == 0 ? "[\(address)]:\(port)" : "[\(address)%\(scope)]:\(port)"
        }
    }
}

/// An endpoint as an admin writes it: a host name or an address, with an optional port.
public struct HostPort: Hashable, Sendable, LosslessStringConvertible {
    public var host: String
    public var port: UInt16?

    public init(host: String, port: UInt16?) {
        self.host = host
        self.port = port
    }

    /// Parses `hub.example.org`, `hub.example.org:51820`, `192.0.2.1:51820`, `2001:db8::1` and `[2001:db8::1]:51820`.
    /// Nil when the host is neither an address nor a valid host name (RFC 1123 2.1), or when the port is 0 or above 65535.
    public init?(_ text: String) {
        if case .v6? = IPAddress(text) {
            self.init(host: text, port: nil)
            return
        }
        guard let split = HostPort.split(text) else { return nil }
        if split.bracketed {
            guard case .v6? = IPAddress(split.host) else { return nil }
        } else {
            guard IPv4Address(split.host) != nil || isHostName(split.host) else { return nil }
        }
        guard split.port != 0 else { return nil }
        self.init(host: String(split.host), port: split.port)
    }

    public var description: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(shown):\($0)" } ?? host
    }

    static func split(_ text: String) -> (host: Substring, port: UInt16?, bracketed: Bool)? {
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            let host = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            guard !rest.isEmpty else { return (host, nil, true) }
            guard rest.first == ":", let port = decimal(rest.dropFirst(), upTo: 65535) else { return nil }
            return (host, UInt16(port), true)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return (parts[0], nil, false)
        case 2:
            guard let port = decimal(parts[1], upTo: 65535) else { return nil }
            return (parts[0], UInt16(port), false)
        default: return nil
        }
    }
}

/// RFC 1123 2.1: labels of letters, digits and inner hyphens, at most 63 bytes each and 253 bytes in total. The last label is not a number.
private func isHostName(_ text: Substring) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    guard text.utf8.count <= 253, let last = labels.last, !last.utf8.allSatisfy({ (48...57).contains($0) }) else { return false }
    return labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.utf8.first != 45 && label.utf8.last != 45
            && label.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 }
    }
}
