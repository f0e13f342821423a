// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// A signed-in browser. Only the browser has the token; the database stores the token's hash.
public struct Session: Hashable, Sendable, Identifiable {
    /// Identifies the session in lists and for sign-out. Grants no access.
    public let id: String
    /// The account that signed in, in its current state.
    public let account: Account
    /// 32 random bytes. Forms must prove that they know them.
    public let csrfSecret: [UInt8]
    /// The time of the sign-in.
    public let createdAt: UnixTime
    /// The time of the last request that counts as activity.
    public let activeAt: UnixTime
    /// The time at which the password or a code was last given. Some actions require a recent one.
    public let confirmedAt: UnixTime
    /// The client's address at sign-in.
    public let address: String
    /// The browser's user agent, cut to 256 bytes.
    public let userAgent: String
    /// True if all accounts must have a second factor and this one has none.
    public let owesSecondFactor: Bool

    /// Seconds for which a password or second factor counts as a recent confirmation (ASVS 7.5.3).
    public static let confirmationLifetime: Int64 = 5 * 60

    /// True if the sign-in or a later confirmation is recent. If the clock was set back to before it, it does not count as recent.
    public func isConfirmed(at now: UnixTime) -> Bool { (0...Self.confirmationLifetime).contains(now.seconds(since: confirmedAt)) }

    /// True if activity at `now` should be written to the database. The idle limit needs a resolution of minutes only.
    public func isTouchDue(at now: UnixTime) -> Bool { now.seconds(since: activeAt) >= 60 }

    /// Bytes of the user agent that are stored with a session.
    static let maximumUserAgentByteCount = 256
}

/// The limits after which sessions end automatically.
public struct SessionLimits: Hashable, Sendable {
    /// Seconds without activity.
    public var idle: Int64
    /// Seconds since sign-in, regardless of activity.
    public var absolute: Int64

    /// The defaults are 30 minutes and 12 hours, as for authenticator assurance level 2 in NIST SP 800-63B.
    public init(idle: Int64 = 30 * 60, absolute: Int64 = 12 * 60 * 60) {
        self.idle = idle
        self.absolute = absolute
    }
}

extension ReadTransaction {
    /// The session for a token. Nil if it is unknown, ended, idle or older than `limits`, or if its account is disabled. Also nil if it
    /// began more than a few minutes in the future, because the clock was set back.
    public func session(_ token: SecretToken, at now: UnixTime, limits: SessionLimits = SessionLimits()) throws -> Session? {
        try connection.first("\(selectSession) AND token_hash = ?", now.limited(by: limits) + [token.hash]) { try $0.session() }
    }

    /// The active sessions of an account, most recent activity first.
    public func sessions(ofAccount id: String, at now: UnixTime, limits: SessionLimits = SessionLimits()) throws -> [Session] {
        try connection.all("\(selectSession) AND account_id = ? ORDER BY active_at DESC, sessions.id", now.limited(by: limits) + [.text(id)]) {
            try $0.session()
        }
    }
}

extension WriteTransaction {
    /// Starts a session for the account whose credentials were proved. Returns the token for the browser; only its hash is stored. Throws
    /// `.outdatedSignIn` if they are no longer current.
    public func startSession(
        provedBy credentials: Credentials, address: String, userAgent: String, at now: UnixTime, limits: SessionLimits = SessionLimits()
    ) throws -> (token: SecretToken, session: Session) {
        let account = try requireCurrent(credentials)
        try connection.execute(
            "DELETE FROM sessions WHERE NOT (active_at > ? AND sessions.created_at > ? AND sessions.created_at <= ?)", now.limited(by: limits))
        let token = SecretToken.generate(.session)
        let session = Session(
            id: Identifier.random(), account: account, csrfSecret: SecureRandom.bytes(32), createdAt: now, activeAt: now,
            confirmedAt: now, address: address, userAgent: userAgent.first(bytes: Session.maximumUserAgentByteCount),
            owesSecondFactor: try isSecondFactorRequired() && !account.hasSecondFactor)
        try connection.execute(
            """
            INSERT INTO sessions (id, token_hash, account_id, csrf_secret, created_at, active_at, confirmed_at, address, user_agent)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(session.id), token.hash, .text(account.id), .blob(session.csrfSecret), .time(now), .time(now), .time(now), .text(address),
                .text(session.userAgent),
            ])
        return (token, session)
    }

    /// Gives a session a new token and CSRF secret after its rights or password changed. Throws `.notFound` if the session does not exist.
    public func renewSession(_ id: String, at now: UnixTime) throws -> SecretToken {
        let token = SecretToken.generate(.session)
        let changed = try connection.execute(
            "UPDATE sessions SET token_hash = ?, csrf_secret = ?, active_at = ?, confirmed_at = ? WHERE id = ?",
            [token.hash, .blob(SecureRandom.bytes(32)), .time(now), .time(now), .text(id)])
        guard changed == 1 else { throw StoreError.notFound(kind: "session", id: id) }
        return token
    }

    /// Records activity. Do not call it for event streams and polls, which do not count.
    public func touchSession(_ id: String, at now: UnixTime) throws {
        try connection.execute("UPDATE sessions SET active_at = ? WHERE id = ? AND active_at < ?", [.time(now), .text(id), .time(now)])
    }

    /// Records that the password or a code was given again.
    public func confirmSession(_ id: String, at now: UnixTime) throws {
        try connection.execute("UPDATE sessions SET confirmed_at = ? WHERE id = ?", [.time(now), .text(id)])
    }

    /// Ends a session. Does nothing if it has already ended.
    public func endSession(_ id: String) throws {
        try connection.execute("DELETE FROM sessions WHERE id = ?", [.text(id)])
    }

    /// Ends all sessions of an account, optionally except one, and its unfinished sign-ins.
    public func endSessions(ofAccount id: String, except sessionID: String? = nil) throws {
        try connection.execute("DELETE FROM pending_logins WHERE account_id = ?", [.text(id)])
        try connection.execute("DELETE FROM sessions WHERE account_id = ? AND id <> ?", [.text(id), .text(sessionID ?? "")])
    }
}

private let selectSession = """
    SELECT sessions.id, csrf_secret, sessions.created_at, active_at, confirmed_at, address, user_agent,
        (SELECT second_factor_required FROM access_rules), \(Account.columns)
    FROM sessions JOIN accounts ON accounts.id = account_id
    WHERE active_at > ? AND sessions.created_at > ? AND sessions.created_at <= ? AND accounts.disabled = 0
    """

extension UnixTime {
    /// The values for the three placeholders: the oldest activity and the oldest sign-in of an active session, both exclusive, and the
    /// latest sign-in.
    fileprivate func limited(by limits: SessionLimits) -> [SQLValue] {
        [.time(adding(seconds: -limits.idle)), .time(adding(seconds: -limits.absolute)), .time(latestEnd(ofLifetime: 0))]
    }
}

extension Row {
    fileprivate mutating func session() throws -> Session {
        let (id, csrfSecret) = (try text(), try blob())
        let (createdAt, activeAt, confirmedAt) = (try time(), try time(), try time())
        let (address, userAgent, isRequired) = (try text(), try text(), try flag())
        let account = try account()
        return Session(
            id: id, account: account, csrfSecret: csrfSecret, createdAt: createdAt, activeAt: activeAt, confirmedAt: confirmedAt,
            address: address, userAgent: userAgent, owesSecondFactor: isRequired && !account.hasSecondFactor)
    }
}
