// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Glibc

/// A process that a test started, with its outputs in files.
///
/// Foundation's Process cannot be used: it treats a command as running while a daemon lives that the command started.
final class ChildProcess {
    let id: pid_t
    private let words: [String]
    private var waitStatus: Int32?

    /// Starts the command, found through PATH. Both outputs are appended to their files.
    init(_ words: [String], input: String = "/dev/null", output: String, errors: String) throws {
        self.words = words
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&files, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_addopen(&files, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o644)

        // The test's thread may have blocked signals; the process must receive them.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        var id: pid_t = 0
        let problem = posix_spawnp(&id, words[0], &files, &attributes, arguments, environ)
        guard problem == 0 else { throw LabError("`\(words.joined(separator: " "))` cannot start: \(String(cString: strerror(problem)))") }
        self.id = id
    }

    deinit {
        kill()
    }

    var isRunning: Bool {
        if waitStatus == nil {
            var status: Int32 = 0
            if waitpid(id, &status, WNOHANG) != 0 { waitStatus = status }
        }
        return waitStatus == nil
    }

    /// Waits for the end. Returns the exit status, or the negative number of the signal that ended the process.
    func wait(upTo limit: Duration) throws -> Int32 {
        let status = try EndToEndTests.wait("`\(words.joined(separator: " "))` to end", upTo: limit, every: .milliseconds(2)) {
            isRunning ? nil : waitStatus
        }
        return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
    }

    func send(signal: Int32) {
        if isRunning { Glibc.kill(id, signal) }
    }

    /// `kill -9`: no clean-up.
    func kill() {
        guard isRunning else { return }
        send(signal: SIGKILL)
        _ = try? wait(upTo: .seconds(5))
    }
}
