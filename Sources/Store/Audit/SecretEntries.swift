// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net

/// Entries about secrets that left the hub. Reading a device's file again and again adds few of them.
extension WriteTransaction {
    /// For this many seconds, one entry is enough for one author and one device.
    static let handOutInterval: Int64 = 3600

    /// Records that `author` got the device's file, unless the log says so already: with an entry of the last hour that is newer than the
    /// device's keys.
    public func recordHandOut(ofDevice id: String, by author: Author, at now: UnixTime) throws {
        let isKnown = try connection.exists(
            """
            SELECT 1 FROM audit_log WHERE target = ?1 AND action = 'device.fetch_config' AND author = ?2 AND at > ?3 AND at <= ?4
                AND number > (SELECT coalesce(max(number), 0) FROM audit_log
                    WHERE target = ?1 AND action IN ('device.replace_key', 'device.set_preshared_key'))
            """,
            [.text("device/\(id)"), .text(author.name), .time(now.adding(seconds: -Self.handOutInterval)), .time(now)])
        guard !isKnown else { return }
        try record("device.fetch_config", target: "device/\(id)", by: author, at: now)
    }

    /// Records that `author` got the files of this many devices at once.
    public func recordExport(ofDevices count: Int, by author: Author, at now: UnixTime) throws {
        try record("device.export", target: "devices", after: ["devices": "\(count)"], by: author, at: now)
    }
}
