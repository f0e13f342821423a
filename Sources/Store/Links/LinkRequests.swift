// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

/// Somebody asks for a link of two devices for a time.
public struct LinkRequest: Hashable, Sendable, Identifiable {
    public enum State: String, Sendable {
        case waiting, granted, refused
    }

    /// 16 random characters. An id is never reused.
    public let id: String
    /// The account that asked, and its email address.
    public let accountID: String
    public let askedBy: String
    /// The ids of the two devices.
    public let first: String
    public let second: String
    /// How long the link should last.
    public let seconds: Int64
    /// Why.
    public let reason: String
    public let askedAt: UnixTime
    public let state: State
    /// Who answered, and when; nil while the request waits.
    public let answeredBy: String?
    public let answeredAt: UnixTime?
    /// What an admin wrote with the answer; may be empty.
    public let answer: String

    /// The most requests of one account that wait at once.
    public static let maximumPerAccount = 5
    /// The most requests that wait at once.
    public static let maximumWaiting = 100
    /// A request that nobody answers lapses after this number of seconds, and an answer is shown for as long: 7 days.
    public static let lifetime: Int64 = 7 * 86_400
}

extension ReadTransaction {
    /// The requests of one account or of all, newest first: those that wait, and those that were answered lately.
    public func linkRequests(ofAccount id: String? = nil, at now: UnixTime) throws -> [LinkRequest] {
        let all = try linkRequests(isCurrent, now.requestBounds)
        return id.map { id in all.filter { $0.accountID == id } } ?? all
    }

    /// How many requests wait. Every page of an admin shows it.
    public func waitingLinkRequestCount(at now: UnixTime) throws -> Int {
        try connection.first(
            "SELECT count(*) FROM link_requests WHERE state = 'waiting' AND \(isCurrent)", now.requestBounds
        ) { Int(try $0.integer()) } ?? 0
    }

    /// The request that waits under this id. Throws `.notFound` if there is none.
    public func waitingLinkRequest(_ id: String, at now: UnixTime) throws -> LinkRequest {
        let request = try linkRequests("id = ? AND state = 'waiting' AND \(isCurrent)", [.text(id)] + now.requestBounds).first
        guard let request else { throw StoreError.notFound(kind: "request", id: id) }
        return request
    }

    /// True if `removeOldLinkRequests` would remove any.
    public func hasOldLinkRequests(at now: UnixTime) throws -> Bool {
        try connection.exists("SELECT 1 FROM link_requests WHERE NOT (\(isCurrent))", now.requestBounds)
    }

    /// All requests, also old ones.
    func allLinkRequests() throws -> [LinkRequest] { try linkRequests("1", []) }

    fileprivate func linkRequests(_ condition: String, _ values: [SQLValue]) throws -> [LinkRequest] {
        try connection.all(
            """
            SELECT id, account_id, (SELECT email FROM accounts WHERE accounts.id = account_id), first_device, second_device, seconds, reason,
                asked_at, state, answered_by, answered_at, answer
            FROM link_requests WHERE \(condition) ORDER BY asked_at DESC, id
            """, values
        ) {
            try LinkRequest(
                id: $0.text(), accountID: $0.text(), askedBy: $0.text(), first: $0.text(), second: $0.text(), seconds: $0.integer(),
                reason: $0.text(), askedAt: $0.time(),
                state: $0.parsed("the state of a request", LinkRequest.State.init(rawValue:)), answeredBy: $0.optional { try $0.text() },
                answeredAt: $0.optional { try $0.time() }, answer: $0.text())
        }
    }
}

