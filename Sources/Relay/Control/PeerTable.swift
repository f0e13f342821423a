// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// All peers, by slot and by key, and the state that concerns them as a set. No lookup traps: an unknown slot or key returns nil.
///
/// Only configuration changes add and remove peers; all other code works on a peer that it found here.
struct PeerTable {
    private var peers: [Peer?] = []
    private var slots = KeyTable()
    /// The first byte of each peer's key, by slot, so that a search by it reads little memory. Of no meaning where there is no peer.
    private var firstBytes: [UInt8] = []
    /// The slots in use. The slot of a removed peer becomes free after its grace period.
    private(set) var places: SlotPool
    /// Slots of new peers whose shared secret is not computed yet.
    private var unprepared: [UInt32] = []
    /// Peers whose key two machines seem to use, and when that was last seen.
    private var contested: [UInt32: Instant] = [:]

    init(slots: Range<UInt32>) { places = SlotPool(slots) }

    subscript(slot: UInt32) -> Peer? { peers.indices.contains(Int(slot)) ? peers[Int(slot)] : nil }

    subscript(key: PublicKey) -> Peer? { slots.slot(of: key, in: peers).flatMap { self[$0] } }

    /// All slots that ever had a peer are below this one.
    var slotsEnd: UInt32 { UInt32(peers.count) }

    /// The keys of the peers in these slots for which `isWanted` returns true, given the slot and the first byte of the key.
    func keys(in slots: Range<UInt32>, where isWanted: (UInt32, UInt8) -> Bool) -> [PublicKey] {
        slots.clamped(to: 0..<slotsEnd).compactMap { slot in
            isWanted(slot, firstBytes[Int(slot)]) ? peers[Int(slot)]?.configuration.publicKey : nil
        }
    }

    /// Adds a new peer. Nil when all slots are taken.
    mutating func add(_ make: (_ slot: UInt32) -> Peer) -> Peer? {
        guard let slot = places.take() else { return nil }
        while peers.count <= Int(slot) {
            peers.append(nil)
            firstBytes.append(0)
        }
        let peer = make(slot)
        let key = peer.configuration.publicKey
        slots.insert(slot, of: key, in: peers)
        peers[Int(slot)] = peer
        firstBytes[Int(slot)] = key.bytes[0]
        unprepared.append(slot)
        return peer
    }

    /// Removes a peer and returns it. Its slot stays taken until `giveBack`.
    mutating func remove(_ key: PublicKey) -> Peer? {
        guard let peer = self[key] else { return nil }
        slots.remove(key, in: peers)
        peers[Int(peer.slot)] = nil
        contested[peer.slot] = nil
        return peer
    }

    /// Frees the slot of a removed peer.
    mutating func giveBack(_ slot: UInt32) { places.giveBack(slot) }

    /// Takes up to `count` peers that are not prepared yet; the second value says whether more are left.
    mutating func takeUnprepared(_ count: Int) -> (peers: [Peer], isMoreLeft: Bool) {
        let taken = unprepared.suffix(count).compactMap { self[$0] }
        unprepared.removeLast(min(count, unprepared.count))
        if unprepared.isEmpty { unprepared = [] }
        return (taken, !unprepared.isEmpty)
    }

    mutating func noteContested(_ peer: Peer, at now: Instant) { contested[peer.slot] = now }

    /// Forgets that the peer's key was contested.
    mutating func forgetContested(_ peer: Peer) { contested[peer.slot] = nil }

    /// Peers whose key was seen to be contested within `memory` before now.
    func contested(within memory: Duration, now: Instant) -> [Peer] { contested.compactMap { now - $1 < memory ? self[$0] : nil } }
}
