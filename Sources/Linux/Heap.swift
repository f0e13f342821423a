// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// The C library's heap.
public enum Heap {
    /// Prefers a small process over a little speed: two arenas for all threads instead of eight per core, and large blocks that go back to
    /// the kernel when they are freed. Packets need no heap; what does (pages, rounds of the reconciler) is short-lived. Call it before
    /// threads begin. mallopt(3)
    public static func keepSmall() {
        _ = mallopt(M_ARENA_MAX, 2)
        // Setting it keeps glibc from raising it to the largest block ever freed.
        _ = mallopt(M_MMAP_THRESHOLD, 128 << 10)
    }
}
