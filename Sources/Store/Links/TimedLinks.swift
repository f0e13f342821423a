// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

extension ReadTransaction {
    /// The running timed links, earliest end first.
    public func timedLinks() throws -> [TimedLink] { try timedLinks("1").filter(\.isRunning) }

    /// The timed link with this id, running or ended early. Throws `.notFound` once its time is over.
    public func timedLink(_ id: String) throws -> TimedLink {
        guard let link = try timedLinks("id = ?", .text(id)).first else { throw StoreError.notFound(kind: "timed link", id: id) }
        return link
    }

    /// What the running timed links own.
    func timedPrefixes() throws -> TimedPrefixes { TimedPrefixes(try timedLinks()) }

    /// The times of all timed links, also of those that ended early. Nearly always few.
    func timedLinkEnds() throws -> [TimedLinkEnd] {
        try connection.all("SELECT id, set_at, ends_at FROM timed_links ORDER BY ends_at, id") {
            try TimedLinkEnd(id: $0.text(), setAt: $0.time(), endsAt: $0.time())
        }
    }

    private func timedLinks(_ condition: String, _ values: SQLValue...) throws -> [TimedLink] {
        // With few rows in both tables, all of one are read faster than some.
        var additions: [String: [TimedLink.Addition]] = [:]
        try connection.forEach(
            "SELECT link_id, device_id, prefix, followed FROM timed_link_prefixes WHERE released IS NULL ORDER BY link_id, device_id, prefix"
        ) {
            let link = try $0.text()
            let addition = try TimedLink.Addition(
                deviceID: $0.text(), prefix: $0.prefix(),
                followed: $0.optional { try $0.parsed("a list of prefixes") { ListText.entries($0) { IPPrefix($0) } } })
            additions[link, default: []].append(addition)
            return true
        }
        return try connection.all(
            """
            SELECT id, first_device, second_device, name, granted_by, asked_by, reason, granted_at, set_at, ends_at FROM timed_links
            WHERE \(condition) ORDER BY ends_at, id
            """, values
        ) {
            let id = try $0.text()
            return try TimedLink(
                id: id, first: $0.text(), second: $0.text(), name: $0.text(), grantedBy: $0.text(), askedBy: $0.optional { try $0.text() },
                reason: $0.text(), grantedAt: $0.time(), setAt: $0.time(), endsAt: $0.time(), additions: additions[id] ?? [])
        }
    }
}

/// When a timed link ends.
struct TimedLinkEnd: Hashable {
    let id: String
    let setAt: UnixTime
    let endsAt: UnixTime
}

extension ChangeTransaction {
    /// Writes a new timed link with what it added.
    func insert(_ link: TimedLink) throws {
        try connection.execute(
            """
            INSERT INTO timed_links (id, first_device, second_device, name, granted_by, asked_by, reason, granted_at, set_at, ends_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(link.id), .text(link.first), .text(link.second), .text(link.name), .text(link.grantedBy), .optional(text: link.askedBy),
                .text(link.reason), .time(link.grantedAt), .time(link.setAt), .time(link.endsAt),
            ])
        for addition in link.additions {
            try connection.execute(
                "INSERT INTO timed_link_prefixes (link_id, device_id, prefix, followed) VALUES (?, ?, ?, ?)",
                [
                    .text(link.id), .text(addition.deviceID), .text(addition.prefix.description),
                    .optional(text: addition.followed.map(ListText.text)),
                ])
        }
    }

    /// Notes that timed links no longer own these prefixes in the list of a device: they left the list, or are to stay in it for good. Records
    /// `action` for each link that owns nothing any more.
    func release(_ prefixes: some Sequence<IPPrefix>, ofDevice id: String, as action: String) throws {
        var touched: Set<String> = []
        for prefix in prefixes {
            let key: [SQLValue] = [.text(id), .text(prefix.description)]
            let condition = "device_id = ? AND prefix = ? AND released IS NULL"
            touched.formUnion(try connection.all("SELECT link_id FROM timed_link_prefixes WHERE \(condition)", key) { try $0.text() })
            try connection.execute("UPDATE timed_link_prefixes SET released = ? WHERE \(condition)", [.integer(generation)] + key)
        }
        for link in try touched.sorted().map({ try timedLink($0) }) where !link.isRunning { try note(action, link) }
    }

    /// Releases everything that a timed link owns, and records its end.
    func release(_ link: TimedLink) throws {
        try connection.execute(
            "UPDATE timed_link_prefixes SET released = ? WHERE link_id = ? AND released IS NULL", [.integer(generation), .text(link.id)])
        try note(TimedLinkAction.end, link)
    }

    /// Call this after the list of a device has changed. Timed links lose the prefixes that are no longer in it.
    func releaseWhatLeft(_ list: Setting<[IPPrefix]>, ofDevice id: String) throws {
        let owned = try connection.all(
            "SELECT DISTINCT prefix FROM timed_link_prefixes WHERE device_id = ? AND released IS NULL ORDER BY prefix", [.text(id)]
        ) { try $0.prefix() }
        guard !owned.isEmpty else { return }
        let present = Set(list.own ?? [])
        try release(owned.filter { !present.contains($0) }, ofDevice: id, as: TimedLinkAction.end)
    }

    /// Gives back what a change released, because it is undone. `entries` are those of the change. Throws `.irreversible` if a link that ended with it would have no end any more.
    func takeBack(releasedBy number: Int64, _ entries: [AuditEntry]) throws {
        for entry in entries where [TimedLinkAction.end, TimedLinkAction.keep].contains(entry.action) {
            let id = String(entry.target.drop { $0 != "/" }.dropFirst())
            let link = try timedLinkIfKept(id)
            guard let link, link.endsAt > now else {
                throw StoreError.irreversible("It ended a timed link, and the time of that link is over. Link the two devices again instead.")
            }
            try note(TimedLinkAction.resume, link)
        }
        try connection.execute("UPDATE timed_link_prefixes SET released = NULL WHERE released = ?", [.integer(number)])
    }

    private func timedLinkIfKept(_ id: String) throws -> TimedLink? {
        do { return try timedLink(id) } catch StoreError.notFound { return nil }
    }

    /// Records that something happened to a timed link.
    func note(_ action: String, _ link: TimedLink) throws {
        try noteChange(action, target: link.auditTarget) {
            let details: AuditDetails = [
                "name": link.name, "ends_at": "\(link.endsAt.seconds)", "asked_by": link.askedBy, "reason": link.reason.isEmpty ? nil : link.reason,
            ]
            return (before: [:], after: details)
        }
    }
}

/// The actions of the audit log that belong to changes of timed links.
enum TimedLinkAction {
    static let grant = "timed_link.grant"
    static let end = "timed_link.end"
    /// It became a link without an end.
    static let keep = "timed_link.keep"
    /// Its early end was undone.
    static let resume = "timed_link.resume"
}

extension TimedLink {
    var auditTarget: String { "timed_link/\(id)" }
}
