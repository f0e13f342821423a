// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

// Three kinds of transaction, each with all that the one before it can do. They live only inside the closure that gets them.

/// Reads from one moment of the database, whatever others commit meanwhile.
public class ReadTransaction {
    private var open: Connection?
    let secrets: SecretKeys
    /// Nil in a transaction that may write: it sees rows that are not committed.
    let deviceList: DeviceList?

    init(_ connection: Connection, secrets: SecretKeys, deviceList: DeviceList? = nil) {
        self.open = connection
        self.secrets = secrets
        self.deviceList = deviceList
    }

    /// The connection, for the files of this target that know SQL.
    var connection: Connection {
        guard let open else { preconditionFailure("A transaction was used after the closure that got it had returned.") }
        return open
    }

    func end() { open = nil }
}

/// Also writes what is not desired state: accounts, sessions, tokens, observations, the audit log.
public class WriteTransaction: ReadTransaction {}

/// Also writes desired state: devices, defaults, the hub. Made by `Database.change` alone, which turns everything written through it into
/// one generation; each write leaves its row in the audit log.
public final class ChangeTransaction: WriteTransaction {
    /// The generation that this transaction makes if it changes anything; the revision of every row it touches.
    public let generation: Int64
    let author: Author
    let now: UnixTime
    /// True once something was written: then there is a generation.
    public private(set) var hasChanges = false

    init(_ connection: Connection, secrets: SecretKeys, generation: Int64, author: Author, now: UnixTime) {
        self.generation = generation
        self.author = author
        self.now = now
        super.init(connection, secrets: secrets)
    }

    /// Says that desired state was written, and leaves the audit row. Every writer of desired state ends with it.
    func noteChange(_ action: String, target: String, before: AuditDetails = [:], after: AuditDetails = [:]) throws {
        hasChanges = true
        try append(action, target: target, before: before, after: after, generation: generation, by: author, at: now)
    }
}
