// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet

/// What devices set of their own, from the rows of `device_settings`.
struct SettingRows {
    /// Of one device.
    struct Own {
        var overrides = Overrides()
        /// Of the settings that have a row.
        var revisions: [(name: SettingName, revision: Int64)] = []
    }

    private var devices: [String: Own] = [:]

    /// Nothing for a device without a row: it follows the defaults.
    subscript(id: String) -> Own { devices[id] ?? Own() }

    /// The rows that `filter` leaves, with its values; all where it is empty.
    init(_ connection: Connection, _ filter: String, _ values: [SQLValue]) throws {
        // Many devices have the same value: what was read last of each setting need not be read again.
        var known = [(text: String, own: Overrides)?](repeating: nil, count: SettingName.allCases.count)
        // In the order of the devices, so that each is looked up once and not for each of its rows.
        var (current, own) = ("", Own())
        try connection.forEach("SELECT device_id, key, value, revision FROM device_settings \(filter) ORDER BY device_id, key", values) {
            let id = try $0.text()
            if id != current {
                if !current.isEmpty { devices[current] = own }
                (current, own) = (id, Own())
            }
            // A setting of a newer program is none of ours.
            guard let name = SettingName(rawValue: try $0.text()) else { return true }
            if let text = try $0.optional({ try $0.text() }) {
                if let last = known[name.place], last.text == text {
                    name.copy(last.own, into: &own.overrides)
                } else if let problem = name.read(text, into: &own.overrides) {
                    throw StoreError.schema("device_settings holds an invalid value. \(problem.message) Restore the database from a backup.")
                } else {
                    known[name.place] = (text, own.overrides)
                }
            }
            own.revisions.append((name, try $0.integer()))
            return true
        }
        if !current.isEmpty { devices[current] = own }
    }
}

extension ChangeTransaction {
    /// Writes a row for each setting that is not as in `old`. Null is the default.
    func write(_ overrides: Overrides, replacing old: Overrides, _ revisions: SettingRevisions, ofDevice id: String) throws {
        for name in SettingName.allCases where name.differs(overrides, old) {
            try connection.execute(
                """
                INSERT INTO device_settings (device_id, key, value, revision) VALUES (?, ?, ?, ?)
                ON CONFLICT (device_id, key) DO UPDATE SET value = excluded.value, revision = excluded.revision
                """,
                [.text(id), .text(name.rawValue), .optional(text: name.text(in: overrides)), .integer(revisions[name])])
        }
    }
}

extension Overrides {
    /// As the audit log shows them; null is the default.
    var auditDetails: AuditDetails { AuditDetails(SettingName.allCases.map { ($0.rawValue, $0.text(in: self)) }) }
}
