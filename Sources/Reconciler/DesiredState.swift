// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Relay
import Store

/// Desired state at one moment, in the engine's words: all of it, or a part.
struct DesiredState {
    enum Part {
        case all
        /// What changed after a generation; all when defaults changed, which any device may follow.
        case changes(after: Int64)
        /// Devices whose public key begins with one of these bytes.
        case keysBeginning(with: ClosedRange<UInt8>)
    }

    /// Which peers of the engine are compared with `peers`: all that are not wanted leave.
    let scope: PeerSelection
    let peers: [PeerConfiguration]
    /// The hub's own tunnel addresses.
    let hubAddresses: [IPAddress]
    let generation: Generation
    /// When the next of the devices that were read expires; those that are disabled need no round for that.
    let nextExpiry: UnixTime?

    /// Whether it was read to compare, and not because something changed.
    var isCheck: Bool { if case .keysBeginning = scope { true } else { false } }

    init(_ transaction: ReadTransaction, _ part: Part, now: UnixTime) throws {
        let defaults = try transaction.defaults()
        generation = try transaction.generation()
        hubAddresses = Translation.addresses(of: try transaction.hub())
        var peers: [PeerConfiguration] = []
        var nextExpiry: UnixTime?
        func take(_ device: Device, presharedKey: PresharedKey?) {
            peers.append(Translation.peer(of: device, over: defaults, presharedKey: presharedKey, now: now))
            guard device.isActive(at: now) else { return }
            nextExpiry = [nextExpiry, device.expiresAt].compactMap { $0 }.min()
        }
        func takeEach(of devices: [Device]) throws {
            for device in devices {
                take(device, presharedKey: device.hasPresharedKey ? try transaction.presharedKey(ofDevice: device.id) : nil)
            }
        }
        switch part {
        case .changes(let reached) where reached >= defaults.revision:
            let devices = try transaction.devices(changedAfter: reached)
            try takeEach(of: devices)
            scope = .keys(Set(try transaction.departedKeys(after: reached) + devices.map(\.publicKey)))
        case .keysBeginning(let bytes):
            try takeEach(of: try transaction.devices(withKeysBeginning: bytes))
            scope = .keysBeginning(with: bytes)
        case .all, .changes:
            let presharedKeys = try transaction.presharedKeys()
            try transaction.forEachDevice { take($0, presharedKey: presharedKeys[$0.id]) }
            scope = .all
        }
        self.peers = peers
        self.nextExpiry = nextExpiry
    }
}
