// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Relay
import Testing

@testable import Reconciler

extension PeerConfiguration {
    static func sample(_ number: UInt8, allowedIPs: [String] = ["10.3.2.0/24"]) -> PeerConfiguration {
        PeerConfiguration(
            publicKey: PublicKey([UInt8](repeating: number, count: 32))!, ownedPrefixes: [IPPrefix("10.3.2.\(number)/32")!],
            allowedIPs: allowedIPs.map { IPPrefix($0)! }, persistentKeepalive: .seconds(25))
    }
}

@Suite struct `A plan` {
    private func plan(_ actual: [PeerConfiguration], _ desired: [PeerConfiguration]) -> [PeerChange] {
        Plan.changes(from: actual, to: desired) { _ in PeerMemory() }
    }

    @Test func `is empty when nothing differs`() {
        #expect(plan([.sample(2), .sample(3)], [.sample(3), .sample(2)]) == [])
    }

    @Test func `adds missing peers, with what earlier runs learned about them`() {
        let memory = PeerMemory(endpoint: Endpoint("192.0.2.7:51820"))
        #expect(Plan.changes(from: [], to: [.sample(2)]) { _ in memory } == [.add(.sample(2), memory)])
    }

    @Test func `removes peers that are no longer wanted`() {
        #expect(plan([.sample(2), .sample(3)], [.sample(3)]) == [.remove(PeerConfiguration.sample(2).publicKey)])
    }

    @Test func `updates only the peer that differs`() {
        let narrowed = PeerConfiguration.sample(2, allowedIPs: ["10.3.2.3/32"])
        #expect(plan([.sample(2), .sample(3)], [narrowed, .sample(3)]) == [.update(narrowed)])
    }

    @Test func `removes before it adds, so that an address can move`() {
        let changes = plan([.sample(2)], [.sample(3)])
        #expect(changes == [.remove(PeerConfiguration.sample(2).publicKey), .add(.sample(3), PeerMemory())])
    }
}
