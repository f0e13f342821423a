// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net
import Synchronization

/// A named kernel thread. Join it after telling it to end; a thread that is never joined is detached when this value is destroyed.
public final class Thread: Sendable {
    private let handle: pthread_t
    private let isTaken = Atomic(false)

    /// Starts `body` at once. `name` is cut to 15 bytes, the kernel's limit; `nice` and `slice` are as in `setNice`
    /// and `setSlice`. pthread_create(3)
    public init(name: String, nice: Int32 = 0, slice: Duration? = nil, _ body: @escaping @Sendable () -> Void) throws(Errno) {
        let start = Unmanaged.passRetained(Start(name: name, nice: nice, slice: slice, body: body))
        var handle = pthread_t()
        do {
            try threadCall {
                pthread_create(
                    &handle, nil,
                    { argument in
                        // SAFETY: `argument` is the retained Start passed below, handed over exactly once.
                        let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                        Thread.nameCurrent(start.name)
                        // Both calls are always allowed unless a system call filter forbids them; then the thread runs without them.
                        if start.nice != 0 { try? Thread.setNice(start.nice) }
                        if let slice = start.slice { try? Thread.setSlice(slice) }
                        start.body()
                        return nil
                    }, start.toOpaque())
            }
        } catch {
            start.release()
            throw error
        }
        self.handle = handle
    }

    deinit {
        if claim() { pthread_detach(handle) }
    }

    /// Waits for the end of the body. Later calls return at once. pthread_join(3)
    public func join() {
        if claim() { pthread_join(handle, nil) }
    }

    /// Sets the calling thread's nice value: 0 is normal priority, 19 the lowest. setpriority(2)
    public static func setNice(_ value: Int32) throws(Errno) {
        // Linux keeps the value per thread and takes a thread id here, against POSIX.
        let thread = id_t(bitPattern: gettid())
        try systemCall { setpriority(PRIO_PROCESS, thread, value) }
    }

    /// The calling thread's nice value. getpriority(2)
    public static var nice: Int32 { getpriority(PRIO_PROCESS, 0) }

    /// Sets the calling thread's time slice, 0.1 to 100 ms. A thread with a short slice runs soon after it wakes, instead of after another
    /// thread's slice; its share of the core stays the same. Kernels before 6.12 ignore this. sched_setattr(2)
    public static func setSlice(_ value: Duration) throws(Errno) {
        var attributes = scheduling()
        try systemCall { get_scheduling(&attributes) }
        attributes.runtime = UInt64(max(0, value.nanoseconds))
        try systemCall { set_scheduling(&attributes) }
    }

    /// Lets another thread run on the core. sched_yield(2)
    public static func yield() { sched_yield() }

    /// Sleeps for `duration`; a signal does not end it early. clock_nanosleep(2)
    public static func sleep(_ duration: Duration) {
        let nanoseconds = max(0, duration.nanoseconds)
        var rest = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        var left = rest
        while clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, &left) == EINTR { rest = left }
    }

    private func claim() -> Bool { !isTaken.exchange(true, ordering: .relaxed) }

    private static func nameCurrent(_ name: String) {
        _ = pthread_setname_np(pthread_self(), String(decoding: name.utf8.prefix(15), as: UTF8.self))
    }
}

/// The arguments of a new thread, passed to it as one retained pointer.
private final class Start: Sendable {
    let name: String
    let nice: Int32
    let slice: Duration?
    let body: @Sendable () -> Void

    init(name: String, nice: Int32, slice: Duration?, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.nice = nice
        self.slice = slice
        self.body = body
    }
}
