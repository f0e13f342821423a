// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// Lets workers give up their cores for a moment when work that must be done soon cannot get on.
///
/// The reconciler shares a few locks with threads of low priority that nobody can avoid: the heap's, and those inside SQLite. They are held for
/// less than a microsecond, but a thread that loses its core inside gets it back after a third of a second if a worker never sleeps. A worker
/// that finds the reconciler stuck sleeps instead, so that whoever has the lock can run and release it.
struct StepAside: ~Copyable, Sendable {
    /// How long the work may use no processor time before workers step aside.
    static let patience: Duration = .milliseconds(2)
    static let pause: Duration = .microseconds(100)
    /// The most pauses for one piece of work, which may also be waiting for a disk.
    static let limit = 10

    /// When the work began, or was last seen to have got on, in nanoseconds; 0 while there is none.
    private let since = Atomic<UInt64>(0)
    /// The clock of its thread's processor time, and what that said last, in nanoseconds.
    private let clock = Atomic<Int32>(0)
    private let used = Atomic<UInt64>(0)
    private let paused = Atomic<Int>(0)

    /// The number of pauses since the work began.
    var pauses: Int { paused.load(ordering: .relaxed) }

    /// The calling thread begins work that must be done soon.
    borrowing func begin(now: Instant = .now()) {
        clock.store(ProcessorTime.clockOfThread, ordering: .relaxed)
        used.store(0, ordering: .relaxed)
        paused.store(0, ordering: .relaxed)
        since.store(now.nanoseconds, ordering: .releasing)
    }

    /// The work is done.
    borrowing func end() { since.store(0, ordering: .relaxed) }

    /// Whether a worker should pause now. Costs one load while there is no such work.
    borrowing func isDue(now: Instant, read: (Int32) -> Duration? = ProcessorTime.read) -> Bool {
        let began = since.load(ordering: .acquiring)
        guard began != 0, now - Instant(nanoseconds: began) >= Self.patience, pauses < Self.limit else { return false }
        guard let time = read(clock.load(ordering: .relaxed)) else { return false }
        let spent = UInt64(clamping: time.nanoseconds)
        if used.exchange(spent, ordering: .relaxed) != spent {
            // It gets on. If the work ends in this moment, nobody is delayed by one more look.
            _ = since.compareExchange(expected: began, desired: now.nanoseconds, ordering: .relaxed)
            return false
        }
        paused.add(1, ordering: .relaxed)
        return true
    }
}
