// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Relay

@testable import Reconciler

/// The cost of a saved change for the reconciler with 10,000 devices: comparing the whole desired state with the whole engine.
enum PlanBenchmarks {
    static func run() {
        let actual = (0..<10_000).map(peer)
        var desired = actual
        desired[5000].allowedIPs = [IPPrefix("10.0.0.1/32")!]
        Measurement.of("plan of 10000 devices, one changed") { count in
            var changes = 0
            for _ in 0..<count { changes += Plan.changes(from: actual, to: desired) { _ in PeerMemory() }.count }
            precondition(changes == count)
            return changes
        }
    }

    private static func peer(_ number: Int) -> PeerConfiguration {
        var numbers = Numbers()
        var key = [UInt8](repeating: 0, count: 32).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
        (key[0], key[1]) = (UInt8(number & 255), UInt8(number >> 8))
        return PeerConfiguration(
            publicKey: PublicKey(key)!, ownedPrefixes: [IPPrefix(host: .v4(IPv4Address(bits: 0x0a00_0000 + UInt32(number))))],
            allowedIPs: [IPPrefix("10.0.0.0/8")!], persistentKeepalive: .seconds(25))
    }
}
