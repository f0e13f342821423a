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

/// A command ended with another status than zero.
public struct CommandFailed: Error {
    public let command: String
    public let status: Int32
}

/// Runs ip(8) in the namespace of the calling thread.
public func ip(_ arguments: String, input: String = "") throws {
    var ends: [Int32] = [0, 0]
    guard pipe2(&ends, O_CLOEXEC) == 0 else { throw Errno(errno) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)

    let words = (["ip"] + arguments.split(separator: " ")).map { strdup(String($0)) }
    defer { words.forEach { free($0) } }
    var process: pid_t = 0
    let spawned = posix_spawnp(&process, "ip", &actions, nil, words + [nil], environ)
    close(ends[0])
    let text = Array(input.utf8)
    let written = spawned == 0 ? write(ends[1], text, text.count) : 0
    close(ends[1])
    guard spawned == 0, written == text.count else { throw Errno(spawned == 0 ? errno : spawned) }

    var status: Int32 = 0
    guard waitpid(process, &status, 0) == process else { throw Errno(errno) }
    guard status == 0 else { throw CommandFailed(command: "ip \(arguments)", status: status) }
}
