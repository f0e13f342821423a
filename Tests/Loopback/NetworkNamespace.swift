// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Linux
import Synchronization

/// A network namespace, which lives as long as a thread, a socket or a value like this one is in it.
public final class NetworkNamespace: Sendable {
    private let descriptor: Int32

    /// Whether this process may make namespaces.
    public static var canBeMade: Bool { geteuid() == 0 }

    private init() throws(Errno) {
        descriptor = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Errno(errno) }
    }

    deinit { close(descriptor) }

    /// Where `ip link … netns` finds it.
    public var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    /// Moves the calling thread into this namespace. Sockets and threads that it makes belong there from then on.
    public func enter() throws(Errno) { guard setns(descriptor, CLONE_NEWNET) == 0 else { throw Errno(errno) } }

    /// Makes a new namespace and moves the calling thread there.
    public static func enterNew() throws(Errno) -> NetworkNamespace {
        guard unshare(CLONE_NEWNET) == 0 else { throw Errno(errno) }
        return try NetworkNamespace()
    }

    /// Runs `body` on a thread that has left the namespace of the process, and throws what it threw.
    public static func inNew(_ body: @escaping @Sendable (NetworkNamespace) throws -> Void) throws {
        let failure = Mutex<(any Error)?>(nil)
        let thread = try Linux::Thread(name: "namespace") {
            do { try body(enterNew()) } catch { failure.withLock { $0 = error } }
        }
        thread.join()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
