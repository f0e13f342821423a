// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Support
import Testing

@testable import Net

struct `Putting fragments together` {
    private static let payload = (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    private func at(_ seconds: Int) -> Instant { Instant(nanoseconds: 1_000_000_000) + .seconds(seconds) }

    private func fragments4(_ bytes: [UInt8] = packet4(payload: Self.payload), mtu: Int = 1000) throws -> [[UInt8]] {
        var bytes = bytes
        return try bytes.asPacket { packet in
            var fragments = try #require(IPv4Fragments(of: packet, mtu: mtu))
            return Self.all(mtu, isDone: { fragments.isDone }) { fragments.writeNext(to: $0) }
        }
    }

    private func fragments6(_ bytes: [UInt8] = packet6(payload: Self.payload), mtu: Int = 1280) throws -> [[UInt8]] {
        var bytes = bytes
        return try bytes.asPacket { packet in
            var fragments = try #require(IPv6Fragments(of: packet, mtu: mtu, identification: 0xDEAD_BEEF))
            return Self.all(mtu, isDone: { fragments.isDone }) { fragments.writeNext(to: $0) }
        }
    }

    private static func all(_ mtu: Int, isDone: () -> Bool, _ write: (UnsafeMutableRawPointer) -> Int) -> [[UInt8]] {
        var all: [[UInt8]] = []
        while !isDone() { all.append([UInt8](unsafeUninitializedCapacity: mtu) { $1 = write($0.baseAddress!) }) }
        return all
    }

    private func add(_ fragment: [UInt8], to reassembly: inout Reassembly, from sender: UInt32 = 1, at now: Instant? = nil) throws
        -> Reassembly.Outcome
    {
        var bytes = fragment
        return try bytes.asPacket { reassembly.add($0, from: sender, now: now ?? at(0)) }
    }

    private func add(all fragments: [[UInt8]]) throws -> [Reassembly.Outcome] {
        var reassembly = Reassembly()
        return try fragments.map { try add($0, to: &reassembly) }
    }

    @Test func `knows a fragment in both families`() throws {
        for bytes in try fragments4() + fragments6() {
            var bytes = bytes
            #expect(try bytes.asPacket { $0.isFragment })
        }
        for var bytes in [packet4(), packet4(flags: 0x4000), packet6(), packet6(transport: 0, payload: hex("11 00 0104 00000000"))] {
            #expect(try bytes.asPacket { !$0.isFragment && $0.fragment == nil })
        }
    }

    @Test func `makes the packet up again, in whatever order its fragments come`() throws {
        let whole4 = packet4(payload: Self.payload)
        let whole6 = packet6(payload: Self.payload)
        for _ in 0..<20 {
            let outcomes4 = try add(all: fragments4().shuffled())
            #expect(outcomes4.dropLast().allSatisfy { $0 == .waiting })
            #expect(outcomes4.last == .whole(Reassembly.Whole(bytes: whole4, largestFragment: 996)))
            #expect(try add(all: fragments6().shuffled()).last == .whole(Reassembly.Whole(bytes: whole6, largestFragment: 1280)))
        }
    }

    @Test func `takes out an IPv6 fragment header behind others, and one of a packet that is whole`() throws {
        let options = hex("2c 00 0104 00000000")
        let atomic = packet6(transport: 60, payload: options + hex("11 00 0000 deadbeef 0102030405060708"))
        let whole = packet6(transport: 60, payload: hex("11 00 0104 00000000 0102030405060708"))
        #expect(try add(all: [atomic]) == [.whole(Reassembly.Whole(bytes: whole, largestFragment: atomic.count))])
    }

    @Test func `ignores copies, and drops a packet whose fragments overlap or contradict each other`() throws {
        let fragments = try fragments4()
        #expect(try add(all: [fragments[0], fragments[0], fragments[1], fragments[1], fragments[2], fragments[3]]).last != .waiting)
        var changed = fragments[1]
        changed[100] ^= 1
        #expect(try add(all: [fragments[0], fragments[1], changed]).last == .dropped(3))
        // Eight bytes further back than it should be.
        var overlapping = fragments[1]
        overlapping[7] -= 1
        #expect(try add(all: [fragments[0], overlapping]).last == .dropped(2))
        // Two different ends.
        var longer = fragments[3]
        longer[7] += 8
        #expect(try add(all: [fragments[3], longer]).last == .dropped(2))
        #expect(try add(all: [longer, fragments[3]]).last == .dropped(2))
    }

    @Test func `refuses fragments that cannot belong to a packet`() throws {
        // A length that is no multiple of eight, nothing at all, and an end beyond what a packet can have.
        #expect(try add(all: [packet4(flags: 0x2000, payload: [1, 2, 3])]) == [.dropped(1)])
        #expect(try add(all: [packet4(flags: 0x2001, payload: [])]) == [.dropped(1)])
        #expect(try add(all: [packet4(flags: 0x1FFF, payload: [UInt8](repeating: 0, count: 16))]) == [.dropped(1)])
    }

    @Test func `WG-H-22 takes a packet that is whole behind its fragment header for itself, whatever waits under its number`() throws {
        let fragments = try fragments6()
        let payload = Array(Self.payload[..<500])
        let alone = try fragments6(packet6(payload: payload))
        #expect(alone.count == 1)
        var reassembly = Reassembly()
        for fragment in fragments.dropLast() { #expect(try add(fragment, to: &reassembly) == .waiting) }
        let whole = Reassembly.Whole(bytes: packet6(payload: payload), largestFragment: alone[0].count)
        #expect(try add(alone[0], to: &reassembly) == .whole(whole))
        guard case .whole(let rest) = try add(fragments[fragments.count - 1], to: &reassembly) else {
            Issue.record("the others are not whole")
            return
        }
        #expect(rest.bytes == packet6(payload: Self.payload))
    }

    @Test func `keeps senders and packets apart`() throws {
        let fragments = try fragments4()
        var reassembly = Reassembly()
        #expect(try add(fragments[0], to: &reassembly, from: 1) == .waiting)
        for fragment in fragments[1...] { #expect(try add(fragment, to: &reassembly, from: 2) == .waiting) }
        for fragment in fragments[1...2] { #expect(try add(fragment, to: &reassembly, from: 1) == .waiting) }
        #expect(try add(fragments[3], to: &reassembly, from: 1) != .waiting)
        #expect(reassembly.count == 1)
    }

    @Test func `has room for four packets of a sender and sixteen in all, and drops the oldest`() throws {
        var reassembly = Reassembly()
        func begin(_ number: UInt8, from sender: UInt32, at second: Int) throws -> Reassembly.Outcome {
            var bytes = packet4(flags: 0x2000)
            bytes[5] = number
            return try add(bytes, to: &reassembly, from: sender, at: at(second))
        }
        for number in 0..<4 as Range<UInt8> { #expect(try begin(number, from: 1, at: Int(number)) == .waiting) }
        #expect(try begin(4, from: 1, at: 4) == .dropped(1))
        #expect(reassembly.count == 4)
        for sender in 2..<5 as Range<UInt32> { for number in 0..<4 as Range<UInt8> { #expect(try begin(number, from: sender, at: 5) == .waiting) } }
        #expect(reassembly.count == 16)
        #expect(reassembly.evicted == nil)
        // The oldest is one of sender 1, and counted as its.
        #expect(try begin(0, from: 9, at: 6) == .waiting)
        let evicted = reassembly.evicted
        #expect(evicted?.sender == 1 && evicted?.fragments == 1)
        #expect(reassembly.count == 16)
    }

    @Test func `waits for thirty seconds, and forgets a sender at once`() throws {
        let fragments = try fragments4()
        var reassembly = Reassembly()
        #expect(reassembly.deadline == nil)
        for fragment in fragments[..<2] { _ = try add(fragment, to: &reassembly, from: 1, at: at(0)) }
        _ = try add(fragments[0], to: &reassembly, from: 2, at: at(10))
        #expect(reassembly.deadline == at(30))
        let early = reassembly.expire(now: at(29))
        #expect(early.isEmpty)
        let late = reassembly.expire(now: at(30))
        #expect(late.map(\.sender) == [1])
        #expect(late.map(\.fragments) == [2])
        #expect(reassembly.deadline == at(40))
        let forgotten = reassembly.forget(2)
        #expect(forgotten == 1)
        #expect(reassembly.count == 0)
    }
}
