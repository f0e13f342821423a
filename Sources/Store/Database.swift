// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Linux
import Net
import Synchronization

/// The database of one hub. Allows one writer at a time and any number of concurrent readers. Each reader sees one consistent state.
///
/// Thread rule: every method may be called from any thread and blocks it. Transactions do not nest: the closure of `write` or `change` must
/// not begin another one. The closure of `read` may, on another connection, but does not see what is written there. `read` runs its closure on the
/// caller's thread. The others use the deputy's if the caller's priority is lower than that of the thread that opened the database, so that the
/// only writer never waits for a core while the reconciler waits for it. Keep slow work such as password hashing out of closures. Other processes
/// may open the same folder at the same time.
public final class Database: Sendable {
    /// The name of the file in the data folder.
    public static let fileName = "hairpin.db"
    /// The maximum number of open connections kept for readers. Additional readers open their own connection.
    private static let idleReaderLimit = 4

    /// The folder of the database and its secret key file.
    public let folder: String
    let path: String
    let secrets: SecretKeys
    let migrations: Migrations
    let writer: Connection
    private let writing = Mutex<Void>(())
    private let deputy = Deputy(name: "writer", slice: .microseconds(100))
    private let idleReaders = Mutex<[Connection]>([])
    private let watcher: Mutex<Connection>
    let inventoryCache = InventoryCache()
    let health = DatabaseHealth()
    let confirmations = Mutex(DeadlineWatch())
    let timedLinkWatch = Mutex(DeadlineWatch())
    /// Milliseconds to wait for another process after it has already kept the lock for too long, so that threads do not queue up.
    private static let patienceWhileLocked: Int32 = 100
    private let commitHandler = Mutex<(@Sendable (Int64) -> Void)?>(nil)
    /// While this is set, `write` and `change` throw it instead of writing. For running code that must not write.
    @TaskLocal public static var refusal: (any Error)?

    /// Opens the database in `folder` and applies missing migrations. On first use, creates the folder, the file and the secret key.
    ///
    /// Throws `.file` if the folder or the file cannot be created or is accessible to other users, `.schema` if the database is newer than
    /// `migrations` or does not match them in any part, `.secretKey` if the key file is missing or wrong, and `.database` if SQLite reports an error.
    public init(folder: String, migrations: Migrations, now: UnixTime) throws {
        let path = "\(folder)/\(Self.fileName)"
        try StoreError.files { () throws(FileError) in try Files.makePrivateDirectory(folder) }
        try DatabaseFile.prepare(path)
        let writer = try Connection(path: path, mode: .writer)
        try migrations.makeTable(in: writer)
        try migrations.requireOwnSchema(writer, calling: "The database")
        try migrations.apply(to: writer, at: now)
        self.folder = folder
        self.path = path
        self.migrations = migrations
        self.writer = writer
        self.secrets = try SecretKeys(SecretKeyFile(folder: folder), for: writer)
        self.watcher = Mutex(try Connection(path: path, mode: .reader))
    }

    /// Runs `body` in a read transaction, which sees one consistent state.
    public func read<R>(_ body: (ReadTransaction) throws -> R) throws -> R {
        do {
            // Nobody waits here: a thread of low priority may have lost its core inside.
            let idle = idleReaders.withLockIfAvailable { $0.popLast() } ?? nil
            let connection = try idle ?? Connection(path: path, mode: .reader)
            defer { idleReaders.withLockIfAvailable { if $0.count < Self.idleReaderLimit { $0.append(connection) } } }
            let transaction = ReadTransaction(connection, secrets: secrets, inventoryCache: inventoryCache)
            defer { transaction.end() }
            return try connection.transaction("BEGIN") { try body(transaction) }
        } catch {
            health.note(error)
            throw error
        }
    }

    /// Runs `body` in a transaction that may write everything except desired state. If it throws, nothing is written.
    public func write<R>(_ body: (WriteTransaction) throws -> R) throws -> R {
        if let refusal = Self.refusal { throw refusal }
        return try exclusively { connection in
            let transaction = WriteTransaction(connection, secrets: secrets, inventoryCache: inventoryCache)
            defer { transaction.end() }
            return try connection.transaction("BEGIN IMMEDIATE") { try body(transaction) }
        }
    }

    /// Runs `body` in a transaction that may write desired state. There is no other way to write it. Rows, audit entries and the new
    /// generation are committed together; if `body` throws, nothing is written. If `body` changes nothing, there is no new generation.
    public func change<R>(by author: Author, at now: UnixTime, _ body: (ChangeTransaction) throws -> R) throws -> R {
        if let refusal = Self.refusal { throw refusal }
        // Between the commit and the announcement, no thread of low priority may lose its core either.
        return try deputy.run {
            var committed: Int64?
            let result = try exclusively { connection in
                try connection.transaction("BEGIN IMMEDIATE") {
                    let next = try Generation.read(connection).desired + 1
                    let transaction = ChangeTransaction(
                        connection, secrets: secrets, inventoryCache: inventoryCache, generation: next, author: author, now: now)
                    defer { transaction.end() }
                    let result = try body(transaction)
                    if transaction.hasChanges {
                        try Generation.setDesired(next, connection)
                        committed = next
                    }
                    return result
                }
            }
            if let committed { announce(committed) }
            return result
        }
    }

    /// Sets the handler that gets the new generation after each `change` of this process. It runs on the thread of the change's closure. The
    /// calls for two concurrent changes may come in either order. Replaces the earlier handler. For changes of other processes, poll
    /// `dataVersion()`.
    public func onChange(_ handler: @escaping @Sendable (Int64) -> Void) {
        commitHandler.withLock { $0 = handler }
    }

    /// A number that changes when this process or another one commits. The call is cheap. Poll it at a slow interval, and read the
    /// generation when it differs.
    public func dataVersion() throws -> Int64 {
        try watcher.withLock { connection in
            try connection.first("PRAGMA data_version") { try $0.integer() } ?? 0
        }
    }

    /// Moves the content of the write-ahead log to the database file, for example before a stop. A manual copy of the file is then
    /// complete.
    public func checkpoint() throws {
        try exclusively { connection in _ = try connection.first("PRAGMA wal_checkpoint(TRUNCATE)") { try $0.integer() } }
    }

    /// Calls the handler of `onChange`.
    func announce(_ generation: Int64) { commitHandler.withLock { $0 }?(generation) }

    /// Runs `body` as the only writer of this process.
    func exclusively<R>(_ body: (Connection) throws -> R) throws -> R {
        try deputy.run {
            var result: Result<R, any Error>?
            writing.withLock { _ in result = attempt(body) }
            switch result {
            case .some(let result): return try result.get()
            case .none: preconditionFailure("withLock runs its closure once")
            }
        }
    }

    /// Runs `body` as the only writer if there is no other writer now. Otherwise returns false.
    func exclusivelyIfFree(_ body: (Connection) throws -> Void) throws -> Bool {
        try deputy.run {
            var result: Result<Void, any Error>?
            writing.withLockIfAvailable { _ in result = attempt(body) }
            try result?.get()
            return result != nil
        }
    }

    /// Runs `body` and records the result for the database health. Only the current writer may call it.
    private func attempt<R>(_ body: (Connection) throws -> R) -> Result<R, any Error> {
        writer.setPatience(trouble == .locked ? Self.patienceWhileLocked : Connection.patience)
        let before = writer.changeCount
        let result = Result { try body(writer) }
        switch result {
        case .failure(let error): health.note(error)
        case .success: if writer.changeCount != before { health.noteCommit() }
        }
        return result
    }
}
