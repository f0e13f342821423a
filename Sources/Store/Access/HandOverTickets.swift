// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net

/// A link that hands out one device's file once, as lists show it. Holds no secret.
public struct HandOverTicket: Hashable, Sendable, Identifiable {
    /// Seconds that a link is valid at most: a quarter of an hour.
    public static let maximumLifetime: Int64 = 15 * 60

    /// Names the link in lists and for revoking it; opens nothing.
    public let id: String
    /// Whose file it hands out.
    public let deviceID: String
    /// Who made it.
    public let createdBy: String
    /// When it was made.
    public let createdAt: UnixTime
    /// From then on it opens nothing.
    public let expiresAt: UnixTime
}

extension ReadTransaction {
    /// The device whose file a link hands out, and the link; nil when it is unknown, used, revoked or expired. Asking does not use it up:
    /// mail scanners ask.
    public func device(ofLink token: SecretToken, at now: UnixTime) throws -> (device: Device, link: HandOverTicket)? {
        let link = try connection.first("\(selectLink) WHERE token_hash = ? AND \(isAlive)", [token.hash] + now.linkBounds) { try $0.link() }
        return try link.map { (try device($0.deviceID), $0) }
    }

    /// The links to a device that would still open, the newest first.
    public func links(toDevice id: String, at now: UnixTime) throws -> [HandOverTicket] {
        try connection.all("\(selectLink) WHERE device_id = ? AND \(isAlive) ORDER BY created_at DESC, id", [.text(id)] + now.linkBounds) {
            try $0.link()
        }
    }

    /// True when `removeExpiredLinks` has something to do.
    public func hasExpiredLinks(at now: UnixTime) throws -> Bool {
        try connection.exists("SELECT 1 FROM one_time_links WHERE NOT (\(isAlive))", now.linkBounds)
    }
}

extension WriteTransaction {
    /// Makes a link for one device, valid for `seconds` but no longer than `HandOverTicket.maximumLifetime`. `privateKey` goes with it, sealed,
    /// where the hub does not keep the device's own. Throws `.notFound`.
    public func makeLink(
        toDevice id: String, privateKey: PrivateKey? = nil, validFor seconds: Int64 = HandOverTicket.maximumLifetime, by author: Author,
        at now: UnixTime
    ) throws -> (token: SecretToken, link: HandOverTicket) {
        let device = try device(id)
        let token = SecretToken.generate(.link)
        let link = HandOverTicket(
            id: Identifier.random(), deviceID: id, createdBy: author.name, createdAt: now,
            expiresAt: now.adding(seconds: min(max(1, seconds), HandOverTicket.maximumLifetime)))
        try removeExpiredLinks(at: now)
        let sealed = try privateKey.map { try secrets.seal(Array($0.bytes), for: link.keyPlace, connection) }
        try connection.execute(
            """
            INSERT INTO one_time_links (id, token_hash, device_id, private_key, created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(link.id), token.hash, .text(id), .optional(blob: sealed), .text(author.name), .time(now), .time(link.expiresAt),
            ])
        try record("link.make", target: "device/\(device.id)", after: ["expires_at": "\(link.expiresAt.seconds)"], by: author, at: now)
        return (token, link)
    }

    /// Uses a link up and gives its device, with the private key that came with the link. Throws `.tokenRefused` when it is unknown, used,
    /// revoked or expired.
    public func useLink(
        _ token: SecretToken, from address: String?, at now: UnixTime
    ) throws -> (device: Device, link: HandOverTicket, privateKey: PrivateKey?) {
        guard let (device, link) = try device(ofLink: token, at: now) else { throw StoreError.tokenRefused }
        let sealed = try connection.first("SELECT private_key FROM one_time_links WHERE id = ?", [.text(link.id)]) {
            try $0.optional { try $0.blob() }
        }
        let key = try sealed.flatMap { $0 }.flatMap { PrivateKey(try secrets.openStored($0, link.keyPlace)) }
        try connection.execute("DELETE FROM one_time_links WHERE id = ?", [.text(link.id)])
        try record(
            "link.use", target: "device/\(device.id)", after: ["made_by": link.createdBy], by: Author(name: "link", address: address), at: now)
        // A link made before a new key came hands the new file out, not the old key.
        return (device, link, key?.publicKey == device.publicKey ? key : nil)
    }

    /// Ends a link to a device. Throws `.notFound` when there is none, or none any more.
    public func revokeLink(_ id: String, toDevice deviceID: String, by author: Author, at now: UnixTime) throws {
        let changed = try connection.execute("DELETE FROM one_time_links WHERE id = ? AND device_id = ?", [.text(id), .text(deviceID)])
        guard changed == 1 else { throw StoreError.notFound(kind: "link", id: id) }
        try record("link.revoke", target: "device/\(deviceID)", by: author, at: now)
    }

    /// Takes links that open nothing any more out of the database, with the keys that some of them carry.
    public func removeExpiredLinks(at now: UnixTime) throws {
        try connection.execute("DELETE FROM one_time_links WHERE NOT (\(isAlive))", now.linkBounds)
    }
}

private let isAlive = "expires_at > ? AND expires_at <= ?"

extension UnixTime {
    /// The two placeholders of `isAlive`.
    fileprivate var linkBounds: [SQLValue] { [.time(self), .time(latestEnd(ofLifetime: HandOverTicket.maximumLifetime))] }
}

private let selectLink = "SELECT id, device_id, created_by, created_at, expires_at FROM one_time_links"

extension HandOverTicket {
    /// What the private key is sealed for.
    fileprivate var keyPlace: String { "one_time_links/\(id)/private_key" }
}

extension Row {
    fileprivate mutating func link() throws -> HandOverTicket {
        try HandOverTicket(id: text(), deviceID: text(), createdBy: text(), createdAt: time(), expiresAt: time())
    }
}
