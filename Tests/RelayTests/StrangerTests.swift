// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Testing

@testable import Relay

struct `The strangers` {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func sources(_ table: borrowing StrangerTable) -> Set<UInt16> {
        var found: Set<UInt16> = []
        table.forEach { source, _, _ in found.insert(source.port) }
        return found
    }

    /// A doctor asks about a device any time after its last handshake, whatever others sent meanwhile.
    @Test func `who call all the time do not push each other out`() {
        for trial in 0..<200 as Range<UInt16> {
            let table = StrangerTable()
            let ports = (1...3).map { UInt16(trial * 3 + $0) }
            for round in 0..<4 {
                for port in ports {
                    let source = UDPAddress(Endpoint(address: IPAddress("203.0.113.7")!, port: port))
                    table.note(.badMac1, source, now: start + .seconds(5 * round) + .milliseconds(Int(port)))
                }
            }
            #expect(sources(table) == Set(ports), "trial \(trial)")
        }
    }

    @Test func `of a flood leave room for one who calls later`() {
        let table = StrangerTable()
        for number in 0..<10_000 as Range<Int> {
            let source = UDPAddress(Endpoint(address: .v4(IPv4Address(bits: 0x0A00_0000 | UInt32(number))), port: 9))
            table.note(.badMac1, source, now: start + .microseconds(number))
        }
        table.note(.unknownInitiator, UDPAddress(Endpoint("203.0.113.7:4000")!), now: start + .seconds(1))
        #expect(sources(table).contains(4000))
    }
}
