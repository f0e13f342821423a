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

    /// The right-most hop that is not a trusted proxy is the client. A field that comes twice or holds junk is ignored as a whole.
    func origin(of peer: IPAddress, isTLS: Bool, fields: Fields) -> ClientOrigin {
        var origin = ClientOrigin(address: peer, isTLS: isTLS)
        guard !prefixes.isEmpty, contains(peer) else { return origin }
        if let hops = fields["X-Forwarded-For"], let client = client(in: hops) { origin.address = client }
        switch fields["X-Forwarded-Proto"] {
        case "https": origin.isTLS = true
        case "http": origin.isTLS = false
        default: break
        }
        return origin
    }

    private func client(in hops: String) -> IPAddress? {
        var client: IPAddress?
        for hop in hops.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).reversed() {
            guard let address = IPAddress(trimmed(Substring(hop))) else { return nil }
            client = address
            if !contains(address) { break }
        }
        return client
    }
}
