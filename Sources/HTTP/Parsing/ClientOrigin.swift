// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The client of a connection: the peer itself, or the client that trusted proxies report.
struct ClientOrigin: Hashable, Sendable {
    var address: IPAddress
    var isTLS: Bool
    /// The port that the client connected to, if a proxy reports it.
    var port: UInt16?
}

/// The proxies whose X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Port are trusted. From other peers these fields are ignored.
struct TrustedProxies: Sendable {
    let prefixes: [IPPrefix]

    func contains(_ address: IPAddress) -> Bool { prefixes.contains { $0.contains(address) } }

    /// The client is the right-most hop that is not a trusted proxy; several field lines form one list (RFC 9110 5.3). A hop may have a
    /// port and brackets. If an invalid hop comes before the client is found, the whole list is ignored. `isProxy` says whether the fields of
    /// `peer` count.
    func origin(of peer: IPAddress, isProxy: Bool, isTLS: Bool, fields: Fields) -> ClientOrigin {
        var origin = ClientOrigin(address: peer, isTLS: isTLS)
        guard isProxy else { return origin }
        if let client = client(in: fields.all("X-Forwarded-For")) { origin.address = client }
        // The last value is the proxy's own; earlier ones may come from the client.
        switch last(fields.all("X-Forwarded-Proto"))?.lowercased() {
        case "https": origin.isTLS = true
        case "http": origin.isTLS = false
        default: break
        }
        origin.port = last(fields.all("X-Forwarded-Port")).flatMap { $0.utf8.allSatisfy(\.isDigit) ? UInt16($0) : nil }
        return origin
    }

    private func last(_ lines: [String]) -> Substring? {
        lines.last?.utf8.split(separator: UInt8(ascii: ",")).last.map { trimmed(Substring($0)) }
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

    /// Parses `192.0.2.1`, `192.0.2.1:8080`, `2001:db8::1`, `[2001:db8::1]` and `[2001:db8::1]:8080`. An IPv4 address written as IPv6 (RFC
    /// 4291 2.5.5.2) becomes the IPv4 address.
    private static func address(_ hop: some StringProtocol) -> IPAddress? {
        let text = String(hop)
        let isBracketed = text.hasPrefix("[")
        let address = isBracketed && text.hasSuffix("]") ? IPAddress(text.dropFirst().dropLast()) : IPAddress(text) ?? Endpoint(text)?.address
        guard case .v6(let long)? = address else { return isBracketed ? nil : address }
        return long.mappedIPv4.map { .v4($0) } ?? address
    }
}
