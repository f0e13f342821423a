// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// A file descriptor with a single owner. It is closed when the owner is destroyed.
public struct Descriptor: ~Copyable, Sendable {
    /// The kernel's number for it. Valid while the owner lives; never close it.
    public let raw: Int32

    /// Takes ownership of `raw`; no other code may close it.
    public init(owning raw: Int32) { self.raw = raw }

    deinit { _ = Glibc.close(raw) }

    /// Closes the descriptor and throws the kernel's error. EINTR counts as closed, because Linux has already freed the number. close(2)
    public consuming func close() throws(Errno) {
        let result = Glibc.close(raw)
        let error = Errno.last
        discard self
        if result == -1, error.code != EINTR { throw error }
    }

    /// A descriptor that only reserves a number, to be closed when the process has run out of them. open(2)
    public static func spare() throws(Errno) -> Descriptor {
        Descriptor(owning: try systemCall { open("/dev/null", O_RDONLY | O_CLOEXEC) })
    }
}
