// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Synchronization

/// Runs a piece of work at a beat on a thread of its own, until it is stopped.
/// Thread rule: call `start` and `stop` from the same thread; `isStopping` may be read from any.
final class BeatThread: Sendable {
    private let name: String
    private let beat: Duration
    private let stopping: EventDescriptor
    private let stops = Atomic<Bool>(false)
    private let thread = Mutex<Linux.Thread?>(nil)

    /// `beat` is the pause between two rounds.
    init(name: String, beat: Duration) throws(Errno) {
        (self.name, self.beat) = (name, beat)
        stopping = try EventDescriptor()
    }

    /// True once `stop` was called, for rounds that take long.
    var isStopping: Bool { stops.load(ordering: .acquiring) }

    /// Starts the thread; the first round follows after one beat. Calls `fail` if the thread cannot wait.
    func start(_ round: @escaping @Sendable () -> Void, orFail fail: @escaping @Sendable () -> Void) throws(Errno) {
        let started = try Linux.Thread(name: name) { [self] in
            guard var poller = try? Poller(capacity: 1), (try? poller.add(stopping.descriptor, token: 0, for: .readable)) != nil else {
                return fail()
            }
            while true {
                _ = try? poller.wait(timeout: beat)
                guard !isStopping else { return }
                round()
            }
        }
        thread.withLock { $0 = started }
    }

    /// Ends the thread after its current round.
    func stop() {
        stops.store(true, ordering: .releasing)
        stopping.signal()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }
}
