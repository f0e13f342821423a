// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Synchronization

/// A lock for a few instructions, stored directly in shared memory. Zeroed memory is an open lock.
struct SpinLock: ~Copyable {
    private let isHeld = Atomic<Bool>(false)

    borrowing func lock() {
        var spins = 0
        while isHeld.exchange(true, ordering: .acquiring) {
            spins += 1
            // The holder may have been preempted.
            if spins % 128 == 0 { Thread.yield() }
        }
    }

    borrowing func unlock() { isHeld.store(false, ordering: .releasing) }
}
