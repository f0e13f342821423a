// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// A browser that signed in. Its token is known to the browser only; the database holds the token's hash.
public struct Session: Hashable, Sendable, Identifiable {
    /// Names the session in lists and for ending it; opens nothing.
    public let id: String
    /// Who signed in, as the account is now.
    public let account: Account
    /// 32 random bytes that forms must prove to know.
    public let csrfSecret: [UInt8]
    /// When it signed in.
    public let createdAt: UnixTime
    /// The last request that counted as activity.
    public let activeAt: UnixTime
    /// When the password or a code was given last; some actions ask for a recent one.
    public let confirmedAt: UnixTime
    /// The client's address at sign-in.
    public let address: String
    /// What the browser called itself, cut to 256 characters.
    public let userAgent: String
    /// True when every account must have a second factor and this one has none.
    public let owesSecondFactor: Bool

    /// Seconds for which giving the password or a second factor counts as a confirmation (ASVS 7.5.3).
    public static let confirmationLifetime: Int64 = 5 * 60

    /// True while signing in, or a confirmation after it, is fresh. A clock that was set back makes nothing fresh.
    public func isConfirmed(at now: UnixTime) -> Bool { (0...Self.confirmationLifetime).contains(now.seconds(since: confirmedAt)) }

    /// True when the activity of now is worth a write: the idle limit needs no more than minutes.
    public func isTouchDue(at now: UnixTime) -> Bool { now.seconds(since: activeAt) >= 60 }

    /// Text of a client that is kept with its session.
    static let maximumUserAgentLength = 256
}

/// When sessions end by themselves.
public struct SessionLimits: Hashable, Sendable {
    /// Seconds without activity.
    public var idle: Int64
    /// Seconds since sign-in, whatever happened.
    public var absolute: Int64

    /// 30 minutes and 12 hours, the second authenticator level of NIST SP 800-63B.
    public init(idle: Int64 = 30 * 60, absolute: Int64 = 12 * 60 * 60) {
        self.idle = idle
        self.absolute = absolute
    }
}

extension ReadTransaction {
    /// The session of a token; nil when it is unknown, ended, idle or old beyond `limits`, or its account is disabled. Also nil when it was
    /// begun in the future, by a clock that has been set back by more than minutes.
    public func session(_ token: SecretToken, at now: UnixTime, limits: SessionLimits = SessionLimits()) throws -> Session? {
        try connection.first("\(selectSession) AND token_hash = ?", now.limited(by: limits) + [token.hash]) { try $0.session() }
    }

    /// The living sessions of an account, the most recently active first.
    public func sessions(ofAccount id: String, at now: UnixTime, limits: SessionLimits = SessionLimits()) throws -> [Session] {
        try connection.all("\(selectSession) AND account_id = ? ORDER BY active_at DESC, sessions.id", now.limited(by: limits) + [.text(id)]) {
            try $0.session()
        }
    }
}

extension WriteTransaction {
    /// Signs an account in. The token goes to the browser and is not kept. Throws `.notFound` when there is no such account.
    public func startSession(
        ofAccount id: String, address: String, userAgent: String, at now: UnixTime, limits: SessionLimits = SessionLimits()
    ) throws -> (token: SecretToken, session: Session) {
        try connection.execute(
            "DELETE FROM sessions WHERE NOT (active_at > ? AND sessions.created_at > ? AND sessions.created_at <= ?)", now.limited(by: limits))
        let token = SecretToken.generate(.session)
        let account = try account(id)
        let session = Session(
            id: Identifier.random(), account: account, csrfSecret: SecureRandom.bytes(32), createdAt: now, activeAt: now,
            confirmedAt: now, address: address, userAgent: String(userAgent.prefix(Session.maximumUserAgentLength)),
            owesSecondFactor: try isSecondFactorRequired() && !account.hasSecondFactor)
        try connection.execute(
            """
            INSERT INTO sessions (id, token_hash, account_id, csrf_secret, created_at, active_at, confirmed_at, address, user_agent)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(session.id), token.hash, .text(id), .blob(session.csrfSecret), .time(now), .time(now), .time(now), .text(address),
                .text(session.userAgent),
            ])
        return (token, session)
    }

    /// Gives a session another token and CSRF secret after its rights or its password changed. Throws `.notFound`.
    public func renewSession(_ id: String, at now: UnixTime) throws -> SecretToken {
        let token = SecretToken.generate(.session)
        let changed = try connection.execute(
            "UPDATE sessions SET token_hash = ?, csrf_secret = ?, active_at = ?, confirmed_at = ? WHERE id = ?",
            [token.hash, .blob(SecureRandom.bytes(32)), .time(now), .time(now), .text(id)])
        guard changed == 1 else { throw StoreError.notFound(kind: "session", id: id) }
        return token
    }

    /// Notes activity. Event streams and polls are none.
    public func touchSession(_ id: String, at now: UnixTime) throws {
        try connection.execute("UPDATE sessions SET active_at = ? WHERE id = ? AND active_at < ?", [.time(now), .text(id), .time(now)])
    }

    /// Notes that the password or a code was given again.
    public func confirmSession(_ id: String, at now: UnixTime) throws {
        try connection.execute("UPDATE sessions SET confirmed_at = ? WHERE id = ?", [.time(now), .text(id)])
    }

    /// Ends a session. One that ended already is no error.
    public func endSession(_ id: String) throws {
        try connection.execute("DELETE FROM sessions WHERE id = ?", [.text(id)])
    }

    /// Ends all sessions of an account, but for one that may stay.
    public func endSessions(ofAccount id: String, except sessionID: String? = nil) throws {
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
    /// The three placeholders: the oldest activity and the oldest sign-in that still live, both excluded, and the latest sign-in.
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
