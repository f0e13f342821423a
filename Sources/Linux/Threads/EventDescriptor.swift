// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// Wakes a thread that waits in a `Poller`. Any number of signals before a `drain` count as one. eventfd(2)
public struct EventDescriptor: ~Copyable, Sendable {
    /// For the poller; readable while a signal is pending.
    public let descriptor: Descriptor

    /// Throws when there is no descriptor left.
    public init() throws(Errno) {
        descriptor = Descriptor(owning: try systemCall { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) })
    }

    /// May be called from any thread. A full counter already means that a signal is pending.
    public func signal() {
        var one: UInt64 = 1
        _ = try? systemCall { write(descriptor.raw, &one, 8) }
    }

    /// Takes all pending signals; false when there was none.
    @discardableResult
    public func drain() -> Bool {
        var count: UInt64 = 0
        return (try? systemCall { read(descriptor.raw, &count, 8) }) != nil
    }

    /// Waits for a signal, at most for `timeout` (nil waits for ever), and takes it. False when there was none. poll(2)
    @discardableResult
    public func wait(atMost timeout: Duration? = nil) -> Bool {
        var entry = pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0)
        let milliseconds = timeout.map { Int32(clamping: max(0, ($0.nanoseconds + 999_999) / 1_000_000)) } ?? -1
        _ = try? systemCall { poll(&entry, 1, milliseconds) }
        return drain()
    }
}
