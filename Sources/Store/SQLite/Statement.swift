// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSQLite

/// A prepared statement. Used only on the thread of its connection, and finalized with it.
final class Statement {
    let handle: OpaquePointer
    let sql: String
    /// True while somebody reads its rows.
    var isInUse = false

    init(_ sql: String, on connection: OpaquePointer) throws {
        self.sql = sql
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else {
            throw StoreError.database(DatabaseError(connection, code: code, operation: "prepare", sql: sql))
        }
        self.handle = handle
    }

    deinit { sqlite3_finalize(handle) }

    /// Binds all placeholders in order.
    func bind(_ values: [SQLValue]) throws {
        precondition(Int(sqlite3_bind_parameter_count(handle)) == values.count, "wrong number of values for: \(sql)")
        for (position, value) in values.enumerated() {
            let index = Int32(position + 1)
            let code =
                switch value {
                case .null: sqlite3_bind_null(handle, index)
                case .integer(let number): sqlite3_bind_int64(handle, index, number)
                case .text(let text): sqlite3_bind_text(handle, index, text, Int32(clamping: text.utf8.count), copied)
                // An empty array may have no address, which would bind NULL.
                case .blob([]): sqlite3_bind_zeroblob(handle, index, 0)
                case .blob(let bytes): sqlite3_bind_blob(handle, index, bytes, Int32(clamping: bytes.count), copied)
                }
            guard code == SQLITE_OK else { throw failure(code, "bind") }
        }
    }

    /// Advances to the next row. Returns false at the end.
    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let code: throw failure(code, "step")
        }
    }

    /// Prepares for the next use and clears the bound values.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    private func failure(_ code: Int32, _ operation: String) -> StoreError {
        .database(DatabaseError(sqlite3_db_handle(handle), code: code, operation: operation, sql: sql))
    }
}

extension DatabaseError {
    /// The last error of the connection.
    init(_ connection: OpaquePointer?, code: Int32, operation: String, sql: String = "") {
        self.init(
            code: connection.map(sqlite3_extended_errcode) ?? code,
            message: connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code)),
            operation: operation, sql: sql, systemError: connection.map(Self.systemError) ?? 0)
    }

    /// The errno of the last failure in the write-ahead log, or in the database file if the log has none. `sqlite3_system_errno` returns
    /// errno after SQLite's cleanup, which differs after a failed write.
    private static func systemError(of connection: OpaquePointer) -> Int32 {
        var log: UnsafeMutablePointer<sqlite3_file>?
        var number: Int32 = 0
        // SAFETY: SQLite writes an integer and a pointer to its own file, which is valid as long as the connection.
        sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log)
        if let log, let methods = log.pointee.pMethods { _ = methods.pointee.xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &number) }
        if number == 0 { sqlite3_file_control(connection, "main", SQLITE_FCNTL_LAST_ERRNO, &number) }
        return number == 0 ? sqlite3_system_errno(connection) : number
    }
}

/// SQLITE_TRANSIENT, a macro that Swift does not import: SQLite copies the bytes before the call returns.
// SAFETY: sqlite3.h defines it as the pointer -1 and never calls it.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
