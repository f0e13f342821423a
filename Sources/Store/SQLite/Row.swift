// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSQLite
import Crypto
import Net

/// One row of a result. Each column is read once, in the order of the SELECT list. Throws if a column has another type than requested.
/// Valid only inside the closure that receives it.
struct Row {
    private let statement: Statement
    private var column: Int32 = 0

    init(_ statement: Statement) { self.statement = statement }

    mutating func integer() throws -> Int64 {
        let column = try next(SQLITE_INTEGER, "an integer")
        return sqlite3_column_int64(statement.handle, column)
    }

    mutating func text() throws -> String {
        let column = try next(SQLITE_TEXT, "text")
        let start = sqlite3_column_text(statement.handle, column)
        // SAFETY: SQLite keeps the bytes valid until the next step of the statement. They are copied here.
        return String(decoding: UnsafeBufferPointer(start: start, count: byteCount(column)), as: UTF8.self)
    }

    mutating func blob() throws -> [UInt8] { try bytes("bytes") { Array($0) } }
    mutating func key() throws -> PublicKey { try bytes("a public key") { PublicKey($0) } }
    mutating func address() throws -> IPAddress { try bytes("an address") { IPAddress(bytes: $0) } }

    /// Nil for NULL, otherwise the result of `read`.
    mutating func optional<T>(_ read: (inout Row) throws -> T) throws -> T? {
        if sqlite3_column_type(statement.handle, column) == SQLITE_NULL {
            column += 1
            return nil
        }
        return try read(&self)
    }

    mutating func flag() throws -> Bool { try integer() != 0 }
    mutating func time() throws -> UnixTime { UnixTime(seconds: try integer()) }

    mutating func prefix() throws -> IPPrefix { try value(of: IPPrefix(try text()), "a prefix") }

    /// Reads text and parses it with `parse`. Throws if the text is not valid.
    mutating func parsed<T>(_ what: String, _ parse: (String) -> T?) throws -> T { try value(of: parse(try text()), what) }

    /// Passes the bytes of a column to `make`, which must not keep them.
    private mutating func bytes<T>(_ what: String, _ make: (UnsafeRawBufferPointer) -> T?) throws -> T {
        let column = try next(SQLITE_BLOB, what)
        // SAFETY: SQLite keeps the bytes valid until the next step of the statement. `make` cannot perform one.
        let bytes = UnsafeRawBufferPointer(start: sqlite3_column_blob(statement.handle, column), count: byteCount(column))
        return try value(of: make(bytes), what)
    }

    private func byteCount(_ column: Int32) -> Int { Int(sqlite3_column_bytes(statement.handle, column)) }

    private mutating func next(_ type: Int32, _ what: String) throws -> Int32 {
        defer { column += 1 }
        guard sqlite3_column_type(statement.handle, column) == type else { throw mismatch(column, what) }
        return column
    }

    /// Returns `value`, which was made from the column just read. Throws if it is nil.
    private func value<T>(of value: T?, _ what: String) throws -> T {
        guard let value else { throw mismatch(column - 1, what) }
        return value
    }

    private func mismatch(_ column: Int32, _ what: String) -> StoreError {
        .database(
            DatabaseError(
                code: SQLITE_MISMATCH, message: "column \(column + 1) does not hold \(what)", operation: "read", sql: statement.sql))
    }
}
