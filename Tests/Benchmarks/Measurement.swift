// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CAllocations
import Linux
import Net

/// Times one operation and prints a line.
enum Measurement {
    private static let runs = 9
    private static let runTime = Duration.milliseconds(40)

    /// Runs `body` in nine runs of about 40 ms and prints the median and the fastest of them, in nanoseconds per operation.
    /// `body` performs the given number of operations and returns a value that depends on them, so that none is optimised away.
    @discardableResult
    static func of(_ name: String, _ body: (Int) -> Int) -> Double {
        var count = 1
        while time(count, body) < runTime.nanoseconds / 4 { count *= 2 }
        count *= 4
        let times = (0..<runs).map { _ in Double(time(count, body)) / Double(count) }.sorted()
        beginCountingMemoryCosts("Benchmarks")
        consume(body(count))
        let costs = endCountingMemoryCosts()
        print(name, times[runs / 2], times[0], Double(costs.allocations) / Double(count))
        return times[runs / 2]
    }

    private static func time(_ count: Int, _ body: (Int) -> Int) -> Int64 {
        let start = Instant.now()
        consume(body(count))
        return (Instant.now() - start).nanoseconds
    }

    @inline(never) private static func consume(_ value: Int) { sink = sink &+ value }
    nonisolated(unsafe) private static var sink = 0

    private static func print(_ name: String, _ median: Double, _ minimum: Double, _ allocations: Double) {
        let columns = [text(median), text(minimum), text(allocations)].map { String(repeating: " ", count: max(1, 13 - $0.count)) + $0 }
        StandardStreams.output(name + String(repeating: " ", count: max(1, 42 - name.count)) + columns.joined())
    }

    /// One decimal.
    private static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// Numbers that are the same in every run: a linear congruential generator with the constants of Knuth's MMIX.
struct Numbers {
    private var state: UInt64 = 1

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 32
    }
}
