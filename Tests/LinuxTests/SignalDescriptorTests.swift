// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Linux
import Synchronization
import Testing

struct `A signal descriptor` {
    @Test func `returns the signals of its thread and nothing else`() throws {
        let seen = Mutex<[Signal?]>([])
        // On its own thread, so that this signal mask does not affect the threads of other tests.
        let thread = try Linux::Thread(name: "signals") {
            guard let signals = try? SignalDescriptor([.user2, .hangup]) else { return }
            let before = try? signals.next()
            pthread_kill(pthread_self(), SIGUSR2)
            let after = try? signals.wait(timeout: .seconds(5))
            seen.withLock { $0 = [before ?? nil, after ?? nil] }
        }
        thread.join()
        #expect(seen.withLock { $0 } == [nil, .user2])
    }
}
