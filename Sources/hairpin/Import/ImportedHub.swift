// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Reconciler
import Store
import WireGuard

/// A server file in the Store's words.
struct ImportedHub {
    private let file: ServerFile

    init(_ file: ServerFile) { self.file = file }

    /// Makes the hub and its devices; gives how many. Throws a failure when the folder has a hub already, and what the Store refuses.
    func write(to db: ChangeTransaction) throws -> Int {
        guard try db.hubIfMade() == nil else {
            throw Failure.failed("This data folder has a hub already. Name an empty one with --data. Nothing was imported.")
        }
        let (v4, v6) = (file.addresses.first { $0.address.isV4 }, file.addresses.first { !$0.address.isV4 })
        let endpoint = HostAddresses.current().first.map { HostPort(host: $0.description, port: file.listenPort) }
        try db.makeHub(
            name: "Hairpin", privateKey: file.privateKey, ipv4Network: v4?.network, ipv6Network: v6?.network, ipv4: v4?.address,
            ipv6: v6?.address,
            defaults: Settings(allowedIPs: file.addresses.map(\.network), endpoint: endpoint, persistentKeepalive: 25))
        var names = Set<String>()
        for (index, peer) in file.peers.enumerated() {
            let device = try db.add(device(peer, name: Self.unused(peer.name ?? "device-\(index + 1)", &names)))
            if let endpoint = peer.endpoint { try db.recordObservations([PeerSight(publicKey: device.publicKey, endpoint: endpoint)]) }
        }
        return file.peers.count
    }

    /// The first single addresses of a peer become the device's own, everything else its routes.
    private func device(_ peer: ServerFile.ServerPeer, name: String) -> NewDevice {
        let own = { (isV4: Bool) in
            peer.allowedIPs.first { prefix in
                prefix.isHost && prefix.address.isV4 == isV4 && file.addresses.contains { $0.network.contains(prefix) }
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

    /// The name, with a number behind it when it was used before.
    private static func unused(_ name: String, _ used: inout Set<String>) -> String {
        let short = String(name.prefix(56))
        var candidate = short
        var number = 2
        while !used.insert(candidate.lowercased()).inserted {
            candidate = "\(short)-\(number)"
            number += 1
        }
        return candidate
    }
}
