// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// A file descriptor with a single owner, closed when the owner goes away.
public struct Descriptor: ~Copyable, Sendable {
    /// The number the kernel knows it by. Valid as long as the owner lives; never close it.
    public let raw: Int32

    /// Takes over `raw`, which nobody else may close from now on.
    public init(owning raw: Int32) { self.raw = raw }

    deinit { _ = Glibc.close(raw) }

    /// Closes it and tells what the kernel said; EINTR counts as closed, as Linux has let go of the number by then. close(2)
    public consuming func close() throws(Errno) {
        let result = Glibc.close(raw)
        let error = Errno.last
        discard self
        if result == -1, error.code != EINTR { throw error }
    }

    /// A descriptor that only takes up a place, to be given up when the process has run out of them. open(2)
    public static func spare() throws(Errno) -> Descriptor {
        Descriptor(owning: try systemCall { open("/dev/null", O_RDONLY | O_CLOEXEC) })
    }
}
