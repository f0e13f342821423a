// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Synchronization
import Words

/// What somebody says when granting links for a time.
public struct TimedGrant: Sendable {
    /// When the links end.
    public var endsAt: UnixTime
    /// Why; may be empty.
    public var reason: String
    /// The id of the request that is granted with them; nil if nobody asked.
    public var request: String?

    public init(endsAt: UnixTime, reason: String = "", request: String? = nil) {
        self.endsAt = endsAt
        self.reason = reason
        self.request = request
    }
}

extension ChangeTransaction {
    /// Links devices for a time: each pair gets a link of its own that ends by itself. The devices in `change` must be read in this transaction.
    /// Pairs that reach each other without an end already stay as they are. Returns the devices whose lists changed. Throws `.invalid` if the
    /// change is not possible or would add nothing, and `.notFound` if the request is gone.
    @discardableResult
    public func link(_ change: LinkChange, for grant: TimedGrant) throws -> [Device] {
        let timed = try timedPrefixes()
        let (defaults, hub) = (try defaults(), try hub())
        let running = try timedLinks()
        var pairs: [(Device, Device)] = []
        for a in change.first {
            for b in change.second where a.id != b.id && !pairs.contains(where: { $0.0.id == b.id && $0.1.id == a.id }) { pairs.append((a, b)) }
        }
        let edits = change.edits(defaults: defaults, hub: hub, besides: timed)
        try require(edits.errors)
        try require(Self.problems(change, grant, pairs.count, running.count, now: now))
        let request = try grant.request.map { try waitingRequest($0, for: change) }

        var links: [TimedLink] = []
        for (a, b) in pairs {
            let additions = LinkChange(first: [a], second: [b], extent: change.extent).edits(defaults: defaults, hub: hub, besides: timed).additions
            guard additions.values.contains(where: { !$0.isEmpty }) else { continue }
            links.append(
                TimedLink(
                    id: Identifier.random(), first: a.id, second: b.id, name: "\(a.name) – \(b.name)", grantedBy: author.name,
                    askedBy: request?.askedBy,
                    reason: grant.reason.isEmpty ? request?.reason ?? "" : grant.reason, grantedAt: now, setAt: now, endsAt: grant.endsAt,
                    additions: [a, b].flatMap { device in
                        let followed = timed.followedList(of: device, defaults: defaults.settings.allowedIPs)
                        return (additions[device.id] ?? []).map { TimedLink.Addition(deviceID: device.id, prefix: $0, followed: followed) }
                    }))
        }
        if links.isEmpty {
            throw StoreError.invalid([
                FieldError("duration", "They reach each other already, without an end. Unlink them first, or leave them linked.")
            ])
        }
        let devices = try edits.devices.map { try update($0) }
        for link in links {
            try insert(link)
            try note(TimedLinkAction.grant, link)
        }
        if let request { try answer(request, .granted, "") }
        return devices
    }

    private static func problems(_ change: LinkChange, _ grant: TimedGrant, _ pairs: Int, _ running: Int, now: UnixTime) -> [FieldError] {
        var problems: [FieldError] = []
        if change.isUnlink { problems.append(FieldError("duration", "Only links can end by themselves. To unlink, leave out the end.")) }
        if pairs > TimedLink.maximumPairs {
            problems.append(
                FieldError("b", "That makes \(pairs) pairs. Link at most \(TimedLink.maximumPairs) for a time, or link them without an end."))
        } else if running + pairs > TimedLink.maximumRunning {
            problems.append(
                FieldError("duration", "There are \(running) timed links. At most \(TimedLink.maximumRunning) run at once: end some of them first."))
        }
        if let problem = TimedLink.problem(withEnd: grant.endsAt, now: now) { problems.append(FieldError("until", problem)) }
        if let problem = TimedLink.problem(withReason: grant.reason) { problems.append(FieldError("reason", problem)) }
        return problems
    }

    /// Ends a timed link now. Removes what it owns; what others added or had before stays. Throws `.notFound` if it does not run.
    public func endTimedLink(_ id: String) throws {
        let link = try timedLink(id)
        guard link.isRunning else { throw StoreError.notFound(kind: "timed link", id: id) }
        let timed = try timedPrefixes()
        // First, so that the updates find what still belongs to others only.
        try release(link)
        for deviceID in Set(link.additions.map(\.deviceID)).sorted() {
            var device = try device(deviceID)
            device.overrides.allowedIPs = timed.allowedIPs(of: device, endingLink: link)
            try update(device)
        }
    }
}

extension WriteTransaction {
    /// Gives a timed link another end. Its lists do not change, so this makes no generation. Throws `.notFound` if it does not run, and
    /// `.invalid` with the field `until` if it cannot end then.
    public func setEnd(ofTimedLink id: String, to end: UnixTime, by author: Author, at now: UnixTime) throws {
        let link = try timedLink(id)
        guard link.isRunning else { throw StoreError.notFound(kind: "timed link", id: id) }
        try require(TimedLink.problem(withEnd: end, now: now).map { [FieldError("until", $0)] } ?? [])
        try connection.execute("UPDATE timed_links SET set_at = ?, ends_at = ? WHERE id = ?", [.time(now), .time(end), .text(id)])
        try record(
            "timed_link.extend", target: link.auditTarget, before: ["name": link.name, "ends_at": "\(link.endsAt.seconds)"],
            after: ["name": link.name, "ends_at": "\(end.seconds)"], by: author, at: now)
    }
}

extension Database {
    /// Ends all timed links whose time is over, in one change of their own author. Call this at start, before the engine gets its rules, and every
    /// few seconds. Needs only one small read while nothing ends.
    public func endTimedLinks(at now: UnixTime, moment: ContinuousClock.Instant) throws {
        let all = try read { try $0.timedLinkEnds() }
        let due = timedLinkWatch.withLock { watch in
            watch.due(all, at: now, moment) { end in
                // At the first look after a start, one that began in the future is over: nobody knows how long it has lasted.
                let isFromFuture = end.setAt > now.latestEnd(ofLifetime: 0)
                return DeadlineWatch.Deadline(id: end.id, at: end.endsAt, longest: isFromFuture ? 0 : end.endsAt.seconds(since: end.setAt))
            }
        }
        guard !due.isEmpty else { return }
        try change(by: .timeLimit, at: now) { transaction in
            for end in due {
                // Ended early, or by another process in the meantime.
                let link = try transaction.timedLinks().first { $0.id == end.id && $0.endsAt == end.endsAt }
                if let link { try transaction.endTimedLink(link.id) }
                try transaction.connection.execute(
                    "DELETE FROM timed_links WHERE id = ? AND ends_at = ?", [.text(end.id), .time(end.endsAt)])
            }
        }
    }
}
