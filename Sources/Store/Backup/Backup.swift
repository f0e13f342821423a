// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Linux
import Net
import Words

extension Database {
    /// Writes a consistent copy of the database to `path` with mode 0600. Others can read and write during the copy. The copy includes the
    /// key that encrypts its secrets, so this one file is enough for a new host. Anybody with the file can therefore read the secrets,
    /// unless it is encrypted with a passphrase. Throws `.backup` if the file exists or the copy is damaged.
    public func backUp(to path: String, passphrase: String? = nil) throws {
        guard !Files.exists(path) else { throw StoreError.backup("\(path) exists already. Choose another name, or remove it first.") }
        guard let passphrase else { return try withCopy(beside: path) { try DatabaseFile.publish($0, as: path) } }
        try withSealedCopy(beside: path, passphrase) { try DatabaseFile.publish($0, as: path) }
    }

    /// The same, encrypted with a passphrase, as a file without a name: for a download.
    public func sealedBackup(passphrase: String) throws -> UnnamedFile {
        try withSealedCopy(beside: path, passphrase) { sealed in
            try StoreError.files { () throws(FileError) in try UnnamedFile(taking: sealed) }
        }
    }

    /// How long a sealed backup waits for another one or for a restore.
    private static let sealingPatience = Duration.seconds(10)

    /// Passes a sealed copy of the database and its key to `body`, and removes its name afterwards. The copy to seal has everything in the clear,
    /// so it stays in the data folder, also if this process is killed. Only sealed bytes are beside `neighbour`.
    private func withSealedCopy<R>(beside neighbour: String, _ passphrase: String, _ body: (String) throws -> R) throws -> R {
        let turn = try takeTurn(patience: Self.sealingPatience)
        DatabaseFile.removeLeftovers(in: folder)
        let result = try withCopy(beside: path) { copy in
            let sealed = "\(neighbour).\(Identifier.random())"
            defer { try? Files.remove(sealed) }
            try SealedBackup.seal(copy, to: sealed, passphrase: passphrase)
            return try body(sealed)
        }
        _ = consume turn
        return result
    }

    /// Removes the files that a killed restore, sealed backup or upload left in the data folder, unless one is running. They contain keys.
    public func removeLeftovers() {
        do {
            let turn = try takeTurn()
            DatabaseFile.removeLeftovers(in: folder)
            UploadedBackup.removeAll(in: folder)
            _ = consume turn
        } catch {}
    }

    /// Only one process at a time has temporary files in the data folder.
    private func takeTurn(patience: Duration = .zero) throws -> FileLock {
        do { return try FileLock(path: "\(folder)/restore.lock", patience: patience) } catch {
            guard error.problem == .locked else { throw StoreError.file(error.description) }
            throw StoreError.backup("Another backup or restore is running. Wait until it has finished, and try again.")
        }
    }

    /// Passes a checked copy of the database and its key to `body`, and deletes it afterwards.
    private func withCopy<R>(beside neighbour: String, _ body: (String) throws -> R) throws -> R {
        try DatabaseFile.withTemporary(beside: neighbour) { copy in
            try Connection(path: self.path, mode: .writer).execute("VACUUM INTO ?", [.text(copy)])
            try Backup.addKey(of: secrets, to: copy)
            try Backup.check(copy, against: self)
            return try body(copy)
        }
    }

    /// Replaces the database with a backup. Others can read during the restore and see it as one commit. Returns the path of a copy of the
    /// old database, and keeps those of the two restores before. Encrypts the secrets with the key of this data folder. Ends all sessions, links and setup tokens. The generation
    /// continues from the greater of the two, so that the engine applies everything.
    ///
    /// Throws `.otherHub` if the backup is of a hub with another key and somebody uses this one, unless `replacingOtherHub`. Throws
    /// `.backup` if the file is damaged, is not a backup of a hub, has another passphrase, contains an altered audit log or has values that
    /// the program cannot read or count with. Throws `.schema` if a newer version made it, or if its structure is not that of a hub. Throws
    /// `.secretKey` if its key is neither included nor the key of this folder, and what `permit` throws, which sees the old database as the only
    /// writer. After an error, nothing has changed.
    public func restore(
        from path: String, passphrase: String? = nil, replacingOtherHub: Bool = false, by author: Author, at now: UnixTime,
        permit: (ReadTransaction) throws -> Void = { _ in }
    ) throws -> String {
        let kept = "\(folder)/\(DatabaseFile.copyPrefix)\(now.seconds)-\(Identifier.random()).db"
        try restore(
            from: path, passphrase: passphrase, replacingOtherHub: replacingOtherHub, keepingOldAs: kept, by: author, at: now, permit: permit)
        DatabaseFile.removeOldCopies(in: folder, keeping: [kept, path])
        return kept
    }

