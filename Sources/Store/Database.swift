// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Linux
import Net
import Synchronization

/// The database of one hub: one writer at a time, any number of readers beside it, each seeing one moment.
///
/// Thread rule: every method may be called from any thread and blocks it. Transactions do not nest: a closure must not call `read`,
/// `write` or `change`. Closures run on the caller's thread; keep slow work such as password hashing out of them. Other processes
/// may open the same folder at the same time.
public final class Database: Sendable {
    /// The name of the file inside the data folder.
    public static let fileName = "hairpin.db"
    /// Connections that wait for the next reader. More readers than this at once open one of their own.
    private static let idleReaderLimit = 4

    /// The folder of the database and its secret key file.
    public let folder: String
    let path: String
    let secrets: SecretKeys
    let migrations: Migrations
    let writer: Connection
    private let writing = Mutex<Void>(())
    private let idleReaders = Mutex<[Connection]>([])
    private let watcher: Mutex<Connection>
    private let deviceList = DeviceList()
    let health = DatabaseHealth()
    let confirmations = Mutex(ConfirmationWatch())
    /// Milliseconds to wait for another process that has shown that it does not let go, so that threads do not queue up behind it.
    private static let patienceWhileLocked: Int32 = 100
    private let commitHandler = Mutex<(@Sendable (Int64) -> Void)?>(nil)

    /// Opens the database in `folder`, making folder, file and secret key at the first start, and brings its structure up to date.
    ///
    /// Throws `.file` when folder or file can be read by others or cannot be made, `.schema` when the database is newer than
    /// `migrations` or does not fit them, `.secretKey` when the key file is missing or wrong, `.database` when SQLite refuses.
    public init(folder: String, migrations: Migrations, now: UnixTime) throws {
        let path = "\(folder)/\(Self.fileName)"
        try StoreError.files { () throws(FileError) in try Files.makePrivateDirectory(folder) }
        try DatabaseFile.prepare(path)
        let writer = try Connection(path: path, mode: .writer)
        try migrations.apply(to: writer, at: now)
        self.folder = folder
        self.path = path
        self.migrations = migrations
        self.writer = writer
        self.secrets = try SecretKeys(SecretKeyFile(folder: folder), for: writer)
        self.watcher = Mutex(try Connection(path: path, mode: .reader))
    }

    /// Runs `body` on one moment of the database.
    public func read<R>(_ body: (ReadTransaction) throws -> R) throws -> R {
        do {
            let connection = try idleReaders.withLock { $0.popLast() } ?? Connection(path: path, mode: .reader)
            defer { idleReaders.withLock { if $0.count < Self.idleReaderLimit { $0.append(connection) } } }
            let transaction = ReadTransaction(connection, secrets: secrets, deviceList: deviceList)
            defer { transaction.end() }
            return try connection.transaction("BEGIN") { try body(transaction) }
        } catch {
            health.note(error)
            throw error
        }
    }

    /// Runs `body` in one transaction that may write everything but desired state. When it throws, nothing has happened.
    public func write<R>(_ body: (WriteTransaction) throws -> R) throws -> R {
        try exclusively { connection in
            let transaction = WriteTransaction(connection, secrets: secrets)
            defer { transaction.end() }
            return try connection.transaction("BEGIN IMMEDIATE") { try body(transaction) }
        }
    }

    /// Runs `body` in one transaction that may write desired state; the only way to do so. Rows, audit rows and the new generation are
    /// committed together, or nothing when it throws. A body that changes nothing makes no generation.
    public func change<R>(by author: Author, at now: UnixTime, _ body: (ChangeTransaction) throws -> R) throws -> R {
        var committed: Int64?
        let result = try exclusively { connection in
            try connection.transaction("BEGIN IMMEDIATE") {
                let next = try Generation.read(connection).desired + 1
                let transaction = ChangeTransaction(connection, secrets: secrets, generation: next, author: author, now: now)
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

    /// Calls `handler` with the new generation after each `change` of this process, on the thread that made it; two changes at once
    /// may arrive in either order. Replaces the earlier handler. Changes of other processes are seen through `dataVersion()`.
    public func onChange(_ handler: @escaping @Sendable (Int64) -> Void) {
        commitHandler.withLock { $0 = handler }
    }

    /// A number that differs from the one before when anything was committed in between, by this process or another. Cheap: call it
    /// on a slow beat and read the generation when it differs.
    public func dataVersion() throws -> Int64 {
        try watcher.withLock { connection in
            try connection.first("PRAGMA data_version") { try $0.integer() } ?? 0
        }
    }

    /// Moves what the write-ahead log holds into the database file, as before a stop: what is copied by hand afterwards is complete.
    public func checkpoint() throws {
        try exclusively { connection in _ = try connection.first("PRAGMA wal_checkpoint(TRUNCATE)") { try $0.integer() } }
    }

    /// Tells the handler of `onChange`.
    func announce(_ generation: Int64) { commitHandler.withLock { $0 }?(generation) }

    /// Runs `body` as the only writer of this process.
    func exclusively<R>(_ body: (Connection) throws -> R) throws -> R {
        var result: Result<R, any Error>?
        writing.withLock { _ in result = attempt(body) }
        switch result {
        case .some(let result): return try result.get()
        case .none: preconditionFailure("withLock runs its closure once")
        }
    }

    /// The same where nobody writes now; false when somebody does.
    func exclusivelyIfFree(_ body: (Connection) throws -> Void) throws -> Bool {
        var result: Result<Void, any Error>?
        writing.withLockIfAvailable { _ in result = attempt(body) }
        try result?.get()
        return result != nil
    }

    /// Notes what comes of it. To be called by the only writer.
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
