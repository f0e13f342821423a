// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net

/// Limits sign-in attempts from one source: five at once, then one after 1, 2, 4 … 60 seconds. Never blocks permanently, and resets after
/// an hour without attempts.
struct LoginThrottle {
    static let freeAttempts = 5
    static let maximumDelay: Int64 = 60
    /// Seconds without an attempt after which the count restarts.
    static let memory: Int64 = 60 * 60

    /// The number of attempts that did not lead to a sign-in.
    var failures: Int
    var lastAt: UnixTime

    /// Seconds until the next attempt is allowed; 0 if it is allowed now.
    func delay(at now: UnixTime) -> Int64 {
        guard failures >= Self.freeAttempts, now.seconds(since: lastAt) < Self.memory else { return 0 }
        let doublings = min(failures - Self.freeAttempts, 6)
        // If the clock was set back, the wait must not become longer.
        let waited = max(0, now.seconds(since: lastAt))
        return max(0, min(1 << doublings, Self.maximumDelay) - waited)
    }
}

/// The attempts that are counted together. An attempt counts in each of its buckets.
public enum LoginBucket: Hashable, Sendable {
    /// Attempts on one account from browsers that never signed in to it.
    case account(email: String)
    /// Attempts on one account from one browser that has signed in to it before, so that others cannot lock it out.
    case knownBrowser(email: String, browser: String)
    /// All attempts from one client address. Use the /64 prefix of an IPv6 address.
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
    /// Counts an attempt before its password is checked, so that parallel attempts cannot bypass the limit. Returns nil if the attempt is
    /// allowed, otherwise the seconds to wait. A refused attempt is not counted.
    public func takeLoginAttempt(_ buckets: [LoginBucket], at now: UnixTime) throws -> Int64? {
        // Attempts with a future time are moved to now. Otherwise, a clock that was a year ahead would block sign-ins for a year.
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

    /// Removes the attempts in these buckets after a sign-in.
    public func clearLoginAttempts(_ buckets: [LoginBucket]) throws {
        for bucket in buckets { try connection.execute("DELETE FROM login_attempts WHERE bucket = ?", [.text(bucket.key)]) }
    }

    /// Removes all attempts on one account and those of all addresses. Lets somebody with access to the host unlock the account.
    public func unlock(email: String, by author: Author, at now: UnixTime) throws {
        let key = LoginBucket.account(email: email).key
        try connection.execute(
            "DELETE FROM login_attempts WHERE bucket = ? OR substr(bucket, 1, ?) = ? OR substr(bucket, 1, 8) = 'address:'",
            [.text(key), .integer(Int64(key.unicodeScalars.count + 1)), .text("\(key):")])
        try record("admin.unlock", target: "admin/\(email)", by: author, at: now)
    }
}
