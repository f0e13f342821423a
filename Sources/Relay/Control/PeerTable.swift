// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// Which peers there are, by slot and by key, and what is known of them as a set. There is no way in that traps: who asks for a slot or a key
/// gets a peer or nil.
///
/// Configuration adds and removes; everybody else works on a peer that they found here.
struct PeerTable {
    private var peers: [Peer?] = []
    private var slots: [PublicKey: UInt32] = [:]
    /// Which slots are taken. One that a peer left is free again after its grace period.
    private(set) var places: SlotPool
    /// Slots of new peers whose part of each handshake is not computed yet.
    private var unprepared: [UInt32] = []
    /// Peers whose key two machines were last seen to take turns with, and when.
    private var contested: [UInt32: Instant] = [:]

    init(slots: Range<UInt32>) { places = SlotPool(slots) }

    subscript(slot: UInt32) -> Peer? { peers.indices.contains(Int(slot)) ? peers[Int(slot)] : nil }

    subscript(key: PublicKey) -> Peer? { slots[key].flatMap { self[$0] } }

    /// Keys and slots, in no order.
    var all: [(key: PublicKey, slot: UInt32)] { slots.map { ($0.key, $0.value) } }

    /// Those that `isWanted` picks by key and slot.
    func filter(_ isWanted: (PublicKey, UInt32) -> Bool) -> [(key: PublicKey, slot: UInt32)] {
        slots.compactMap { isWanted($0.key, $0.value) ? ($0.key, $0.value) : nil }
    }

    /// Takes a new peer in. Nil when all slots are taken.
    mutating func add(_ make: (_ slot: UInt32) -> Peer) -> Peer? {
        guard let slot = places.take() else { return nil }
        while peers.count <= Int(slot) { peers.append(nil) }
        let peer = make(slot)
        peers[Int(slot)] = peer
        slots[peer.configuration.publicKey] = slot
        unprepared.append(slot)
        return peer
    }

    /// Forgets a peer and gives it for the last time. Its slot stays taken until `giveBack`.
    mutating func remove(_ key: PublicKey) -> Peer? {
        guard let peer = self[key] else { return nil }
        slots[key] = nil
        peers[Int(peer.slot)] = nil
        contested[peer.slot] = nil
        return peer
    }

    /// The slot of a removed peer may be used again.
    mutating func giveBack(_ slot: UInt32) { places.giveBack(slot) }

    /// Takes some of the peers that are not prepared yet; the second value says whether others are left.
    mutating func takeUnprepared(_ count: Int) -> (peers: [Peer], isMoreLeft: Bool) {
        let taken = unprepared.suffix(count).compactMap { self[$0] }
        unprepared.removeLast(min(count, unprepared.count))
        if unprepared.isEmpty { unprepared = [] }
        return (taken, !unprepared.isEmpty)
    }

    mutating func noteContested(_ peer: Peer, at now: Instant) { contested[peer.slot] = now }

    /// Its key is nobody's matter any more.
    mutating func forgetContested(_ peer: Peer) { contested[peer.slot] = nil }

    /// Peers whose key was seen to be contested within `memory` before now.
    func contested(within memory: Duration, now: Instant) -> [Peer] { contested.compactMap { now - $1 < memory ? self[$0] : nil } }
}
