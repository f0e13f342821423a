// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Synchronization
import Testing

@testable import Linux

struct `A blocking queue` {
    @Test func `returns its elements in order and refuses what does not fit`() {
        let queue = BlockingQueue<Int>(capacity: 2)
        #expect([queue.offer(1), queue.offer(2), queue.offer(3)] == [true, true, false])
        #expect([queue.take(), queue.take()] == [1, 2])
    }

    @Test func `lets readers sleep until there is something`() throws {
        let queue = BlockingQueue<Int>(capacity: 2), answers = BlockingQueue<Int>(capacity: 2)
        let thread = try Linux::Thread(name: "reader") {
            while let number = queue.take() { _ = answers.offer(number + 1) }
        }
        #expect(queue.offer(1))
        #expect(answers.take() == 2)
        queue.close()
        thread.join()
    }

    @Test func `that is closed returns what is left and accepts nothing`() {
        let queue = BlockingQueue<Int>(capacity: 2)
        #expect(queue.offer(1))
        queue.close()
        #expect(!queue.offer(2))
        #expect(queue.take() == 1)
        #expect(queue.take() == nil)
    }

    @Test func `wakes one of the sleeping readers for each element`() throws {
        let (readers, rounds) = (8, 200)
        let queue = BlockingQueue<Int>(capacity: 1), answers = BlockingQueue<Int>(capacity: 1)
        let sleeps = Mutex(0)
        let threads = try (0..<readers).map { number in
            try Linux::Thread(name: "reader-\(number)") {
                while let element = queue.take() { _ = answers.offer(element) }
                sleeps.withLock { $0 += Self.sleepsOfThread() }
            }
        }
        for round in 0..<rounds {
            #expect(queue.offer(round))
            #expect(answers.take() == round)
        }
        queue.close()
        for thread in threads { thread.join() }
        // Each element lets one reader wake and sleep again; a lock that is taken may add some.
        #expect(sleeps.withLock { $0 } < rounds * 3)
    }

    @Test func `wakes the reader that fell asleep last`() throws {
        let queue = BlockingQueue<Int>(capacity: 1), answers = BlockingQueue<Int>(capacity: 1)
        let threads = try (0..<3).map { number in
            let thread = try Linux::Thread(name: "reader-\(number)") { while queue.take() != nil { _ = answers.offer(number) } }
            while queue.sleeperCount <= number { usleep(1000) }
            return thread
        }
        #expect(queue.offer(1))
        #expect(answers.take() == 2)
        queue.close()
        for thread in threads { thread.join() }
    }

    /// How often the calling thread has given its processor away to wait. getrusage(2)
    private static func sleepsOfThread() -> Int {
        var usage = rusage()
        getrusage(RUSAGE_THREAD, &usage)
        return usage.ru_nvcsw
    }
}
