// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Relay
import Store

/// The desired state at one time, all of it or a part, in the engine's types.
struct DesiredState {
    enum Part {
        case all
        /// What changed after a generation. Everything if the defaults changed, because any device may follow them.
        case changes(after: Int64)
        /// Devices whose public key begins with one of these bytes.
        case keysBeginning(with: ClosedRange<UInt8>)
    }

    /// Which of the engine's peers are compared with `peers`; those that are not wanted are removed.
    let scope: PeerSelection
    let peers: [PeerConfiguration]
    /// Keys among `peers` with which the engine must start over, because their device gave them up since the last acknowledged generation.
    let restarting: Set<PublicKey>
    let hub: Hub
    let generation: Generation
    /// When the next of these devices expires. Disabled devices do not count, because their expiry changes nothing.
    let nextExpiry: UnixTime?

    /// The hub's own tunnel addresses.
    var hubAddresses: [IPAddress] { hub.addresses }

    /// Whether this is a periodic check rather than a response to a change.
    var isCheck: Bool { if case .keysBeginning = scope { true } else { false } }

    init(_ transaction: ReadTransaction, _ part: Part, now: UnixTime) throws {
        let defaults = try transaction.defaults()
        generation = try transaction.generation()
        hub = try transaction.hub()
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
        var departed = try transaction.departedKeys(after: generation.applied)
        switch part {
        case .changes(let reached) where reached >= defaults.revision:
            let devices = try transaction.devices(changedAfter: reached)
            try takeEach(of: devices)
            departed = try transaction.departedKeys(after: reached)
            scope = .keys(Set(departed + devices.map(\.publicKey)))
        case .keysBeginning(let bytes):
            try takeEach(of: try transaction.devices(withKeysBeginning: bytes))
            departed = []
            scope = .keysBeginning(with: bytes)
        case .all, .changes:
            let presharedKeys = try transaction.presharedKeys()
            try transaction.forEachDevice { take($0, presharedKey: presharedKeys[$0.id]) }
            scope = .all
        }
        restarting = departed.isEmpty ? [] : Set(departed).intersection(peers.map(\.publicKey))
        self.peers = peers
        self.nextExpiry = nextExpiry
    }
}
