// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import Relay

/// What one worker is offered, window by window.
private final class Windows {
    private var share = FairShare()
    private var received: UInt64 = 0
    var isStrict: Bool { share.isStrict }

    func noteLoss(_ count: UInt32 = 1, at now: Instant) { share.noteLoss(count, now: now) }

    /// Offers what each peer sends in one window, and what strangers send; gives how much of each peer is taken.
    func window(_ offered: [UInt32: Int], strangers: UInt64 = 0, at now: Instant) -> [UInt32: Int] {
        share.beginTurn(now: now, received: received)
        var taken: [UInt32: Int] = [:]
        for (peer, count) in offered {
            received += UInt64(count)
            for _ in 0..<count where !share.isStrict || share.takes(peer) { taken[peer, default: 0] += 1 }
        }
        received += strangers
        return taken
    }
}

@Suite struct `A fair share` {
    private let start = Instant(nanoseconds: 1_000_000_000)
    private let windows = Windows()

    private func at(_ window: Int) -> Instant { start + FairShare.window * window }

    @Test func `WG-H-21 is unlimited while nothing is lost`() {
        for number in 0..<5 { #expect(windows.window([1: 100_000, 2: 1], at: at(number)) == [1: 100_000, 2: 1]) }
        #expect(!windows.isStrict)
    }

    @Test func `WG-H-21 limits only the peer that floods while datagrams are lost`() {
        let offered: [UInt32: Int] = [1: 3000, 2: 50, 3: 50, 4: 20]
        windows.noteLoss(900, at: start)
        // The first window only counts. The worker is full, and the rest is lost.
        #expect(windows.window([1: 2100, 2: 50, 3: 50, 4: 20], at: start)[1] == 2100)
        // As much as was lost, all of it from the one above the level.
        #expect(windows.window(offered, at: at(1)) == [1: 2100, 2: 50, 3: 50, 4: 20])
        // What is lost although it was cut comes on top, once the cut can have had its effect.
        var taken: [[UInt32: Int]] = []
        for number in 2...5 {
            windows.noteLoss(300, at: at(number - 1))
            taken.append(windows.window(offered, at: at(number)))
        }
        #expect(taken.map { $0[1] } == [2100, 2100, 2100, 1800])
        #expect(taken.allSatisfy { $0[2] == 50 && $0[3] == 50 && $0[4] == 20 })
    }

    @Test func `WG-H-21 one lost datagram costs one more, and not a pair's bulk`() {
        // One direction of a TCP connection and its acknowledgements.
        let offered: [UInt32: Int] = [1: 3000, 2: 1500]
        windows.noteLoss(at: start)
        var missing = 0
        for number in 0..<30 { missing += 4500 - windows.window(offered, at: at(number)).values.reduce(0, +) }
        #expect(missing == 1)
    }

    @Test func `WG-H-21 hands on what a peer leaves, and holds nobody below what the others leave free`() {
        let offered: [UInt32: Int] = [1: 1000, 2: 600, 3: 300, 4: 100]
        windows.noteLoss(500, at: start)
        _ = windows.window(offered, at: start)
        // Of 1500, an even share is 375. The last two leave 350 of theirs, so the first two have 550 each.
        #expect(windows.window(offered, at: at(1)) == [1: 550, 2: 550, 3: 300, 4: 100])
    }

    @Test func `WG-H-21 follows a peer that slows down, and cuts no more`() {
        windows.noteLoss(1000, at: start)
        _ = windows.window([1: 3000, 2: 100], at: start)
        #expect(windows.window([1: 1500, 2: 100], at: at(1)) == [1: 1500, 2: 100])
        for number in 2..<10 { #expect(windows.window([1: 1500, 2: 100], at: at(number)) == [1: 1500, 2: 100]) }
    }

    @Test func `WG-H-21 is unlimited again soon after the last loss`() {
        windows.noteLoss(100, at: start)
        _ = windows.window([1: 3000, 2: 5], at: start)
        #expect(windows.window([1: 3000, 2: 5], at: at(1))[1] != 3000)
        #expect(windows.window([1: 3000, 2: 5], at: start + .milliseconds(199))[1] == 3000)
        #expect(windows.isStrict)
        #expect(windows.window([1: 3000, 2: 5], at: start + .milliseconds(200))[1] == 3000)
        #expect(!windows.isStrict)
    }

    @Test func `WG-H-21 of the only peer is unlimited, whatever is lost`() {
        for number in 0..<5 {
            windows.noteLoss(1000, at: at(number))
            #expect(windows.window([7: 4000], at: at(number)) == [7: 4000])
        }
    }

    @Test func `WG-H-21 is never less than sixteen datagrams of a window`() {
        for number in 0..<10 {
            windows.noteLoss(1000, at: at(number))
            let taken = windows.window([1: 60, 2: 2, 3: 2], at: at(number))
            #expect(number == 0 || taken == [1: 16, 2: 2, 3: 2])
        }
    }

    @Test func `WG-H-21 of peers is not cut for what strangers send`() {
        windows.noteLoss(1000, at: start)
        _ = windows.window([1: 100, 2: 10], strangers: 9890, at: start)
        // One of a hundred datagrams was a peer's, so ten of the lost ones were.
        let taken = windows.window([1: 100, 2: 10], strangers: 9890, at: at(1))
        #expect(taken[1].map { (88...90).contains($0) } == true)
        #expect(taken[2] == 10)
    }
}

@Suite struct `Under a full queue` {
    /// How long each simulation runs.
    private static let seconds = 1

    @Test func `WG-H-21 TCP both ways keeps its throughput and a light pair its packets`() {
        let flows: [SimulatedFlow] = [.tcp(from: 1, to: 2), .tcp(from: 2, to: 1), .steady(from: 3, perSecond: 200), .steady(from: 4, perSecond: 200)]
        let without = SimulatedWorker(flows, sharing: false).run(seconds: Self.seconds)
        let with = SimulatedWorker(flows, sharing: true).run(seconds: Self.seconds)
        report("TCP both ways and a light pair", without, with)
        #expect(without.lost > 0)
        #expect(with.delivered[1]! + with.delivered[2]! > (without.delivered[1]! + without.delivered[2]!) * 95 / 100)
        // About as much is cut as is lost, and not of the light pair.
        #expect(with.cut.values.reduce(0, +) <= 2 * with.lost)
        #expect(with.cut[3] == nil)
        #expect(with.cut[4] == nil)
        #expect(with.missing(of: 3) + with.missing(of: 4) <= without.missing(of: 3) + without.missing(of: 4))
    }

    @Test func `WG-H-21 a flood takes nothing from a light pair, and nothing that TCP could not have anyway`() {
        let flows: [SimulatedFlow] = [
            .steady(from: 1, perSecond: 60_000), .tcp(from: 2, to: 3), .steady(from: 4, perSecond: 200), .steady(from: 5, perSecond: 200),
        ]
        let without = SimulatedWorker(flows, sharing: false).run(seconds: Self.seconds)
        let with = SimulatedWorker(flows, sharing: true).run(seconds: Self.seconds)
        report("a flood of 1.5 times what the worker can, TCP and a light pair", without, with)
        let light = { (run: SimulatedWorker.Run) in run.missing(of: 4) + run.missing(of: 5) }
        #expect(light(without) > 100)
        #expect(light(with) * 10 < light(without))
        #expect(with.delivered[2]! > 5 * without.delivered[2]!)
    }

    private func report(_ name: String, _ without: SimulatedWorker.Run, _ with: SimulatedWorker.Run) {
        print("\(name), \(Self.seconds) s: without a fair share \(without), with it \(with)")
    }
}
