// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net

/// Counts attempts that did not lead to a sign-in, and the wait that follows from them: five at once, then one after 1, 2, 4 … 60 seconds.
/// Never blocks for longer.
struct LoginThrottle {
    static let freeAttempts = 5
    static let maximumDelay: Int64 = 60
    /// Seconds without an attempt after which the count restarts.
    static let memory: Int64 = 24 * 60 * 60

    /// The number of attempts that did not lead to a sign-in.
    var failures: Int
    var lastAt: UnixTime

    /// Seconds until the next attempt is allowed; 0 if it is allowed now.
    func delay(at now: UnixTime, freeAttempts: Int = Self.freeAttempts) -> Int64 {
        guard failures >= freeAttempts, now.seconds(since: lastAt) < Self.memory else { return 0 }
        let doublings = min(failures - freeAttempts, 6)
        // If the clock was set back, the wait must not become longer.
        let waited = max(0, now.seconds(since: lastAt))
        return max(0, min(1 << doublings, Self.maximumDelay) - waited)
    }
}

/// The attempts that are counted together. An attempt counts in each of its buckets.
public enum LoginBucket: Hashable, Sendable {
    /// One client: an IPv4 address or an IPv6 /64. After wrong guesses it waits.
    case source(IPPrefix)
    /// The clients of one network, an IPv4 /24 or an IPv6 /48. Nobody waits because of it, since strangers share it.
    case network(IPPrefix)
    /// Passwords for one account, from browsers that never signed in to it. Nobody waits because of it, since strangers fill it.
    case account(email: String)
    /// Second-factor codes for one account, from browsers that never signed in to it. Only people who know the password fill it.
    case codes(email: String)
    /// One browser that has signed in to the account before, or one session.
    case browser(email: String, id: String)
    /// Second-factor codes for one account, from all browsers that signed in to it before.
    case browserCodes(email: String)

    /// True if attempts in this bucket wait after too many failures.
    var delays: Bool {
        switch self {
        case .source, .codes, .browser, .browserCodes: true
        case .network, .account: false
        }
    }

    /// Attempts before the first wait. People with several browsers share one bucket, so it takes more.
    var freeAttempts: Int {
        if case .browserCodes = self { 20 } else { LoginThrottle.freeAttempts }
    }

    /// True if a sign-in clears all failures of this bucket, because only browsers that the account knows can fill it.
    fileprivate var isClearedBySignIn: Bool {
        switch self {
        case .browser, .browserCodes: true
        case .source, .network, .account, .codes: false
        }
    }

    private var text: String {
        switch self {
        case .source(let prefix): "source \(prefix)"
        case .network(let prefix): "network \(prefix)"
        case .account(let email): "account \(FoldedName.of(email))"
        case .codes(let email): "codes \(FoldedName.of(email))"
        case .browser(let email, let id): "browser \(FoldedName.of(email)) \(id)"
        case .browserCodes(let email): "browser codes \(FoldedName.of(email))"
        }
    }

    /// The row of this bucket: its slot, and a key that distinguishes it from others in the slot.
    fileprivate func row(_ salt: [UInt8]) -> (slot: SQLValue, key: SQLValue) {
        let hash = Digest.sha256(salt + Array(text.utf8))
        return (.integer(Int64(hash[16]) << 8 | Int64(hash[17])), .blob(Array(hash[..<16])))
    }
}

/// What is known about an attempt before it is made.
public struct LoginStanding: Hashable, Sendable {
    /// Seconds to wait; 0 if the attempt is allowed now.
    public fileprivate(set) var wait: Int64 = 0
    /// Earlier failed attempts in each bucket.
    public fileprivate(set) var failures: [LoginBucket: Int] = [:]
    /// True if the clock was set back since a failure.
    fileprivate var isFromFuture = false
}

