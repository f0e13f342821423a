// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Linux

/// A command ended with another status than zero.
public struct CommandFailed: Error {
    public let command: String
    public let status: Int32
}

/// Runs ip(8) in the namespace of the calling thread.
public func ip(_ arguments: String, input: String = "") throws {
    try run(["ip"] + arguments.split(separator: " ").map(String.init), input: input)
}

/// Runs nft(8) in the namespace of the calling thread, and gives what it printed. As in a file for nft, no shell reads the semicolons of a chain.
@discardableResult public func nft(_ arguments: String) throws -> String {
    let path = "/tmp/hairpin-nft-\(getpid())-\(gettid())"
    defer { unlink(path) }
    try run(["nft", "-f", "-"], input: arguments + "\n", output: path)
    return String(decoding: try Files.read(path), as: UTF8.self)
}

private func run(_ words: [String], input: String, output: String? = nil) throws {
    var ends: [Int32] = [0, 0]
    guard pipe2(&ends, O_CLOEXEC) == 0 else { throw Errno(errno) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    if let output { posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600) }

    let arguments = words.map { strdup($0) }
    defer { arguments.forEach { free($0) } }
    var process: pid_t = 0
    let spawned = posix_spawnp(&process, words[0], &actions, nil, arguments + [nil], environ)
    close(ends[0])
    let text = Array(input.utf8)
    let written = spawned == 0 ? write(ends[1], text, text.count) : 0
    close(ends[1])
    guard spawned == 0, written == text.count else { throw Errno(spawned == 0 ? errno : spawned) }

    var status: Int32 = 0
    guard waitpid(process, &status, 0) == process else { throw Errno(errno) }
    guard status == 0 else { throw CommandFailed(command: words.joined(separator: " "), status: status) }
}
