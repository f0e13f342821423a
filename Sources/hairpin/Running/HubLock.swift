// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux

/// Allows only one hub per data folder. Two hubs would share the key and the devices, and each would end the other's sessions. `serve`
/// holds the lock as long as it runs. Other commands do not need the lock.
struct HubLock: ~Copyable {
    private let lock: FileLock

    /// How long a new hub waits for the old one to stop, so that a restart works without a gap.
    static let patience: Duration = .seconds(5)

    /// Creates the folder if it is missing and acquires its lock. Throws a `Failure` with one line that names the running hub.
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

    /// Writes to the file which hub this is: its process id and, once known, its addresses.
    borrowing func note(_ addresses: String) {
        // Only the error message for another hub needs this text.
        try? lock.write("process \(ProcessEnvironment.processID)\(addresses.isEmpty ? "" : ", \(addresses)")")
    }

    /// The note of the running hub, in brackets.
    private static func holder(_ path: String) -> String {
        guard let note = try? Files.read(path, limit: 1024), !note.isEmpty else { return "" }
        return " (\(String(decoding: note, as: UTF8.self)))"
    }
}
