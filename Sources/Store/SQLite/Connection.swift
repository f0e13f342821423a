// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSQLite

/// One connection to the database file, with its prepared statements.
///
/// Thread rule: used by one thread at a time. `Database` lends each connection to one caller at a time.
// SAFETY: unchecked because SQLite's handle is a raw pointer. `Database` enforces the thread rule above.
final class Connection: @unchecked Sendable {
    enum Mode {
        case reader
        case writer
        /// A finished file, such as a backup, that is only read.
        case inspector
    }

    /// Milliseconds that a statement waits for another process's write before it fails with SQLITE_BUSY.
    static let patience: Int32 = 5_000

    let handle: OpaquePointer
    private var statements: [String: Statement] = [:]

    /// Opens an existing file with the settings of all our connections: write-ahead log, a sync for each commit, foreign keys, overwriting
    /// of deleted data, and no trust in functions that the schema names.
    init(path: String, mode: Mode) throws {
        var handle: OpaquePointer?
        let access = mode == .inspector ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
        let code = sqlite3_open_v2(path, &handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let handle else {
            let error = DatabaseError(handle, code: code, operation: "open \(path)")
            sqlite3_close_v2(handle)
            throw StoreError.database(error)
        }
        self.handle = handle
        setPatience(Self.patience)
        try script("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY")
        if mode != .inspector {
            try script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON")
        }
        if mode == .reader { try script("PRAGMA query_only = ON") }
    }

    deinit {
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Sets the wait time; see `patience`.
    func setPatience(_ milliseconds: Int32) { sqlite3_busy_timeout(handle, milliseconds) }

    /// The number of rows changed since the connection was opened.
    var changeCount: Int64 { sqlite3_total_changes64(handle) }

    /// Frees as much memory as possible.
    func releaseMemory() { sqlite3_db_release_memory(handle) }

    /// Runs several statements without values.
    func script(_ sql: String) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw StoreError.database(DatabaseError(handle, code: code, operation: "run", sql: sql)) }
    }

    /// Runs one statement. Returns the number of changed rows.
    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue] = []) throws -> Int {
        try forEach(sql, values) { _ in false }
        return Int(sqlite3_changes(handle))
    }

    /// All rows, converted by `make`.
    func all<T>(_ sql: String, _ values: [SQLValue] = [], _ make: (inout Row) throws -> T) throws -> [T] {
        var result: [T] = []
        try forEach(sql, values) {
            result.append(try make(&$0))
            return true
        }
        return result
    }

    /// The first row, converted by `make`; nil if there is none.
    func first<T>(_ sql: String, _ values: [SQLValue] = [], _ make: (inout Row) throws -> T) throws -> T? {
        var result: T?
        try forEach(sql, values) {
            result = try make(&$0)
            return false
        }
        return result
    }

    /// True if the query returns at least one row.
    func exists(_ sql: String, _ values: [SQLValue] = []) throws -> Bool { try first(sql, values) { _ in true } ?? false }

    /// Passes rows to `body` until it returns false.
    func forEach(_ sql: String, _ values: [SQLValue] = [], _ body: (inout Row) throws -> Bool) throws {
        let statement = try idleStatement(sql)
        statement.isInUse = true
        defer {
            statement.reset()
            statement.isInUse = false
        }
        try statement.bind(values)
        while try statement.step() {
            var row = Row(statement)
            guard try body(&row) else { break }
        }
    }

    /// Prepares each SQL once, and once more to run it inside its own loop.
    private func idleStatement(_ sql: String) throws -> Statement {
        if let known = statements[sql], !known.isInUse { return known }
        let statement = try Statement(sql, on: handle)
        statements[sql] = statement
        return statement
    }

    /// Replaces the content of this database with that of `source`. Other connections see it as one commit.
    func replaceContent(by source: Connection) throws {
        guard let backup = sqlite3_backup_init(handle, "main", source.handle, "main") else {
            throw StoreError.database(DatabaseError(handle, code: sqlite3_errcode(handle), operation: "restore"))
        }
        let step = sqlite3_backup_step(backup, -1)
        let finish = sqlite3_backup_finish(backup)
        guard step == SQLITE_DONE, finish == SQLITE_OK else {
            throw StoreError.database(DatabaseError(handle, code: step, operation: "restore"))
        }
    }

    /// Runs `body` in a transaction. If it throws, nothing is written.
    func transaction<R>(_ begin: String, _ body: () throws -> R) throws -> R {
        try execute(begin)
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // On some errors, such as a full disk, SQLite ends the transaction itself and there is nothing to roll back. The original error
            // matters, not an error of the rollback.
            if sqlite3_get_autocommit(handle) == 0 { _ = try? execute("ROLLBACK") }
            throw error
        }
    }
}
