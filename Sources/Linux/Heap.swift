// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// The C library's heap.
public enum Heap {
    /// Saves memory at the cost of a little speed: two arenas for all threads instead of eight per core, and large blocks return to the
    /// kernel when freed. The packet path does not use the heap; what does (pages, reconciler rounds) is short-lived. Call this before
    /// starting threads. mallopt(3)
    public static func keepSmall() {
        _ = mallopt(M_ARENA_MAX, 2)
        // Setting the threshold keeps glibc from raising it to the largest block ever freed.
        _ = mallopt(M_MMAP_THRESHOLD, 128 << 10)
    }
}
