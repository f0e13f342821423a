// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Support
import Testing
import WireGuard

private let size: UInt64 = 8128
private let limit = size + 1
private let reject = Constants.rejectAfterMessages

struct `A replay window` {
    /// One window for the whole table, line by line as in the kernel's selftest/counter.c.
    @Test func `WG-W-4 agrees with the kernel's table of counters`() {
        let table: [(counter: UInt64, isAccepted: Bool)] = [
            (0, true), (1, true), (1, false), (9, true), (8, true), (7, true), (7, false),
            (limit, true), (limit - 1, true), (limit - 1, false), (limit - 2, true), (2, true), (2, false),
            (limit + 16, true), (3, false), (limit + 16, false),
            (limit * 4, true), (limit * 4 - (limit - 1), true), (10, false), (limit * 4 - limit, false), (limit * 4 - (limit + 1), false),
            (limit * 4 - (limit - 2), true), (limit * 4 + 1 - limit, false), (0, false),
            (reject, false), (reject - 1, true), (reject, false), (reject - 1, false), (reject - 2, true), (reject + 1, false),
            (reject + 2, false), (reject - 2, false), (reject - 3, true), (0, false),
        ]
        var window = ReplayWindow()
        for (line, (counter, isAccepted)) in table.enumerated() {
            #expect((window.accept(counter) == .accepted) == isAccepted, "line \(line + 1), counter \(counter)")
        }
    }

    /// The six loops after that table: the counters of the loop, all accepted, and then single counters with the expected result.
    @Test(
        arguments: [
            (Array(1...size), [(0, true), (0, false)]),
            (Array(2...size + 1), [(1, true), (0, false)]),
            (Array((0...size).reversed()), []),
            (Array((1...size + 1).reversed()), [(0, false)]),
            (Array((1...size).reversed()), [(size + 1, true), (0, false)]),
            (Array((1...size).reversed()), [(0, true), (size + 1, true)]),
        ] as [([UInt64], [(UInt64, Bool)])])
    func `WG-W-4 agrees with the kernel's six bulk loops`(bulk: [UInt64], then: [(UInt64, Bool)]) {
        var window = ReplayWindow()
        let refused = bulk.filter { window.accept($0) != .accepted }
        #expect(refused == [])
        for (counter, isAccepted) in then {
            #expect((window.accept(counter) == .accepted) == isAccepted, "counter \(counter)")
        }
    }

    @Test(arguments: [0, 1, 63, 64, 8191, 8192, 1 << 40, reject - 1])
    func `WG-W-3 starts at any counter`(first: UInt64) {
        var window = ReplayWindow()
        #expect(window.accept(first) == .accepted)
        #expect(window.accept(first) == .duplicate)
    }

    @Test(arguments: [reject, reject + 1, .max - 1, .max])
    func `WG-W-3 refuses a counter that no session may use, and does not change`(counter: UInt64) {
        var window = ReplayWindow()
        #expect(window.accept(counter) == .tooOld)
        #expect(window.accept(5) == .accepted)
        #expect(window.accept(counter) == .tooOld)
        #expect(window.accept(4) == .accepted)
        #expect(window.accept(5) == .duplicate)
    }

    @Test func `WG-W-1 reaches 8128 counters back`() {
        var window = ReplayWindow()
        #expect(window.accept(100_000) == .accepted)
        #expect(window.accept(100_000 - 8128) == .accepted)
        #expect(window.accept(100_000 - 8129) == .tooOld)
    }

    @Test func `WG-W-5 distinguishes duplicates from counters that are too old`() {
        var window = ReplayWindow()
        #expect(window.accept(10) == .accepted)
        #expect(window.accept(10) == .duplicate)
        #expect(window.accept(20_000) == .accepted)
        #expect(window.accept(10) == .tooOld)
    }

    @Test func `WG-W-1 forgets the counters that a jump left behind`() {
        var window = ReplayWindow()
        for counter in 0..<8192 as Range<UInt64> { _ = window.accept(counter) }
        #expect(window.accept(1 << 32) == .accepted)
        #expect((1...8128 as ClosedRange<UInt64>).allSatisfy { window.accept(1 << 32 - $0) == .accepted })
    }

    @Test(arguments: [0, 1 << 32, reject - 40_000] as [UInt64])
    func `agrees with a naive set`(start: UInt64) {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        var window = ReplayWindow()
        var naive = NaiveWindow()
        var disagreements = 0
        var centre = start
        for _ in 0..<30_000 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0: centre += min(UInt64.random(in: 0...9000, using: &random), reject - centre)
            case 1..<50: centre += min(1, reject - centre)
            default: break
            }
            let back = Bool.random(using: &random) ? UInt64.random(in: 0...70, using: &random) : UInt64.random(in: 0...8300, using: &random)
            let counter = centre - min(back, centre)
            if window.accept(counter) != naive.accept(counter) { disagreements += 1 }
        }
        #expect(disagreements == 0, "seed \(seed)")
    }
}

/// The same with a set of all counters.
private struct NaiveWindow {
    private var seen: Set<UInt64> = []
    private var greatest: UInt64 = 0

    mutating func accept(_ counter: UInt64) -> ReplayWindow.Verdict {
        if counter >= reject || counter + size < greatest { return .tooOld }
        if !seen.insert(counter).inserted { return .duplicate }
        greatest = max(greatest, counter)
        return .accepted
    }
}
