// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// The signals that a server handles. signal(7)
public enum Signal: Int32, Sendable, CaseIterable {
    case hangup = 1
    case interrupt = 2
    case user1 = 10
    case user2 = 12
    case terminate = 15

    /// Sends the signal to the whole process. kill(2)
    public func raise() { kill(getpid(), rawValue) }

    /// From now on, writing to a closed socket returns EPIPE and exceeding a file size limit returns EFBIG, instead of ending the process.
    /// signal(2)
    public static func ignoreRefusedWrites() {
        Glibc.signal(SIGPIPE, SIG_IGN)
        Glibc.signal(SIGXFSZ, SIG_IGN)
    }
}

/// Receives signals by reading a descriptor. Make it before any thread starts: the signals are blocked in the calling thread and in all
/// threads that it starts later, so nothing else receives them. signalfd(2)
public struct SignalDescriptor: ~Copyable, Sendable {
    /// For a poller; readable while a signal is pending.
    public let descriptor: Descriptor

    /// Blocks `signals` for the calling thread and opens the descriptor for them.
    public init(_ signals: [Signal]) throws(Errno) {
        var mask = sigset_t()
        sigemptyset(&mask)
        for signal in signals { sigaddset(&mask, signal.rawValue) }
        try threadCall { pthread_sigmask(SIG_BLOCK, &mask, nil) }
        let flags = Int32(SFD_CLOEXEC | SFD_NONBLOCK)
        descriptor = Descriptor(owning: try systemCall { signalfd(-1, &mask, flags) })
    }

    /// The next pending signal, nil when there is none.
    public func next() throws(Errno) -> Signal? {
        var info = signalfd_siginfo()
        do {
            try systemCall { read(descriptor.raw, &info, MemoryLayout<signalfd_siginfo>.size) }
        } catch {
            if error == .wouldBlock { return nil }
            throw error
        }
        return Signal(rawValue: Int32(bitPattern: info.ssi_signo))
    }

    /// Waits for a signal; nil when `timeout` passed without one. Without a timeout, waits forever. poll(2)
    public func wait(timeout: Duration? = nil) throws(Errno) -> Signal? {
        var entry = pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0)
        let milliseconds = timeout.map { Int32(clamping: max(0, $0.nanoseconds / 1_000_000)) } ?? -1
        try systemCall { poll(&entry, 1, milliseconds) }
        return try next()
    }
}
