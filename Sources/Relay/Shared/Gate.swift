// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Synchronization

/// A mutex whose every change of hands ThreadSanitizer can see. A contended `Mutex` is handed on by the kernel, which it cannot
/// watch, and it would then take all that is done inside for races.
struct Gate: ~Copyable, Sendable {
    private let mutex = Mutex(())
    private let handedOn = Atomic(false)

    /// Runs `body` as the only one inside.
    borrowing func withLock<R>(_ body: () -> R) -> R {
        mutex.withLock { _ in
            _ = handedOn.load(ordering: .acquiring)
            defer { handedOn.store(true, ordering: .releasing) }
            return body()
        }
    }

    /// The same, but nil at once if somebody is inside.
    borrowing func withLockIfFree<R>(_ body: () -> R) -> R? {
        mutex.withLockIfAvailable { _ in
            _ = handedOn.load(ordering: .acquiring)
            defer { handedOn.store(true, ordering: .releasing) }
            return body()
        }
    }
}
