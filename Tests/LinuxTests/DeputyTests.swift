// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Linux
import Synchronization
import Testing

struct `A deputy` {
    private let deputy = Deputy(name: "deputy")

    /// Runs `body` on a thread of low priority and waits for it.
    private func withLowPriority<R: Sendable>(_ body: @escaping @Sendable () -> R) throws -> R {
        let result = Mutex<R?>(nil)
        try Linux.Thread(name: "low", nice: 15) {
            let value = body()
            result.withLock { $0 = value }
        }.join()
        return try #require(result.withLock { $0 })
    }

    @Test func `works at the priority of the thread that made it, and its caller waits`() throws {
        let own = Linux.Thread.nice
        let (outside, inside, again) = try withLowPriority { [deputy] in
            var seen: Int32 = -1
            deputy.run { seen = Linux.Thread.nice }
            // What runs on its thread may ask for it again.
            return (Linux.Thread.nice, seen, deputy.run { deputy.run { Linux.Thread.nice } })
        }
        #expect(outside == 15)
        #expect(inside == own)
        #expect(again == own)
    }

    @Test func `is not needed by a thread of its own priority`() throws {
        let thread = pthread_self()
        #expect(deputy.run { pthread_self() } == thread)
        let isSame = try withLowPriority { [deputy] in deputy.run { pthread_self() } == pthread_self() }
        #expect(!isSame)
    }

    @Test func `returns and throws what the work does`() throws {
        let results = try withLowPriority { [deputy] in
            (0..<100).map { number -> Result<Int, Errno> in
                Result { () throws(Errno) in
                    try deputy.run { () throws(Errno) -> Int in
                        guard number % 2 == 0 else { throw Errno.busy }
                        return number
                    }
                }
            }
        }
        #expect(results == (0..<100).map { $0 % 2 == 0 ? .success($0) : .failure(.busy) })
    }

    @Test func `serves many threads`() throws {
        let sum = Atomic(0)
        let threads = try (1...8).map { number in
            try Linux.Thread(name: "low", nice: 15) { [deputy] in
                for _ in 0..<200 { _ = sum.add(deputy.run { number }, ordering: .relaxed) }
            }
        }
        for thread in threads { thread.join() }
        #expect(sum.load(ordering: .relaxed) == 200 * 36)
    }
}
