// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Converts a server file to a hub and its devices.
extension NewHub {
    /// A hub that replaces the file's server, with its key and addresses. The endpoint is the first of the host's `addresses`, with its port.
    public init(_ file: ServerFile, addresses: [IPAddress]) {
        let (v4, v6) = (file.addresses.first { $0.address.isV4 }, file.addresses.first { !$0.address.isV4 })
        privateKey = file.privateKey
        (ipv4Network, ipv6Network) = (v4?.network, v6?.network)
        (ipv4, ipv6) = (v4?.address, v6?.address)
        defaults = Settings(
            allowedIPs: file.addresses.map(\.network), endpoint: addresses.first.map { HostPort(host: $0.description, port: file.listenPort) },
            persistentKeepalive: Self.usualKeepalive)
    }
}

extension ServerFile {
    /// One device per peer, in the order of the file. A peer without a name gets a number. All names are different.
    public var devices: [NewDevice] {
        var names = Set<String>()
        return peers.enumerated().map { index, peer in device(peer, name: Self.unused(peer.name ?? "device-\(index + 1)", &names)) }
    }

    /// The first single addresses of a peer become the device's own; all other prefixes become its routes.
    private func device(_ peer: ServerPeer, name: String) -> NewDevice {
        let own = { (isV4: Bool) in
            peer.allowedIPs.first { prefix in
                prefix.isHost && prefix.address.isV4 == isV4 && addresses.contains { $0.network.contains(prefix) }
            }?.address
        }
        let (ipv4, ipv6) = (own(true), own(false))
        var overrides = Overrides()
        if let keepalive = peer.persistentKeepalive { overrides.persistentKeepalive = .own(keepalive) }
        return NewDevice(
            name: name, publicKey: peer.publicKey, presharedKey: peer.presharedKey, ipv4: ipv4.map { .own($0) } ?? .none,
            ipv6: ipv6.map { .own($0) } ?? .none,
            routes: peer.allowedIPs.filter { ![ipv4, ipv6].contains($0.address) || !$0.isHost }, overrides: overrides)
    }

    /// The name, followed by a number if it is already in use.
    private static func unused(_ name: String, _ used: inout Set<String>) -> String {
        let short = name.first(scalars: 56)
        var candidate = short
        var number = 2
        while !used.insert(candidate.lowercased()).inserted {
            candidate = "\(short)-\(number)"
            number += 1
        }
        return candidate
    }
}