    /// Restores a backup. If `kept` is nil, no copy of the old database is kept.
    func restore(
        from path: String, passphrase: String?, replacingOtherHub: Bool = false, keepingOldAs kept: String?, by author: Author, at now: UnixTime,
        permit: (ReadTransaction) throws -> Void = { _ in }
    ) throws {
        guard Files.exists(path) else { throw StoreError.backup("\(path) does not exist.") }
        let turn = try takeTurn()
        DatabaseFile.removeLeftovers(in: folder)
        try open(path, passphrase: passphrase) {
            try restore(plain: $0, replacingOtherHub: replacingOtherHub, keepingOldAs: kept, by: author, at: now, permit: permit)
        }
        _ = consume turn
    }

    /// Passes the path of the decrypted backup to `body`.
    private func open(_ path: String, passphrase: String?, _ body: (String) throws -> Void) throws {
        guard try SealedBackup.isOne(path) else { return try body(path) }
        guard let passphrase else { throw StoreError.backup("\(path) is sealed. Give its passphrase with --passphrase or --passphrase-stdin.") }
        return try DatabaseFile.withTemporary(beside: self.path) { opened in
            try Files.remove(opened)
            try SealedBackup.open(path, to: opened, passphrase: passphrase)
            try body(opened)
        }
    }

    private func restore(
        plain path: String, replacingOtherHub: Bool, keepingOldAs kept: String?, by author: Author, at now: UnixTime,
        permit: (ReadTransaction) throws -> Void
    ) throws {
        let generation = try withChecked(path, at: now) { copy, backup in
            if !replacingOtherHub { try requireSameHub(backup) }
            if let kept { try backUp(to: kept) }
            return try exclusively { live in
                let generation = try live.transaction("BEGIN") {
                    let current = ReadTransaction(live, secrets: secrets)
                    try permit(current)
                    return try prepare(copy, toFollow: current, by: author, at: now)
                }
                try live.replaceContent(by: copy)
                return generation
            }
        }
        announce(generation)
    }

    /// Passes a migrated copy of the plain backup at `path` to `body`, after everything in it was checked.
    func withChecked<R>(_ path: String, at now: UnixTime, _ body: (Connection, ReadTransaction) throws -> R) throws -> R {
        try Backup.check(path, against: self)
        try Backup.requireBounds(path)
        try Backup.requirePlainText(path)
        return try DatabaseFile.withTemporary(beside: self.path) { staged in
            try Connection(path: path, mode: .inspector).execute("VACUUM INTO ?", [.text(staged)])
            let copy = try Connection(path: staged, mode: .writer)
            try migrations.apply(to: copy, at: now)
            let backup = ReadTransaction(copy, secrets: secrets)
            if let broken = try backup.firstBrokenAuditEntry() {
                throw StoreError.backup("Entry \(broken) of the audit log in \(path) was changed, or one before it is missing. Use another backup.")
            }
            try Backup.requireReadable(copy, of: path, with: secrets)
            return try body(copy, backup)
        }
    }

    /// Throws `.otherHub` if the backup is of another hub than the one that is used here.
    private func requireSameHub(_ backup: ReadTransaction) throws {
        try read { here in
            guard try !here.isUnused(), let ours = try here.hubOutline(), let theirs = try backup.hubOutline() else { return }
            guard ours.publicKey == theirs.publicKey else { throw StoreError.otherHub(here: ours, backup: theirs) }
        }
    }

    /// Prepares the restored content to replace the current database. Returns the new generation.
    private func prepare(_ copy: Connection, toFollow current: ReadTransaction, by author: Author, at now: UnixTime) throws -> Int64 {
        let (reached, observations) = (try current.generation(), try current.observations())
        let head = try current.auditHead()
        return try copy.transaction("BEGIN IMMEDIATE") {
            try Backup.reseal(copy, with: secrets, current: try secrets.current(current.connection))
            for table in ["sessions", "pending_logins", "one_time_links", "setup_tokens", "login_attempts"] {
                try copy.execute("DELETE FROM \(table)")
            }
            // What spoke between the backup and now is unknown.
            try WriteTransaction(copy, secrets: secrets).forgetWatching()
            let restored = try Generation.read(copy).desired
            let generation = max(restored, reached.desired) + 1
            try Generation.setDesired(generation, copy)
            // The revisions in the restored rows belong to another history. A new revision of the defaults makes readers of changes load
            // everything.
            try copy.execute("UPDATE defaults SET revision = ?", [.integer(generation)])
            let transaction = WriteTransaction(copy, secrets: secrets)
            if try transaction.hubIfMade() != nil { _ = try transaction.hubPrivateKey() }
            try transaction.acknowledge(generation: reached.applied, at: reached.appliedAt ?? now)
            // Timestamps must not decrease. Otherwise, initiations recorded since the backup could be replayed.
            try transaction.recordObservations(observations.values)
            try transaction.record(
                "database.restore", target: "database",
                before: ["generation": "\(reached.desired)", "audit_entries": "\(head?.number ?? 0)"],
                after: ["generation": "\(generation)", "backup_generation": "\(restored)"], by: author, at: now)
            return generation
        }
    }
}
