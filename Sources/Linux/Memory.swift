// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// Protects this process's memory from other processes.
public enum ProcessMemory {
    /// Prevents core dumps and access through debuggers or /proc/PID/mem by other processes of the same user, because the memory holds
    /// keys. If the kernel refuses, the process continues. prctl(2) PR_SET_DUMPABLE, setrlimit(2) RLIMIT_CORE
    public static func hide() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(RLIMIT_CORE, &none)
        _ = hide_process_memory()
    }

    /// True after `hide`, unless the kernel refused.
    public static var isHidden: Bool { process_memory_is_hidden() != 0 }
}

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

    /// Returns all free pages to the kernel. Takes milliseconds; for the end of a start, which uses much memory for a moment. malloc_trim(3)
    public static func trim() { _ = malloc_trim(0) }
}

/// Anonymous memory that reads as zero and costs nothing until it is touched. mmap(2)
public struct ZeroedMemory: ~Copyable, @unchecked Sendable {
    public let base: UnsafeMutableRawPointer
    public let byteCount: Int

    /// Page-aligned. Stops the process when the address space is exhausted.
    public init(byteCount: Int) {
        let result = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let result, result != MAP_FAILED else { fatalError("no address space for \(byteCount) bytes: \(Errno.last)") }
        base = result
        self.byteCount = byteCount
    }

    deinit { munmap(base, byteCount) }
}
