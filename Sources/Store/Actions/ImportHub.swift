// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net

extension ChangeTransaction {
    /// Creates the hub and its defaults. Does nothing if a hub exists. Throws the same errors as the longer form.
    public func makeHub(_ new: NewHub) throws {
        try makeHub(
            name: new.name, privateKey: new.privateKey, ipv4Network: new.ipv4Network, ipv6Network: new.ipv6Network, ipv4: new.ipv4,
            ipv6: new.ipv6, defaults: new.defaults)
    }

    /// Creates a hub from a server's file, and a device with its endpoint for each peer. `addresses` are the host's, in order of how likely
    /// devices can reach them. Returns the number of devices. If a hub exists, changes nothing and returns nil. Throws `.invalid` for
    /// values that break a rule.
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
