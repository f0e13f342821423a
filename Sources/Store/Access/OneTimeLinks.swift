// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Links that hand out one device's file once.
public enum OneTimeLink {
    /// Seconds that a link is valid at most: a quarter of an hour.
    public static let maximumLifetime: Int64 = 15 * 60
}

extension ReadTransaction {
    /// The device whose file a link hands out; nil when the link is unknown, used or expired. Asking does not use it up: mail scanners ask.
    public func device(ofLink token: SecretToken, at now: UnixTime) throws -> Device? {
        let id = try connection.first(
            "SELECT device_id FROM one_time_links WHERE token_hash = ? AND expires_at > ?", [token.hash, .time(now)]
        ) { try $0.text() }
        return try id.map { try device($0) }
    }
}

extension WriteTransaction {
    /// Makes a link for one device, valid for `seconds` but no longer than `OneTimeLink.maximumLifetime`. Throws `.notFound`.
    public func makeLink(
        toDevice id: String, validFor seconds: Int64 = OneTimeLink.maximumLifetime, by author: Author, at now: UnixTime
    ) throws -> SecretToken {
        let device = try device(id)
        let token = SecretToken.generate(.link)
        let expiresAt = now.adding(seconds: min(seconds, OneTimeLink.maximumLifetime))
        try connection.execute("DELETE FROM one_time_links WHERE expires_at <= ?", [.time(now)])
        try connection.execute(
            "INSERT INTO one_time_links (token_hash, device_id, created_by, expires_at) VALUES (?, ?, ?, ?)",
            [token.hash, .text(id), .text(author.name), .time(expiresAt)])
        try record("link.make", target: "device/\(device.id)", after: ["expires_at": "\(expiresAt.seconds)"], by: author, at: now)
        return token
    }

    /// Uses a link up and gives its device. Throws `.tokenRefused` when it is unknown, used or expired.
    public func useLink(_ token: SecretToken, from address: String?, at now: UnixTime) throws -> Device {
        guard let device = try device(ofLink: token, at: now) else { throw StoreError.tokenRefused }
        try connection.execute("DELETE FROM one_time_links WHERE token_hash = ?", [token.hash])
        try record("link.use", target: "device/\(device.id)", by: Author(name: "link", address: address), at: now)
        return device
    }
}
