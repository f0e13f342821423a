// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// Waits for many descriptors at once. One thread waits; any thread may add, change or remove. epoll(7)
public struct Poller: ~Copyable {
    /// The events to report.
    public struct Interest: OptionSet, Hashable, Sendable {
        /// The EPOLL flags.
        public let rawValue: UInt32
        /// Creates an interest from EPOLL flags.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Bytes, a connection or the end of the stream can be read.
        public static let readable = Interest(rawValue: EPOLLIN.rawValue)
        /// There is room to write.
        public static let writable = Interest(rawValue: EPOLLOUT.rawValue)
        /// The peer has shut down its writing half.
        public static let peerClosed = Interest(rawValue: EPOLLRDHUP.rawValue)
        /// Report each change once, instead of reporting while the state lasts (EPOLLET).
        public static let edge = Interest(rawValue: EPOLLET.rawValue)
    }

    /// What happened to the descriptor that was added under `token`.
    public struct Event: Hashable, Sendable {
        /// The token that was given to `add` or `modify`.
        public let token: UInt64
        let bits: UInt32

        /// Reading will not block.
        public var isReadable: Bool { bits & EPOLLIN.rawValue != 0 }
        /// Writing will not block.
        public var isWritable: Bool { bits & EPOLLOUT.rawValue != 0 }
        /// The peer will send nothing more.
        public var isPeerClosed: Bool { bits & EPOLLRDHUP.rawValue != 0 }
        /// An error, or both directions are closed. Reading returns which of the two.
        public var isBroken: Bool { bits & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 }
        /// `.readable`, `.writable`, or both.
        public var states: Interest { Interest(rawValue: bits & (EPOLLIN.rawValue | EPOLLOUT.rawValue)) }
    }

    private let descriptor: Descriptor
    private var events: [epoll_event]

    /// `capacity` is the number of events that one `wait` can return. epoll_create1(2)
    public init(capacity: Int = 256) throws(Errno) {
        descriptor = Descriptor(owning: try systemCall { epoll_create1(Int32(EPOLL_CLOEXEC)) })
        events = [epoll_event](repeating: epoll_event(), count: max(capacity, 1))
    }

    /// Throws `.fileExists` when the descriptor was already added. epoll_ctl(2)
    public func add(_ descriptor: borrowing Descriptor, token: UInt64, for interest: Interest) throws(Errno) {
        try control(EPOLL_CTL_ADD, descriptor.raw, token, interest)
    }

    /// Throws `.noSuchFile` when the descriptor was never added. epoll_ctl(2)
    public func modify(_ descriptor: borrowing Descriptor, token: UInt64, for interest: Interest) throws(Errno) {
        try control(EPOLL_CTL_MOD, descriptor.raw, token, interest)
    }

    /// Closing a descriptor removes it too; events already fetched still name its token. epoll_ctl(2)
    public func remove(_ descriptor: borrowing Descriptor) throws(Errno) {
        try control(EPOLL_CTL_DEL, descriptor.raw, 0, [])
    }

    /// Waits for an event, at most for `timeout` (rounded up to a millisecond; nil waits forever). Returns the number of events; read them
    /// with the subscript before the next call. epoll_wait(2)
    public mutating func wait(timeout: Duration?) throws(Errno) -> Int {
        let milliseconds = timeout.map { Int32(clamping: max(0, ($0.nanoseconds + 999_999) / 1_000_000)) } ?? -1
        let poller = descriptor.raw
        let count = events.withUnsafeMutableBufferPointer { buffer in
            let result = epoll_wait(poller, buffer.baseAddress, Int32(clamping: buffer.count), milliseconds)
            return result == -1 ? -errno : result
        }
        if count >= 0 { return Int(count) }
        // A signal ends the wait early; the caller checks its clock and waits again.
        if count == -EINTR { return 0 }
        throw Errno(-count)
    }

    /// The event at `index`, which must be below the last result of `wait`.
    public subscript(index: Int) -> Event {
        Event(token: events[index].data.u64, bits: events[index].events)
    }

    private func control(_ operation: Int32, _ target: Int32, _ token: UInt64, _ interest: Interest) throws(Errno) {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: token))
        try systemCall { epoll_ctl(descriptor.raw, operation, target, &event) }
    }
}
