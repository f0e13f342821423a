// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet

/// The settings that devices override, from the table `device_settings`.
struct SettingRows {
    /// The settings of one device.
    struct Own {
        var overrides = Overrides()
        /// The revisions of the settings that have a row.
        var revisions: [(name: SettingName, revision: Int64)] = []
    }

    private var devices: [String: Own] = [:]

    /// The settings of a device. A device without a row follows the defaults.
    subscript(id: String) -> Own { devices[id] ?? Own() }

    /// Reads the rows that match the SQL in `filter`, or all rows if it is empty.
    init(_ connection: Connection, _ filter: String, _ values: [SQLValue]) throws {
        // Many devices have the same value, so the last parsed value of each setting is reused.
        var known = [(text: String, own: Overrides)?](repeating: nil, count: SettingName.allCases.count)
        // Rows are sorted by device, so that each device is stored once and not once per row.
        var (current, own) = ("", Own())
        try connection.forEach("SELECT device_id, key, value, revision FROM device_settings \(filter) ORDER BY device_id, key", values) {
            let id = try $0.text()
            if id != current {
                if !current.isEmpty { devices[current] = own }
                (current, own) = (id, Own())
            }
            // Ignores settings of a newer version.
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
    /// Writes a row for each setting that differs from `old`. Null means the default.
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
    /// The settings as shown in the audit log. Null means the default.
    var auditDetails: AuditDetails { AuditDetails(SettingName.allCases.map { ($0.rawValue, $0.text(in: self)) }) }
}
