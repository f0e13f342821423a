// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux

/// At most one hub for each data folder: two hubs would share the key and the devices, and each would take the other's sessions away.
/// Held for the whole life of `serve`; other commands work beside it and do not take it.
struct HubLock: ~Copyable {
    private let lock: FileLock

    /// How long a new hub waits for the old one to finish, so that a restart is a hand-over.
    static let patience: Duration = .seconds(5)

    /// Takes the lock of the folder, which is made when it is missing. Throws a failure with one line that names the running hub.
    init(
        data: String, patience: Duration = HubLock.patience, advice: String = "Stop that hub first, or choose another folder with --data."
    ) throws {
        let path = "\(data)/serve.lock"
        do {
            try Files.makePrivateDirectory(data)
            lock = try FileLock(path: path, patience: patience)
        } catch {
            guard error.problem == .locked else { throw Failure.failed(error.description) }
            throw Failure.failed("A hub is already running with \(data)\(Self.holder(path)). \(advice)")
        }
        note("")
    }

    /// Says in the file which hub this is: its process, and where it listens once that is known.
    borrowing func note(_ addresses: String) {
        // Nobody but the message above needs it.
        try? lock.write("process \(ProcessEnvironment.processID)\(addresses.isEmpty ? "" : ", \(addresses)")")
    }

    /// What the running hub noted, in brackets.
    private static func holder(_ path: String) -> String {
        guard let note = try? Files.read(path, limit: 1024), !note.isEmpty else { return "" }
        return " (\(String(decoding: note, as: UTF8.self)))"
    }
}