extension WriteTransaction {
    /// Stores a request of an account, whose author is `author`. Throws `.invalid` with the fields that break a rule: `a` and `b` for the devices,
    /// `reason`, and `duration` if there are too many requests.
    @discardableResult
    public func askForLink(
        of first: Device, and second: Device, forSeconds seconds: Int64, reason: String, account id: String, by author: Author, at now: UnixTime
    ) throws -> LinkRequest {
        try removeOldLinkRequests(at: now)
        let waiting = try linkRequests(at: now).filter { $0.state == .waiting }
        var errors: [FieldError] = []
        if first.id == second.id { errors.append(FieldError("b", "A link is between two devices. Name another one.")) }
        if reason.isEmpty { errors.append(FieldError("reason", "Say what the link is for, so that an admin can decide.")) }
        if let problem = TimedLink.problem(withReason: reason) { errors.append(FieldError("reason", problem)) }
        if waiting.count(where: { $0.accountID == id }) >= LinkRequest.maximumPerAccount {
            errors.append(FieldError("duration", "\(LinkRequest.maximumPerAccount) of your requests wait for an answer. Wait until one is answered."))
        } else if waiting.count >= LinkRequest.maximumWaiting {
            errors.append(
                FieldError("duration", "\(LinkRequest.maximumWaiting) requests wait for an answer. Ask an admin directly, or try again later."))
        } else if waiting.contains(where: { $0.accountID == id && Set([$0.first, $0.second]) == Set([first.id, second.id]) }) {
            errors.append(FieldError("b", "You have already asked for a link between these two. The request waits for an answer."))
        }
        if let problem = TimedLink.problem(withEnd: now.adding(seconds: seconds), now: now) { errors.append(FieldError("duration", problem)) }
        try require(errors)
        let request = Identifier.random()
        try connection.execute(
            """
            INSERT INTO link_requests (id, account_id, first_device, second_device, seconds, reason, asked_at, state, answer)
            VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', '')
            """,
            [
                .text(request), .text(id), .text(first.id), .text(second.id), .integer(seconds), .text(reason), .time(now),
            ])
        try record(
            "link_request.ask", target: "link_request/\(request)",
            after: ["name": "\(first.name) – \(second.name)", "seconds": "\(seconds)", "reason": reason], by: author, at: now)
        return try waitingLinkRequest(request, at: now)
    }

    /// Refuses a request, with a few words for the one who asked. Throws `.notFound` if it does not wait, and `.invalid` with the field `answer`.
    public func refuseLinkRequest(_ id: String, answer: String, by author: Author, at now: UnixTime) throws {
        let request = try waitingLinkRequest(id, at: now)
        try require(TimedLink.problem(withReason: answer).map { [FieldError("answer", $0)] } ?? [])
        try note(.refused, answer, on: request, by: author, at: now)
        try record(
            "link_request.refuse", target: "link_request/\(id)",
            after: ["name": try name(of: request), "asked_by": request.askedBy, "reason": answer.isEmpty ? nil : answer], by: author, at: now)
    }

    /// Deletes requests that lapsed, and answers that are old.
    public func removeOldLinkRequests(at now: UnixTime) throws {
        try connection.execute("DELETE FROM link_requests WHERE NOT (\(isCurrent))", now.requestBounds)
    }

    fileprivate func note(_ state: LinkRequest.State, _ answer: String, on request: LinkRequest, by author: Author, at now: UnixTime) throws {
        try connection.execute(
            "UPDATE link_requests SET state = ?, answered_by = ?, answered_at = ?, answer = ? WHERE id = ?",
            [.text(state.rawValue), .text(author.name), .time(now), .text(answer), .text(request.id)])
    }

    private func name(of request: LinkRequest) throws -> String { "\(try device(request.first).name) – \(try device(request.second).name)" }
}

extension ChangeTransaction {
    /// The request that a grant of these devices answers. Throws `.invalid` with the field `b` if it is about other devices.
    func waitingRequest(_ id: String, for change: LinkChange) throws -> LinkRequest {
        let request = try waitingLinkRequest(id, at: now)
        let (first, second) = (Set(change.first.map(\.id)), Set(change.second.map(\.id)))
        guard first.contains(request.first) && second.contains(request.second) || first.contains(request.second) && second.contains(request.first)
        else {
            let (a, b) = (try device(request.first), try device(request.second))
            throw StoreError.invalid([FieldError("b", "\(request.askedBy) asked for a link between \(a.name) and \(b.name). Name these two.")])
        }
        return request
    }

    func answer(_ request: LinkRequest, _ state: LinkRequest.State, _ text: String) throws {
        try note(state, text, on: request, by: author, at: now)
    }
}

/// A request that waits, or an answer that its author may not have seen. One from the future is not: its end would be unknown.
private let isCurrent = "coalesce(answered_at, asked_at) > ? AND asked_at <= ?"

extension UnixTime {
    /// The values for the two placeholders of `isCurrent`.
    fileprivate var requestBounds: [SQLValue] { [.time(adding(seconds: -LinkRequest.lifetime)), .time(latestEnd(ofLifetime: 0))] }
}
