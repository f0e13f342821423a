// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net

/// How fast one source may guess: five attempts at once, then one after 1, 2, 4 … 60 seconds. Never shut for good, and forgotten after an
/// hour without attempts.
struct LoginThrottle {
    static let freeAttempts = 5
    static let maximumDelay: Int64 = 60
    /// Seconds without an attempt after which counting starts again.
    static let memory: Int64 = 60 * 60

    /// Attempts that did not end in a sign-in.
    var failures: Int
    var lastAt: UnixTime

    /// Seconds until the next attempt may be made; 0 when it may be now.
    func delay(at now: UnixTime) -> Int64 {
        guard failures >= Self.freeAttempts, now.seconds(since: lastAt) < Self.memory else { return 0 }
        let doublings = min(failures - Self.freeAttempts, 6)
        // A clock that was set back must not keep anybody out for longer.
        let waited = max(0, now.seconds(since: lastAt))
        return max(0, min(1 << doublings, Self.maximumDelay) - waited)
    }
}

/// Whose attempts are counted together. An attempt counts in each bucket it is given.
public enum LoginBucket: Hashable, Sendable {
    /// Guesses at one account from browsers that never signed in to it.
    case account(email: String)
    /// Guesses at one account from one browser that did, so that others cannot lock it out.
    case knownBrowser(email: String, browser: String)
    /// Everything from one client address; give IPv6 as its /64.
    case address(String)

    var key: String {
        switch self {
        case .account(let email): "account:\(FoldedName.of(email))"
        case .knownBrowser(let email, let browser): "account:\(FoldedName.of(email)):\(browser)"
        case .address(let address): "address:\(address)"
        }
    }
}

extension WriteTransaction {
    /// Counts an attempt before its password is looked at, so that many at once do not slip through. Nil when it may go on, else the seconds
    /// to wait; a refused attempt is not counted.
    public func takeLoginAttempt(_ buckets: [LoginBucket], at now: UnixTime) throws -> Int64? {
        // Attempts that seem to come from the future count as made now: a clock that was set back by a year must not keep anybody out for one.
        try connection.execute("UPDATE login_attempts SET last_at = ? WHERE last_at > ?", [.time(now), .time(now)])
        let throttles = try buckets.map { bucket in
            let found = try connection.first("SELECT failures, last_at FROM login_attempts WHERE bucket = ?", [.text(bucket.key)]) {
                LoginThrottle(failures: Int(clamping: try $0.integer()), lastAt: try $0.time())
            }
            return found ?? LoginThrottle(failures: 0, lastAt: now)
        }
        let delay = throttles.map { $0.delay(at: now) }.max() ?? 0
        guard delay == 0 else { return delay }
        try connection.execute("DELETE FROM login_attempts WHERE last_at <= ?", [.time(now.adding(seconds: -LoginThrottle.memory))])
        for bucket in buckets {
            try connection.execute(
                """
                INSERT INTO login_attempts (bucket, failures, last_at) VALUES (?, 1, ?)
                ON CONFLICT (bucket) DO UPDATE SET failures = login_attempts.failures + 1, last_at = excluded.last_at
                """,
                [.text(bucket.key), .time(now)])
        }
        return nil
    }

    /// Forgets the attempts of these buckets after a sign-in.
    public func clearLoginAttempts(_ buckets: [LoginBucket]) throws {
        for bucket in buckets { try connection.execute("DELETE FROM login_attempts WHERE bucket = ?", [.text(bucket.key)]) }
    }

    /// Forgets all attempts at one account and those of all addresses: the way back in for somebody at the host.
    public func unlock(email: String, by author: Author, at now: UnixTime) throws {
        let key = LoginBucket.account(email: email).key
        try connection.execute(
            "DELETE FROM login_attempts WHERE bucket = ? OR substr(bucket, 1, ?) = ? OR substr(bucket, 1, 8) = 'address:'",
            [.text(key), .integer(Int64(key.unicodeScalars.count + 1)), .text("\(key):")])
        try record("admin.unlock", target: "admin/\(email)", by: author, at: now)
    }
}
