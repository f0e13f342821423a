// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import Testing

@testable import Relay

@Suite struct `The table of flows` {
    /// Tests are copied, and a table is not.
    private final class Holder {
        let table = FlowTable()
    }

    private let holder = Holder()

    private func has(_ name: FlowName, at now: UInt64) -> Bool { holder.table.find(name, now: now) != nil }

    private func name(_ number: UInt32, from sender: UInt32 = 1) -> FlowName {
        var bytes = Packet.udp(from: "10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)", 5000, to: "192.168.0.1", 53)
        return bytes.withUnsafeMutableBytes {
            FlowName(FlowPacket(try! IPPacket(at: $0.baseAddress!, available: $0.count)), from: sender, to: 2)
        }
    }

    @Test func `finds what was added, until it was idle for too long`() throws {
        let name = name(1)
        holder.table.add(name, FlowState(name, stage: .opening, rule: 3), epoch: 9, now: 1_000)
        let sought = holder.table.find(name, now: 2_000)
        let found = try #require(sought)
        #expect(found.epoch == 9 && found.state.rule == 3 && found.state.stage == .opening)
        #expect(has(self.name(2), at: 2_000) == false)
        // The same addresses between other members are another flow.
        #expect(has(self.name(1, from: 7), at: 2_000) == false)
        #expect(has(name, at: 29_000_000_000) == true)
        #expect(has(name, at: 30_000_001_000) == false)
        holder.table.touch(found, now: 20_000_000_000)
        #expect(has(name, at: 49_000_000_000) == true)
        holder.table.end(found)
        #expect(has(name, at: 20_000_000_000) == false)
    }

    @Test func `keeps a connection closed after a reset, whatever still arrives`() throws {
        var bytes = Packet.tcp(from: "10.0.0.1", 5000, to: "192.168.0.1", 22, flags: 0x11)
        let fin = try bytes.withUnsafeMutableBytes { FlowPacket(try IPPacket(at: $0.baseAddress!, available: $0.count)) }
        var state = FlowState(FlowName(fin, from: 1, to: 2), stage: .answered, rule: 0)
        #expect(state.stage(after: fin, isAnswer: false) == .closing)
        state.stage = .closed
        #expect(state.stage(after: fin, isAnswer: false) == .closed && state.stage(after: fin, isAnswer: true) == .closed)
    }

    @Test func `changes nothing that somebody else has changed`() throws {
        let name = name(1)
        holder.table.add(name, FlowState(name, stage: .opening, rule: 3), epoch: 9, now: 1_000)
        let (one, other) = (holder.table.find(name, now: 2_000), holder.table.find(name, now: 2_000))
        let (first, second) = (try #require(one), try #require(other))
        holder.table.change(first, to: FlowState(name, stage: .answered, rule: 4), epoch: 10)
        holder.table.end(second)
        let last = holder.table.find(name, now: 2_000)
        let found = try #require(last)
        #expect(found.epoch == 10 && found.state.stage == .answered && found.state.rule == 4)
    }

    @Test func `gives the place of the flow that was idle for the longest time to a new one, and counts that`() {
        var (count, name) = (0 as UInt64, name(0))
        // Twice as many as there is room for.
        for number in 0..<UInt32(2 * FlowTable.capacity) {
            name.lowLow = UInt64(number)
            holder.table.add(name, FlowState(name, stage: .opening, rule: 0), epoch: 1, now: 1_000 + UInt64(number))
            if holder.table.find(name, now: 1_000 + UInt64(number)) != nil { count += 1 }
        }
        #expect(count == UInt64(2 * FlowTable.capacity))
        let evicted = holder.table.evicted
        #expect(evicted >= UInt64(FlowTable.capacity))
        // The newest flow is there, and the oldest one is gone.
        #expect(has(name, at: 2_000_000) == true)
        name.lowLow = 0
        #expect(has(name, at: 2_000_000) == false)
    }

    @Test func `gives one flow one name in both directions`() {
        var (there, back) = (
            Packet.udp(from: "10.3.2.2", 5000, to: "10.3.2.3", 53), Packet.udp(from: "10.3.2.3", 53, to: "10.3.2.2", 5000)
        )
        let read = { (bytes: inout [UInt8], from: UInt32, to: UInt32) in
            bytes.withUnsafeMutableBytes {
                FlowName(FlowPacket(try! IPPacket(at: $0.baseAddress!, available: $0.count)), from: from, to: to)
            }
        }
        var (one, other) = (read(&there, 1, 2), read(&back, 2, 1))
        #expect(one.isReversed != other.isReversed)
        other.isReversed = one.isReversed
        #expect(one == other)
        one = read(&there, 1, 3)
        #expect(one != other)
    }

    @Test(.timeLimit(.minutes(1))) func `stays whole while several threads use one place`() throws {
        // All of them add, read and end the flows of a few places.
        let shared = SharedTable()
        let threads = try (0..<3 as Range<UInt32>).map { seed in
            try Linux.Thread(name: "flows") {
                for round in 0..<20_000 as Range<UInt32> {
                    let name = shared.names[Int((round &* 7 &+ seed) % 16)]
                    if let found = shared.table.find(name, now: 5_000) {
                        if found.state.rule != Int(name.lowLow & 0xFF) { shared.fault() }
                        if round % 5 == 0 { shared.table.end(found) }
                    } else {
                        shared.table.add(name, FlowState(name, stage: .opening, rule: Int(name.lowLow & 0xFF)), epoch: 1, now: 5_000)
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(shared.faults == 0)
    }
}

/// What the threads of a test share.
private final class SharedTable: Sendable {
    let table = FlowTable()
    let names: [FlowName]
    private let count = Atomic<UInt64>(0)

    init() {
        names = (0..<16 as Range<UInt32>).map { number in
            var bytes = Packet.udp(from: "10.0.0.\(number)", 5000, to: "192.168.0.1", 53)
            return bytes.withUnsafeMutableBytes {
                FlowName(FlowPacket(try! IPPacket(at: $0.baseAddress!, available: $0.count)), from: 1, to: 2)
            }
        }
    }

    func fault() { _ = count.add(1, ordering: .relaxed) }
    var faults: UInt64 { count.load(ordering: .relaxed) }
}