extension ReadTransaction {
    fileprivate func loginStanding(_ buckets: [LoginBucket], at now: UnixTime) throws -> LoginStanding {
        let salt = try loginSalt()
        var standing = LoginStanding()
        for bucket in buckets {
            let row = bucket.row(salt)
            let found = try connection.first("SELECT failures, last_at FROM login_attempts WHERE slot = ? AND key = ?", [row.slot, row.key]) {
                LoginThrottle(failures: Int(clamping: try $0.integer()), lastAt: try $0.time())
            }
            guard let found, now.seconds(since: found.lastAt) < LoginThrottle.memory else { continue }
            standing.failures[bucket] = found.failures
            if bucket.delays { standing.wait = max(standing.wait, found.delay(at: now, freeAttempts: bucket.freeAttempts)) }
            if found.lastAt > now { standing.isFromFuture = true }
        }
        return standing
    }

    fileprivate func loginSalt() throws -> [UInt8] {
        guard let salt = try connection.first("SELECT salt FROM login_salt", [], { try $0.blob() }) else {
            throw StoreError.schema("The database has no salt for attempts to sign in. Restore it from a backup.")
        }
        return salt
    }

    /// The wait of a refused attempt in seconds; nil if `takeLoginAttempt` has to decide. Needs no write lock, so that a flood of attempts
    /// that must wait delays nobody else.
    public func loginWait(_ buckets: [LoginBucket], at now: UnixTime) throws -> Int64? {
        let standing = try loginStanding(buckets, at: now)
        return standing.wait > 0 && !standing.isFromFuture ? standing.wait : nil
    }
}

extension WriteTransaction {
    /// Counts an attempt before its password is checked, so that parallel attempts cannot bypass the limit. A refused attempt is not
    /// counted. Looks up and writes one row for each bucket, whatever the table contains.
    public func takeLoginAttempt(_ buckets: [LoginBucket], at now: UnixTime) throws -> LoginStanding {
        let standing = try loginStanding(buckets, at: now)
        let salt = try loginSalt()
        for bucket in buckets {
            let (slot, key) = bucket.row(salt)
            if standing.wait == 0 {
                try connection.execute(
                    "INSERT OR REPLACE INTO login_attempts (slot, key, failures, last_at) VALUES (?, ?, ?, ?)",
                    [slot, key, .integer(Int64(standing.failures[bucket] ?? 0) + 1), .time(now)])
            } else {
                // A failure with a future time is moved to now. Otherwise, a clock that was a year ahead would make people wait for a year.
                try connection.execute(
                    "UPDATE login_attempts SET last_at = ? WHERE slot = ? AND key = ? AND last_at > ?", [.time(now), slot, key, .time(now)])
            }
        }
        return standing
    }

    /// Takes back an attempt that was counted and led to a sign-in. A browser that the account knows gets a clean record. Elsewhere the
    /// failures of others stay: nobody may clear the record of a source by signing in to an account of their own.
    public func returnLoginAttempt(_ buckets: [LoginBucket]) throws {
        for bucket in buckets { try takeBack(bucket, clearing: bucket.isClearedBySignIn) }
    }

    /// Takes back an attempt that was counted and then not made, because the hub was too busy. Clears nothing else.
    public func withdrawLoginAttempt(_ buckets: [LoginBucket]) throws {
        for bucket in buckets { try takeBack(bucket, clearing: false) }
    }

    private func takeBack(_ bucket: LoginBucket, clearing: Bool) throws {
        let (slot, key) = bucket.row(try loginSalt())
        let left: Int64 = clearing ? .max : 1
        try connection.execute("DELETE FROM login_attempts WHERE slot = ? AND key = ? AND failures <= ?", [slot, key, .integer(left)])
        try connection.execute("UPDATE login_attempts SET failures = failures - 1 WHERE slot = ? AND key = ?", [slot, key])
    }

    /// Forgets all failed attempts. Lets somebody with access to the host end every wait; `email` is the account that it is for.
    public func unlock(email: String, by author: Author, at now: UnixTime) throws {
        try connection.execute("DELETE FROM login_attempts")
        try record("admin.unlock", target: "admin/\(email)", by: author, at: now)
    }
}
