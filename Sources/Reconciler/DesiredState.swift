// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Relay
import Store

/// Desired state at one moment, in the engine's words.
struct DesiredState {
    let peers: [PeerConfiguration]
    let generation: Generation
    /// When the next device expires.
    let nextExpiry: UnixTime?

    init(_ transaction: ReadTransaction, now: UnixTime) throws {
        let devices = try transaction.devices()
        let defaults = try transaction.defaults()
        let presharedKeys = try transaction.presharedKeys()
        generation = try transaction.generation()
        peers = devices.compactMap { Translation.peer(of: $0, over: defaults, presharedKey: presharedKeys[$0.id], now: now) }
        nextExpiry = devices.compactMap { $0.isActive(at: now) ? $0.expiresAt : nil }.min()
    }
}
