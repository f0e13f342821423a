// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSQLite

/// One connection to the database file, with its prepared statements.
///
/// Thread rule: used by one thread at a time. `Database` hands each connection to one caller and takes it back.
// SAFETY: unchecked because SQLite's handle is a bare pointer; the thread rule above is kept by `Database`.
final class Connection: @unchecked Sendable {
    enum Mode {
        case reader
        case writer
        /// A finished file, such as a backup, that is looked at and not touched.
        case inspector
    }

    /// Milliseconds that a statement waits for another process's write before it fails with SQLITE_BUSY.
    static let patience: Int32 = 5_000

    let handle: OpaquePointer
    private var idle: [String: Statement] = [:]

    /// Opens an existing file and sets what every connection of the house has: write-ahead log, a sync for every commit, foreign keys,
    /// overwritten deletions, and no trust in functions that the schema names.
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
        idle.removeAll()
        sqlite3_close_v2(handle)
    }

    /// See `patience`.
    func setPatience(_ milliseconds: Int32) { sqlite3_busy_timeout(handle, milliseconds) }

    /// Rows that were changed since it was opened.
    var changeCount: Int64 { sqlite3_total_changes64(handle) }

    /// Runs several statements that take no values.
    func script(_ sql: String) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw StoreError.database(DatabaseError(handle, code: code, operation: "run", sql: sql)) }
    }

    /// Runs one statement and returns the number of rows it changed.
    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue] = []) throws -> Int {
        try forEach(sql, values) { _ in false }
        return Int(sqlite3_changes(handle))
    }

    /// Every row, made into a value by `make`.
    func all<T>(_ sql: String, _ values: [SQLValue] = [], _ make: (inout Row) throws -> T) throws -> [T] {
        var result: [T] = []
        try forEach(sql, values) {
            result.append(try make(&$0))
            return true
        }
        return result
    }

    /// The first row, made into a value by `make`; nil when there is none.
    func first<T>(_ sql: String, _ values: [SQLValue] = [], _ make: (inout Row) throws -> T) throws -> T? {
        var result: T?
        try forEach(sql, values) {
            result = try make(&$0)
            return false
        }
        return result
    }

    /// True when there is a row.
    func exists(_ sql: String, _ values: [SQLValue] = []) throws -> Bool { try first(sql, values) { _ in true } ?? false }

    /// Hands out rows until `body` returns false.
    func forEach(_ sql: String, _ values: [SQLValue] = [], _ body: (inout Row) throws -> Bool) throws {
        // A statement in use is not in the cache, so that the same text may run inside its own loop.
        let statement = try idle.removeValue(forKey: sql) ?? Statement(sql, on: handle)
        defer {
            statement.reset()
            idle[sql] = statement
        }
        try statement.bind(values)
        while try statement.step() {
            var row = Row(statement)
            guard try body(&row) else { break }
        }
    }

    /// Replaces everything in this database by what `source` holds, in one step that other connections see as one commit.
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

    /// Runs `body` in one transaction: all of it happens, or nothing when it throws.
    func transaction<R>(_ begin: String, _ body: () throws -> R) throws -> R {
        try execute(begin)
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // SQLite ends the transaction itself on some errors (a full disk); then there is nothing left to roll back. What counts is why it
            // came to this, not what the roll-back says.
            if sqlite3_get_autocommit(handle) == 0 { _ = try? execute("ROLLBACK") }
            throw error
        }
    }
}
