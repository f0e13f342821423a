// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing
import WireGuard

@testable import Relay

@Suite struct `The heap of deadlines` {
    /// The same sequence in each run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private func instant(_ number: Int) -> Instant { Instant(nanoseconds: UInt64(number)) }

    /// Compares it with a plain dictionary while deadlines are set, moved both ways, removed and reached.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `always begins with the earliest, whatever is moved or removed`(seed: UInt64) {
        var generator = Generator(state: seed)
        var (heap, model) = (DeadlineHeap(), [UInt32: Int]())
        for step in 0..<2_000 {
            let peer = UInt32.random(in: 0..<40, using: &generator)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0...5:
                let deadline = Int.random(in: 1...1_000_000, using: &generator)
                heap.set(instant(deadline), for: peer)
                model[peer] = deadline
            case 6...7:
                heap.set(nil, for: peer)
                model[peer] = nil
            default:
                let now = Int.random(in: 1...300_000, using: &generator)
                let popped = heap.popDue(at: instant(now))
                let least = model.values.min() ?? .max
                #expect((popped != nil) == (least <= now), "step \(step)")
                if let popped {
                    #expect(model[popped] == least, "step \(step)")
                    model[popped] = nil
                }
            }
            #expect(heap.next == model.values.min().map(instant), "step \(step)")
            if heap.next != model.values.min().map(instant) { return }
        }
        var order: [Int] = []
        while let peer = heap.popDue(at: instant(1_000_000)) { order.append(model.removeValue(forKey: peer) ?? -1) }
        #expect(order == order.sorted())
        #expect(model.isEmpty)
        #expect(heap.next == nil)
    }
}

@Suite struct `The clock of initiations` {
    @Test func `WG-T-5 is never earlier than what was sent before, also to other peers and before a restart`() {
        let ahead = Timestamp(unixNanoseconds: UInt64(UnixTime.now().seconds + 3_600) * 1_000_000_000)
        var clock = HandshakeClock()
        clock.note(ahead)
        let first = clock.next(after: .zero)
        #expect(first >= ahead)
        let second = clock.next(after: first)
        #expect(second > first)
        #expect(clock.next(after: .zero) >= second)
        // An earlier one takes nothing back.
        clock.note(.zero)
        #expect(clock.greatestSent >= second)
    }
}

@Suite struct `What a peer did last` {
    @Test func `WG-I-2 WG-I-3 starts the timers with data only, and stops them with anything`() {
        let slab = Slab<SharedPeer>(capacity: 1)
        let (cell, early, later, last) = (slab.at(0), 10_000_000 as UInt64, 20_000_000 as UInt64, 30_000_000 as UInt64)
        #expect(cell.pointee.activity.sent(isData: true, now: early) == true)
        #expect(cell.pointee.activity.load().unacknowledgedSend == Instant(nanoseconds: early))
        // A keepalive arrives.
        #expect(cell.pointee.activity.received(isData: false, now: later) == false)
        #expect(cell.pointee.activity.load() == PeerActivity(lastAuthenticated: Instant(nanoseconds: later)))
        // Data arrives, twice.
        #expect(cell.pointee.activity.received(isData: true, now: later) == true)
        #expect(cell.pointee.activity.received(isData: true, now: last) == false)
        #expect(cell.pointee.activity.load().unansweredReceive == Instant(nanoseconds: later))
        #expect(cell.pointee.activity.load().lastDataReceived == Instant(nanoseconds: last))
        // A keepalive answers, and starts nothing.
        #expect(cell.pointee.activity.sent(isData: false, now: last) == false)
        #expect(cell.pointee.activity.load().unansweredReceive == nil)
        #expect(cell.pointee.activity.load().unacknowledgedSend == nil)
        // Data stops the timer as a keepalive does.
        #expect(cell.pointee.activity.sent(isData: true, now: early) == true)
        _ = cell.pointee.activity.received(isData: true, now: last)
        #expect(cell.pointee.activity.load().unacknowledgedSend == nil)
    }
}
