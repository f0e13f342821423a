// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Testing
import WireGuard

@testable import Relay

@Suite struct `The table of peers` {
    private var table = PeerTable(slots: SharedState.peerSlots.prefix(3))

    private mutating func add(_ key: PublicKey = PrivateKey.generate().publicKey) -> Peer? {
        table.add {
            Peer(
                slot: $0, configuration: PeerConfiguration(publicKey: key, ownedPrefixes: [], allowedIPs: []), memory: PeerMemory(), jitter: .zero)
        }
    }

    @Test mutating func `returns nil for slots and keys without a peer`() throws {
        #expect(table[ForwardingTable.hub] == nil)
        #expect(table[UInt32(7)] == nil)
        #expect(table[Parties.nobody] == nil)
        let peer = try #require(add())
        #expect(peer.slot != ForwardingTable.hub)
        #expect(table[peer.slot] === peer)
        #expect(table[peer.configuration.publicKey] === peer)
        #expect(table[PrivateKey.generate().publicKey] == nil)
        #expect(table.remove(PrivateKey.generate().publicKey) == nil)
    }

    @Test mutating func `keeps the slot of a removed peer until it is freed`() throws {
        let first = try #require(add())
        let others = [add(), add()]
        #expect(Set(others.compactMap { $0?.slot } + [first.slot]).count == 3)
        #expect(add() == nil)
        #expect(table.remove(first.configuration.publicKey) === first)
        #expect(table[first.slot] == nil)
        #expect(table[first.configuration.publicKey] == nil)
        #expect(add() == nil)
        table.giveBack(first.slot)
        let next = try #require(add())
        #expect(next.slot == first.slot)
        #expect(table[first.slot] === next)
    }

    @Test mutating func `finds every peer by its key, whoever came and went`() throws {
        table = PeerTable(slots: 1..<2000)
        var known: [PublicKey: Peer] = [:]
        for round in 0..<3000 {
            if round % 3 == 2, let (key, peer) = known.randomElement() {
                #expect(table.remove(key) === peer)
                #expect(table[key] == nil)
                known[key] = nil
                table.giveBack(peer.slot)
            } else if let peer = add(PublicKey(SecureRandom.bytes(32))!) {
                known[peer.configuration.publicKey] = peer
            }
            if round % 100 == 0 { #expect(known.allSatisfy { table[$0.key] === $0.value }) }
        }
        #expect(known.allSatisfy { table[$0.key] === $0.value })
        #expect(Set(table.keys(in: 0..<10_000) { _, _ in true }) == Set(known.keys))
        #expect(Set(table.keys(in: 0..<10_000) { _, first in first < 16 }) == Set(known.keys.filter { $0.bytes[0] < 16 }))
        #expect(table.keys(in: 10_000..<10_100) { _, _ in true } == [])
    }

    @Test mutating func `prepares each new peer once, and no removed one`() throws {
        let peers = [try #require(add()), try #require(add()), try #require(add())]
        _ = table.remove(peers[2].configuration.publicKey)
        let first = table.takeUnprepared(2)
        #expect(first.peers.map(\.slot) == [peers[1].slot])
        #expect(first.isMoreLeft)
        let second = table.takeUnprepared(2)
        #expect(second.peers.map(\.slot) == [peers[0].slot])
        #expect(!second.isMoreLeft)
    }

    @Test mutating func `remembers a contested key for a limited time, and not for the next peer in the slot`() throws {
        let peer = try #require(add())
        let now = Instant(nanoseconds: 1_000_000_000_000)
        table.noteContested(peer, at: now)
        let seen = { (table: PeerTable, later: Duration) in table.contested(within: .seconds(10), now: now + later).map(\.slot) }
        #expect(seen(table, .seconds(9)) == [peer.slot])
        #expect(seen(table, .seconds(10)) == [])
        _ = table.remove(peer.configuration.publicKey)
        table.giveBack(peer.slot)
        #expect(add()?.slot == peer.slot)
        #expect(seen(table, .zero) == [])
    }
}
