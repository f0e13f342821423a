// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Synchronization

/// A mutex that ThreadSanitizer understands. The kernel hands on a contended `Mutex`, which ThreadSanitizer cannot see, so it would report
/// everything done inside as races.
struct Gate: ~Copyable, Sendable {
    private let mutex = Mutex(())
    private let handedOn = Atomic(false)

    /// Runs `body` exclusively.
    borrowing func withLock<R>(_ body: () -> R) -> R {
        mutex.withLock { _ in
            _ = handedOn.load(ordering: .acquiring)
            defer { handedOn.store(true, ordering: .releasing) }
            return body()
        }
    }

    /// Like `withLock`, but returns nil at once when the lock is held.
    borrowing func withLockIfFree<R>(_ body: () -> R) -> R? {
        mutex.withLockIfAvailable { _ in
            _ = handedOn.load(ordering: .acquiring)
            defer { handedOn.store(true, ordering: .releasing) }
            return body()
        }
    }
}
