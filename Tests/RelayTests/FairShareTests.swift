// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import Relay

/// The datagrams that one worker is offered, turn by turn.
private final class Turns {
    private var share = FairShare()
    var isStrict: Bool { share.isStrict }

    func noteLoss(at now: Instant) { share.noteLoss(now: now) }

    /// Offers the datagrams of each peer in one turn. Returns how many of each are accepted.
    func turn(_ offered: [UInt32: Int], at now: Instant) -> [UInt32: Int] {
        share.beginTurn(now: now)
        var taken: [UInt32: Int] = [:]
        for (peer, count) in offered {
            for _ in 0..<count where !share.isStrict || share.takes(peer) { taken[peer, default: 0] += 1 }
        }
        return taken
    }
}

@Suite struct `A fair share` {
    private let start = Instant(nanoseconds: 1_000_000_000)
    private let turns = Turns()

    @Test func `WG-H-21 is unlimited while nothing is lost`() {
        for _ in 0..<5 { #expect(turns.turn([1: 100_000, 2: 1], at: start) == [1: 100_000, 2: 1]) }
        #expect(!turns.isStrict)
    }

    @Test func `WG-H-21 limits only the peer that floods while datagrams are lost`() {
        let offered: [UInt32: Int] = [1: 3000, 2: 50, 3: 50, 4: 20]
        turns.noteLoss(at: start)
        #expect(turns.turn(offered, at: start) == offered)
        // An equal share of the 3120 datagrams of the last turn is 780.
        #expect(turns.turn(offered, at: start) == [1: 780, 2: 50, 3: 50, 4: 20])
        // It is halved while there are losses, and then again.
        turns.noteLoss(at: start)
        #expect(turns.turn(offered, at: start) == [1: 390, 2: 50, 3: 50, 4: 20])
        for _ in 0..<10 {
            turns.noteLoss(at: start)
            _ = turns.turn(offered, at: start)
        }
        #expect(turns.turn(offered, at: start)[1] == 97)
    }

    @Test func `WG-H-21 is unlimited again soon after the last loss`() {
        turns.noteLoss(at: start)
        _ = turns.turn([1: 3000, 2: 5], at: start)
        #expect(turns.turn([1: 3000, 2: 5], at: start + .milliseconds(199))[1] != 3000)
        #expect(turns.turn([1: 3000, 2: 5], at: start + .milliseconds(200))[1] == 3000)
        #expect(!turns.isStrict)
    }

    @Test func `WG-H-21 of the only peer is unlimited, whatever is lost`() {
        for _ in 0..<5 {
            turns.noteLoss(at: start)
            #expect(turns.turn([7: 4000], at: start) == [7: 4000])
        }
    }

    @Test func `WG-H-21 is never less than sixteen datagrams per turn`() {
        for _ in 0..<10 {
            turns.noteLoss(at: start)
            _ = turns.turn([1: 60, 2: 2, 3: 2], at: start)
        }
        #expect(turns.turn([1: 60, 2: 2, 3: 2], at: start) == [1: 16, 2: 2, 3: 2])
    }
}
