// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Testing

@testable import Relay

struct `The strangers` {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func sources(_ table: borrowing StrangerTable) -> Set<Endpoint> {
        var found: Set<Endpoint> = []
        table.forEach { source, _, _ in found.insert(source) }
        return found
    }

    /// A doctor asks about a device any time after its last handshake, whatever others sent meanwhile.
    @Test func `who call all the time do not push each other out`() {
        for trial in 0..<200 {
            let table = StrangerTable()
            let callers = (0..<3).map { _ in Endpoint(address: .v4(IPv4Address(bits: .random(in: 0 ... .max))), port: .random(in: 1 ... .max)) }
            for round in 0..<4 {
                for (place, caller) in callers.enumerated() {
                    table.note(.badMac1, UDPAddress(caller), now: start + .seconds(5 * round) + .milliseconds(200 * place))
                }
            }
            #expect(sources(table) == Set(callers), "trial \(trial)")
        }
    }

    @Test func `of a flood leave room for one who calls later`() {
        let table = StrangerTable()
        for number in 0..<10_000 as Range<Int> {
            let source = UDPAddress(Endpoint(address: .v4(IPv4Address(bits: 0x0A00_0000 | UInt32(number))), port: 9))
            table.note(.badMac1, source, now: start + .microseconds(number))
        }
        table.note(.unknownInitiator, UDPAddress(Endpoint("203.0.113.7:4000")!), now: start + .seconds(1))
        #expect(sources(table).contains(Endpoint("203.0.113.7:4000")!))
    }
}
