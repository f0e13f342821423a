// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Who is behind a connection: the peer itself, or the client that trusted proxies tell of.
struct ClientOrigin: Hashable, Sendable {
    var address: IPAddress
    var isTLS: Bool
}

/// The proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. From anybody else the fields mean nothing.
struct TrustedProxies: Sendable {
    let prefixes: [IPPrefix]

    func contains(_ address: IPAddress) -> Bool { prefixes.contains { $0.contains(address) } }

    /// The right-most hop that is not a trusted proxy is the client; several lines are one list (RFC 9110 5.3). A hop may have a port and
    /// brackets. A list with junk to the right of the client is ignored as a whole.
    func origin(of peer: IPAddress, isTLS: Bool, fields: Fields) -> ClientOrigin {
        var origin = ClientOrigin(address: peer, isTLS: isTLS)
        guard !prefixes.isEmpty, contains(peer) else { return origin }
        if let client = client(in: fields.all("X-Forwarded-For")) { origin.address = client }
        // The proxy's own word is the last one; what stands before it may be the client's.
        switch fields.all("X-Forwarded-Proto").last?.utf8.split(separator: UInt8(ascii: ",")).last.map({ trimmed(Substring($0)).lowercased() }) {
        case "https": origin.isTLS = true
        case "http": origin.isTLS = false
        default: break
        }
        return origin
    }

    private func client(in lines: [String]) -> IPAddress? {
        var client: IPAddress?
        for hop in lines.flatMap({ $0.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) }).reversed() {
            guard let address = Self.address(trimmed(Substring(hop))) else { return nil }
            client = address
            if !contains(address) { break }
        }
        return client
    }

    /// `192.0.2.1`, `192.0.2.1:8080`, `2001:db8::1`, `[2001:db8::1]` and `[2001:db8::1]:8080`; an IPv4 address that is written as IPv6
    /// (RFC 4291 2.5.5.2) is the IPv4 address.
    private static func address(_ hop: some StringProtocol) -> IPAddress? {
        let text = String(hop)
        let isBracketed = text.hasPrefix("[")
        let address = isBracketed && text.hasSuffix("]") ? IPAddress(text.dropFirst().dropLast()) : IPAddress(text) ?? Endpoint(text)?.address
        guard case .v6(let long)? = address else { return isBracketed ? nil : address }
        return long.mappedIPv4.map { .v4($0) } ?? address
    }
}
