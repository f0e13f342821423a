// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Relay
import Store

/// Desired state at one moment, in the engine's words: all of it, or the part that changed after a generation.
struct DesiredState {
    /// Which peers of the engine are compared with `peers`: all that are not wanted leave.
    let scope: PeerSelection
    let peers: [PeerConfiguration]
    /// The hub's own tunnel addresses.
    let hubAddresses: [IPAddress]
    let generation: Generation
    /// When the next of the devices that were read expires.
    let nextExpiry: UnixTime?

    /// Reads what changed after generation `reached`, and everything when that is nil or when defaults changed, which any device may follow.
    init(_ transaction: ReadTransaction, after reached: Int64?, now: UnixTime) throws {
        let defaults = try transaction.defaults()
        generation = try transaction.generation()
        hubAddresses = Translation.addresses(of: try transaction.hub())
        var peers: [PeerConfiguration] = []
        var nextExpiry: UnixTime?
        func take(_ device: Device, presharedKey: PresharedKey?) {
            guard let peer = Translation.peer(of: device, over: defaults, presharedKey: presharedKey, now: now) else { return }
            peers.append(peer)
            nextExpiry = [nextExpiry, device.expiresAt].compactMap { $0 }.min()
        }
        if let reached, reached >= defaults.revision {
            let devices = try transaction.devices(changedAfter: reached)
            for device in devices {
                take(device, presharedKey: device.hasPresharedKey ? try transaction.presharedKey(ofDevice: device.id) : nil)
            }
            scope = .keys(Set(try transaction.departedKeys(after: reached) + devices.map(\.publicKey)))
        } else {
            let presharedKeys = try transaction.presharedKeys()
            try transaction.forEachDevice { take($0, presharedKey: presharedKeys[$0.id]) }
            scope = .all
        }
        self.peers = peers
        self.nextExpiry = nextExpiry
    }
}
