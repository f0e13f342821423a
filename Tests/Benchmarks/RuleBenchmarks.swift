// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

@testable import Relay

/// What rules cost a packet, on top of the forwarding decision: in a flow that is known, and as the first one of a flow. Only the last rule
/// matches.
enum RuleBenchmarks {
    static func run() {
        for isV4 in [true, false] {
            for rules in [100, 1000] {
                let what = "\(isV4 ? "IPv4" : "IPv6"), \(rules) rules"
                let (snapshot, table, packets) = (snapshot(rules), Table(), Packets(isV4: isV4))
                for flows in [8, 4096] as [UInt32] { known("known flow, \(what), \(flows) flows", table, snapshot, packets, flows) }
                first("first packet, \(what)", Table(), snapshot, packets)
            }
        }
    }

    private final class Table {
        let flows = FlowTable()
    }

    /// One packet in memory, whose source port and address change.
    private final class Packets {
        private let bytes = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 8)
        private let isV4: Bool

        init(isV4: Bool) {
            self.isV4 = isV4
            bytes.initializeMemory(as: UInt8.self, repeating: 0, count: 64)
            bytes.store8(isV4 ? 0x45 : 0x60, at: 0)
            bytes.storeBE(isV4 ? 40 : 20 as UInt16, at: isV4 ? 2 : 4)
            bytes.store8(6, at: isV4 ? 9 : 6)
            bytes.storeBE(0x0A03_0203 as UInt32, at: isV4 ? 16 : 36)
            let header = isV4 ? 20 : 40
            bytes.storeBE(2000 as UInt16, at: header + 2)
            bytes.store8(0x50, at: header + 12)
            bytes.store8(0x10, at: header + 13)
        }

        deinit { bytes.deallocate() }

        /// The packet of one of 2^32 flows.
        func at(_ flow: UInt32) -> IPPacket {
            bytes.storeBE(0x0A00_0000 | flow >> 16, at: isV4 ? 12 : 20)
            bytes.storeBE(UInt16(truncatingIfNeeded: flow), at: isV4 ? 20 : 40)
            return try! IPPacket(at: bytes, available: 64)
        }
    }

    private static func snapshot(_ count: Int) -> Snapshot {
        let rules = (1..<count).map { Rule(.deny, from: .members([1]), to: .members([2]), service: TransportService("tcp \($0)")!) }
        let book = RuleBook(
            RuleSet(rules + [Rule(.allow, from: .members([1]), to: .members([2]), service: TransportService("tcp 2000")!)], end: .deny),
            cells: Array(repeating: 0, count: count + 1), numbers: Array(repeating: 0, count: count + 1))
        return Snapshot(table: ForwardingTable().decisions, mtus: [], book: book, hubAddresses: [])
    }

    private static let now = Instant(nanoseconds: 1_000_000_000)

    private static func known(_ name: String, _ table: Table, _ snapshot: Snapshot, _ packets: Packets, _ flows: UInt32) {
        let snapshot = Unmanaged.passUnretained(snapshot)
        for flow in 0..<flows { _ = table.flows.judge(packets.at(flow), from: 1, to: 2, under: snapshot, now: now) }
        Measurement.of(name) { count in
            var passed = 0
            for number in 0..<count
            where table.flows.judge(packets.at(UInt32(number) & (flows &- 1)), from: 1, to: 2, under: snapshot, now: now) == .known { passed += 1 }
            precondition(passed == count)
            return passed
        }
    }

    private static func first(_ name: String, _ table: Table, _ snapshot: Snapshot, _ packets: Packets) {
        let snapshot = Unmanaged.passUnretained(snapshot)
        var flow: UInt32 = 0
        Measurement.of(name) { count in
            var passed = 0
            for _ in 0..<count {
                flow &+= 1
                if case .allowed = table.flows.judge(packets.at(flow), from: 1, to: 2, under: snapshot, now: now) { passed += 1 }
            }
            precondition(passed == count)
            return passed
        }
    }
}
