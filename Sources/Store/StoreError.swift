// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Linux
import Net
import Words

/// The errors of the Store. Each case has a sentence for people.
public enum StoreError: Error, Equatable {
    /// The input breaks rules and nothing was changed. Contains one error per field, in the order of the form.
    case invalid([FieldError])
    /// The object does not exist. `kind` is "device", "admin", "session" and so on.
    case notFound(kind: String, id: String)
    /// The row was changed after the caller read revision `expected`.
    case stale(expected: Int64, current: Int64)
    /// The change would break these expectations.
    case breaches([ExpectationCheck.Breach])
    /// A change cannot be undone; the phrase gives the reason.
    case irreversible(Phrase)
    /// After the change, no admin could sign in.
    case lastAdmin
    /// The setup page is closed because an admin exists.
    case setupClosed
    /// A setup token, link or other secret is unknown, used or expired. The reason is intentionally not included.
    case tokenRefused
    /// While a sign-in was under way, the account was disabled or removed, or its password or second factors changed.
    case outdatedSignIn
    /// SQLite reported an error.
    case database(DatabaseError)
    /// The database's structure does not match the migration files.
    case schema(String)
    /// The secret key file, or a value encrypted with it, cannot be used.
    case secretKey(String)
    /// A file or folder cannot be used.
    case file(String)
    /// A backup cannot be made or restored.
    case backup(Phrase)
    /// The backup is of another hub than the one whose database it would replace.
    case otherHub(here: HubOutline, backup: HubOutline)
}

/// An error from SQLite: the operation and its result. Never contains bound values, so it can be logged.
public struct DatabaseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// SQLite's extended result code.
    public var code: Int32
    /// SQLite's message for the code and the schema, such as "UNIQUE constraint failed: devices.name_key".
    public var message: String
    /// The operation: "prepare", "bind", "step", "open", "read".
    public var operation: String
    /// The statement with placeholders; empty if there was none.
    public var sql: String
    /// The errno of an I/O error; 0 if there is none.
    public var systemError: Int32

    public init(code: Int32, message: String, operation: String, sql: String, systemError: Int32 = 0) {
        self.code = code
        self.message = message
        self.operation = operation
        self.sql = sql
        self.systemError = systemError
    }

    /// The problem in the environment; nil if the error is the program's own fault.
    public var trouble: DatabaseTrouble? { DatabaseTrouble(code: code, systemError: systemError) }

    public var description: String {
        if let trouble { return "\(trouble) (SQLite result \(code): \(message).)" }
        return "The database refused to \(operation): \(message) (SQLite result \(code))" + (sql.isEmpty ? "." : " in: \(sql)")
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String { phrase.description }

    /// The error as a sentence.
    public var phrase: Phrase {
        switch self {
        case .invalid(let errors): errors.map(\.message).joined()
        case .notFound(let kind, let id): "There is no \(Phrase(text: kind)) \(id). It may have been removed."
        case .stale(let expected, let current):
            "Somebody else changed this in the meantime (you saw revision \(expected), it is now \(current)). Compare both and save again."
        case .breaches(let breaches):
            (breaches.map { Phrase("This would break the expectation “\($0.sentence)”: \($0.reasons).") } + ["Nothing was changed."]).joined()
        case .irreversible(let reason): "This change cannot be undone. \(reason)"
        case .lastAdmin: "This is the last admin who can sign in. Make another admin first."
        case .setupClosed: "Set-up is done: an admin exists. Sign in, or use `hairpin admin create`."
        case .tokenRefused: "This link or token is unknown, used or expired. Ask for a new one."
        case .outdatedSignIn: "The account has changed in the meantime. Sign in again."
        case .database(let error): Phrase(verbatim: error.description)
        case .schema(let text), .secretKey(let text), .file(let text): Phrase(verbatim: text)
        case .backup(let text): text
        case .otherHub(let here, let backup):
            "The backup is of another hub (\(backup.description)) than the one here (\(here.description)). Devices that have files of \(here.name) could no longer connect."
        }
    }
}

extension StoreError {
    /// Runs `body` and converts file errors to `.file`.
    static func files<R: ~Copyable>(_ body: () throws(FileError) -> R) throws(StoreError) -> R {
        do { return try body() } catch { throw .file(error.description) }
    }
}

/// Throws `.invalid` if there are errors.
func require(_ errors: [FieldError]) throws(StoreError) {
    guard errors.isEmpty else { throw .invalid(errors) }
}

/// Throws `.stale` if the current revision is not the expected one. Nil skips the check.
func require(_ expected: Int64?, isCurrent current: Int64) throws(StoreError) {
    guard let expected, expected != current else { return }
    throw .stale(expected: expected, current: current)
}
