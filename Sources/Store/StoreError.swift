// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Linux
import Net
import Words

/// What the Store throws. Every case carries or makes one sentence that is ready for people.
public enum StoreError: Error, Equatable {
    /// The input breaks rules; nothing was changed. One entry per broken field, in the order of the form.
    case invalid([FieldError])
    /// Nothing has this name. `kind` is "device", "admin", "session" and so on.
    case notFound(kind: String, id: String)
    /// The row was changed since the caller read revision `expected`.
    case stale(expected: Int64, current: Int64)
    /// A change cannot be taken back; the sentence says why.
    case irreversible(Phrase)
    /// The change would leave nobody who can sign in as an admin.
    case lastAdmin
    /// The set-up page is closed because an admin exists.
    case setupClosed
    /// A set-up token, link or other secret is unknown, used or expired. Says no more on purpose.
    case tokenRefused
    /// SQLite refused an operation.
    case database(DatabaseError)
    /// The database's structure and the migration files do not fit together.
    case schema(String)
    /// The secret key file, or something sealed with it, cannot be used.
    case secretKey(String)
    /// A file or folder cannot be used.
    case file(String)
    /// A backup cannot be made or restored.
    case backup(String)
}

/// A refusal by SQLite: what was attempted and how it ended. Never holds a bound value, so it may be logged.
public struct DatabaseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// SQLite's extended result code.
    public var code: Int32
    /// SQLite's message for the code and the schema, such as "UNIQUE constraint failed: devices.name_key".
    public var message: String
    /// What was attempted: "prepare", "bind", "step", "open", "read".
    public var operation: String
    /// The statement with placeholders; empty where there was none.
    public var sql: String
    /// The errno behind a failure of the disk; 0 where there is none.
    public var systemError: Int32

    public init(code: Int32, message: String, operation: String, sql: String, systemError: Int32 = 0) {
        self.code = code
        self.message = message
        self.operation = operation
        self.sql = sql
        self.systemError = systemError
    }

    /// What is wrong around the database; nil when it is the program's own fault.
    public var trouble: DatabaseTrouble? { DatabaseTrouble(code: code, systemError: systemError) }

    public var description: String {
        if let trouble { return "\(trouble) (SQLite result \(code): \(message).)" }
        return "The database refused to \(operation): \(message) (SQLite result \(code))" + (sql.isEmpty ? "." : " in: \(sql)")
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String { phrase.description }

    /// The sentence.
    public var phrase: Phrase {
        switch self {
        case .invalid(let errors): errors.map(\.message).joined()
        case .notFound(let kind, let id): "There is no \(Phrase(text: kind)) \(id). It may have been removed."
        case .stale(let expected, let current):
            "Somebody else changed this in the meantime (you saw revision \(expected), it is now \(current)). Compare both and save again."
        case .irreversible(let reason): "This change cannot be undone. \(reason)"
        case .lastAdmin: "This is the last admin who can sign in. Make another admin first."
        case .setupClosed: "Set-up is done: an admin exists. Sign in, or use `hairpin admin create`."
        case .tokenRefused: "This link or token is unknown, used or expired. Ask for a new one."
        case .database(let error): Phrase(verbatim: error.description)
        case .schema(let text), .secretKey(let text), .file(let text), .backup(let text): Phrase(verbatim: text)
        }
    }
}

extension StoreError {
    /// Runs `body` and turns what goes wrong with a file into `.file`.
    static func files<R: ~Copyable>(_ body: () throws(FileError) -> R) throws(StoreError) -> R {
        do { return try body() } catch { throw .file(error.description) }
    }
}

/// Throws `.invalid` where a field breaks a rule.
func require(_ errors: [FieldError]) throws(StoreError) {
    guard errors.isEmpty else { throw .invalid(errors) }
}

/// Throws `.stale` where a row is no longer at the revision that the caller saw; nil expects none.
func require(_ expected: Int64?, isCurrent current: Int64) throws(StoreError) {
    guard let expected, expected != current else { return }
    throw .stale(expected: expected, current: current)
}
