// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Testing

struct `A blocking queue` {
    @Test func `returns its elements in order and refuses what does not fit`() throws {
        let queue = try BlockingQueue<Int>(capacity: 2)
        #expect([queue.offer(1), queue.offer(2), queue.offer(3)] == [true, true, false])
        #expect([queue.take(), queue.take()] == [1, 2])
    }

    @Test func `lets readers sleep until there is something`() throws {
        let queue = try BlockingQueue<Int>(capacity: 2), answers = try BlockingQueue<Int>(capacity: 2)
        let thread = try Linux::Thread(name: "reader") {
            while let number = queue.take() { _ = answers.offer(number + 1) }
        }
        #expect(queue.offer(1))
        #expect(answers.take() == 2)
        queue.close()
        thread.join()
    }

    @Test func `that is closed returns what is left and accepts nothing`() throws {
        let queue = try BlockingQueue<Int>(capacity: 2)
        #expect(queue.offer(1))
        queue.close()
        #expect(!queue.offer(2))
        #expect(queue.take() == 1)
        #expect(queue.take() == nil)
    }
}
