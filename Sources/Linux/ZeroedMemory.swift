// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

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
