// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net

extension ChangeTransaction {
    /// Makes the hub with its defaults; nothing when there is one already. Throws what the longer form throws.
    public func makeHub(_ new: NewHub) throws {
        try makeHub(
            name: new.name, privateKey: new.privateKey, ipv4Network: new.ipv4Network, ipv6Network: new.ipv6Network, ipv4: new.ipv4,
            ipv6: new.ipv6, defaults: new.defaults)
    }

    /// Makes a hub of a server's file, and a device of each peer, with the endpoint that it has there. `addresses` are the host's, the likeliest
    /// to dial first. Gives how many devices; nil, and nothing changes, where there is a hub already. Throws `.invalid` for what breaks a rule.
    public func importHub(_ file: ServerFile, addresses: [IPAddress]) throws -> Int? {
        guard try hubIfMade() == nil else { return nil }
        try makeHub(NewHub(file, addresses: addresses))
        for (new, peer) in zip(file.devices, file.peers) {
            let device = try add(new)
            if let endpoint = peer.endpoint { try recordObservations([PeerSight(publicKey: device.publicKey, endpoint: endpoint)]) }
        }
        return file.peers.count
    }
}
