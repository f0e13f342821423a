// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Testing
import WireGuard

@testable import Relay

/// Two sets of tables take turns, so that a change copies none.
struct `The tables of a snapshot` {
    private static let first = Snapshot(table: ForwardingTable().decisions, mtus: [], hubAddresses: [])

    private static func peer(_ slot: UInt32, owns: [IPPrefix], reaches: [IPPrefix], mtu: Int?, isEnabled: Bool) -> Peer {
        Peer(
            slot: slot,
            configuration: PeerConfiguration(
                publicKey: PublicKey([UInt8](repeating: UInt8(slot), count: 32))!, ownedPrefixes: owns, allowedIPs: reaches, mtu: mtu,
                isEnabled: isEnabled), memory: PeerMemory(), jitter: .zero)
    }

    /// Where the arrays of a snapshot are in memory.
    private static func place(of snapshot: Snapshot) -> UnsafeRawPointer? { snapshot.mtus.withUnsafeBytes { $0.baseAddress } }

    @Test func `are equal to tables made anew, whatever changed, and whether workers left the ones before in time`() throws {
        var generator = SystemRandomNumberGenerator()
        var routing = Routing(first: Self.first, hasHost: false)
        var peers: [UInt32: Peer] = [:]
        let addresses = (0..<16).map { IPAddress("10.0.0.\($0)")! } + (0..<16).map { IPAddress("fd00::\($0)")! }
        let prefixes = addresses.map(IPPrefix.init(host:)) + ["10.0.0.0/28", "10.0.0.8/29", "fd00::/124", "0.0.0.0/0"].map { IPPrefix($0)! }
        for round in 0..<400 {
            routing.beginChange()
            for _ in 0..<Int.random(in: 1...3) {
                let slot = UInt32.random(in: 1...12)
                if let known = peers[slot], Bool.random() {
                    routing.remove(known)
                    peers[slot] = nil
                } else {
                    let before = peers[slot]?.configuration
                    // Prefixes of others move to this one, as when people edit.
                    let next = Self.peer(
                        slot, owns: Array(prefixes.shuffled(using: &generator).prefix(2)),
                        reaches: Array(prefixes.shuffled(using: &generator).prefix(3)),
                        mtu: [nil, 1280, 1400].randomElement()!, isEnabled: Int.random(in: 0..<4) > 0)
                    routing.set(next, before: before)
                    peers[slot] = next
                }
            }
            let replaced = routing.makeSnapshot { _ in nil }
            if round % 5 > 0 { routing.reuse(replaced) }
            // The same owners and lists, made by one table that never had another.
            let snapshot = routing.snapshot
            for (slot, peer) in peers {
                #expect(Int(snapshot.mtus[Int(slot)]) == peer.configuration.mtu ?? 0)
                for address in addresses {
                    #expect(snapshot.table.allows(slot, address) == peer.configuration.allowedIPs.contains { $0.contains(address) })
                }
            }
            #expect(addresses.allSatisfy { snapshot.table.owner(of: $0) == routing.owner(of: $0) })
        }
    }

    @Test func `are not copied for a change`() throws {
        var routing = Routing(first: Self.first, hasHost: false)
        let peers = (1...200).map { slot in
            Self.peer(UInt32(slot), owns: [IPPrefix(host: .v4(IPv4Address(bits: UInt32(slot))))], reaches: [], mtu: 1400, isEnabled: true)
        }
        routing.beginChange()
        for peer in peers { routing.set(peer, before: nil) }
        routing.reuse(routing.makeSnapshot { _ in nil })
        var places: Set<UnsafeRawPointer> = []
        for round in 0..<20 {
            routing.beginChange()
            var changed = peers[round].configuration
            changed.mtu = 1280
            let edited = Peer(slot: peers[round].slot, configuration: changed, memory: PeerMemory(), jitter: .zero)
            routing.set(edited, before: peers[round].configuration)
            let replaced = routing.makeSnapshot { _ in nil }
            if round > 1, let place = Self.place(of: routing.snapshot) { places.insert(place) }
            routing.reuse(replaced)
        }
        #expect(places.count == 2)
    }

    @Test func `are copied when there is too much to repeat`() throws {
        var routing = Routing(first: Self.first, hasHost: false)
        routing.beginChange()
        for slot in 1...6000 as ClosedRange<UInt32> {
            routing.set(Self.peer(1, owns: [IPPrefix(host: .v4(IPv4Address(bits: slot)))], reaches: [], mtu: nil, isEnabled: true), before: nil)
        }
        routing.reuse(routing.makeSnapshot { _ in nil })
        routing.beginChange()
        routing.set(Self.peer(2, owns: ["10.0.0.1/32"].map { IPPrefix($0)! }, reaches: [], mtu: nil, isEnabled: true), before: nil)
        _ = routing.makeSnapshot { _ in nil }
        #expect(routing.snapshot.table.owner(of: .v4(IPv4Address(bits: 6000))) == 1)
        #expect(routing.snapshot.table.owner(of: IPAddress("10.0.0.1")!) == 2)
    }
}
