// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net

extension ReadTransaction {
    /// The hub and its devices as the file of a WireGuard server, with the hub's private key and all preshared keys. The file has no rules about who
    /// reaches whom: devices check that with their own lists. Expired devices are written as disabled.
    public func serverFile(listenPort: UInt16, at now: UnixTime) throws -> ServerFile {
        let hub = try hub()
        var file = ServerFile(privateKey: try hubPrivateKey())
        file.listenPort = listenPort
        file.addresses = hub.addresses.compactMap { address in
            hub.networks.first { $0.contains(address) }.map { ServerFile.Address(address: address, network: $0) }
        }
        file.peers = try devices().map { device in
            ServerFile.ServerPeer(
                line: 0, name: device.name, isEnabled: device.isActive(at: now), publicKey: device.publicKey,
                presharedKey: device.hasPresharedKey ? try presharedKey(ofDevice: device.id) : nil,
                allowedIPs: device.ownedPrefixes.map { ServerFile.Address(address: $0.address, network: $0) }, endpoint: nil,
                persistentKeepalive: device.overrides.persistentKeepalive.own)
        }
        return file
    }
}
