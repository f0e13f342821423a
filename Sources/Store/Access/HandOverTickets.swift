// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net

/// A link that returns a device's file once, as shown in lists. Contains no secrets.
public struct HandOverTicket: Hashable, Sendable, Identifiable {
    /// The maximum lifetime of a link in seconds: 7 days.
    public static let maximumLifetime: Int64 = 7 * 86_400

    /// Identifies the link in lists and for revocation. Grants no access.
    public let id: String
    /// The device whose file the link returns.
    public let deviceID: String
    /// Who created the link.
    public let createdBy: String
    /// The creation time.
    public let createdAt: UnixTime
    /// The time from which the link is no longer valid.
    public let expiresAt: UnixTime
}

extension ReadTransaction {
    /// The link for a token and the link's device. Nil if the link is unknown, used, revoked or expired. Does not use up the link, because
    /// mail scanners open links.
    public func device(ofLink token: SecretToken, at now: UnixTime) throws -> (device: Device, link: HandOverTicket)? {
        let link = try connection.first("\(selectLink) WHERE token_hash = ? AND \(isAlive)", [token.hash] + now.linkBounds) { try $0.link() }
        return try link.map { (try device($0.deviceID), $0) }
    }

    /// The valid links for a device, newest first.
    public func links(toDevice id: String, at now: UnixTime) throws -> [HandOverTicket] {
        try connection.all("\(selectLink) WHERE device_id = ? AND \(isAlive) ORDER BY created_at DESC, id", [.text(id)] + now.linkBounds) {
            try $0.link()
        }
    }

    /// True if `removeExpiredLinks` would remove any.
    public func hasExpiredLinks(at now: UnixTime) throws -> Bool {
        try connection.exists("SELECT 1 FROM one_time_links WHERE NOT (\(isAlive))", now.linkBounds)
    }
}

extension WriteTransaction {
    /// Creates a link for one device. It is valid for `seconds`, up to `HandOverTicket.maximumLifetime`. If the hub does not store the
    /// device's private key, `privateKey` is stored encrypted with the link. Throws `.notFound` if the device does not exist.
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

    /// Uses up a link. Returns its device and the private key stored with the link. Throws `.tokenRefused` if the link is unknown, used,
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
        // If the device got a new key after the link was created, returns the new file and not the old key.
        return (device, link, key?.publicKey == device.publicKey ? key : nil)
    }

    /// Revokes a link to a device. Throws `.notFound` if there is no valid link with this id.
    public func revokeLink(_ id: String, toDevice deviceID: String, by author: Author, at now: UnixTime) throws {
        let changed = try connection.execute("DELETE FROM one_time_links WHERE id = ? AND device_id = ?", [.text(id), .text(deviceID)])
        guard changed == 1 else { throw StoreError.notFound(kind: "link", id: id) }
        try record("link.revoke", target: "device/\(deviceID)", by: author, at: now)
    }

    /// Revokes all links that somebody made, by the name that the audit log gives them.
    func revokeLinks(madeBy name: String, by author: Author, at now: UnixTime) throws {
        let links = try connection.all("\(selectLink) WHERE created_by = ? ORDER BY created_at, id", [.text(name)]) { try $0.link() }
        for link in links { try revokeLink(link.id, toDevice: link.deviceID, by: author, at: now) }
    }

    /// Deletes links that are no longer valid, with their private keys.
    public func removeExpiredLinks(at now: UnixTime) throws {
        try connection.execute("DELETE FROM one_time_links WHERE NOT (\(isAlive))", now.linkBounds)
    }
}

private let isAlive = "expires_at > ? AND created_at <= ?"

extension UnixTime {
    /// The values for the two placeholders of `isAlive`.
    fileprivate var linkBounds: [SQLValue] { [.time(self), .time(latestEnd(ofLifetime: 0))] }
}

private let selectLink = "SELECT id, device_id, created_by, created_at, expires_at FROM one_time_links"

extension HandOverTicket {
    /// The place that the encrypted private key is bound to.
    fileprivate var keyPlace: String { "one_time_links/\(id)/private_key" }
}

extension Row {
    fileprivate mutating func link() throws -> HandOverTicket {
        try HandOverTicket(id: text(), deviceID: text(), createdBy: text(), createdAt: time(), expiresAt: time())
    }
}
