// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net

extension ReadTransaction {
    /// The current defaults.
    public func defaults() throws -> Defaults {
        if let defaults = known.defaults { return defaults }
        let row = try connection.first("SELECT revision, confirmed_endpoint FROM defaults WHERE one = 1") {
            (revision: try $0.integer(), confirmed: try $0.optional { try $0.text() })
        }
        guard let row else { throw StoreError.schema("The row of defaults is missing. Restore the database from a backup.") }
        // A setting that was never set has no row.
        var (settings, revisions) = (Settings(), SettingRevisions(all: 0))
        try connection.forEach("SELECT key, value, revision FROM default_settings") {
            guard let name = SettingName(rawValue: try $0.text()) else { return true }
            if let problem = name.read(try $0.text(), into: &settings) {
                throw StoreError.schema("default_settings holds an invalid value. \(problem.message) Restore the database from a backup.")
            }
            revisions[name] = try $0.integer()
            return true
        }
        let defaults = Defaults(
            settings: settings, revision: row.revision, fieldRevisions: revisions, confirmedEndpoint: row.confirmed.flatMap { HostPort($0) })
        known.defaults = defaults
        return defaults
    }
}

extension ChangeTransaction {
    /// Writes an edited copy of the result of `defaults()`. Throws `.invalid` with the fields that break a rule, and `.stale` if the
    /// defaults have been changed since. Equal settings change nothing.
    public func update(_ edited: Defaults) throws {
        let current = try defaults()
        guard edited.revision == current.revision else { throw StoreError.stale(expected: edited.revision, current: current.revision) }
        let old = current.settings
        let new = edited.settings
        guard old != new else { return }
        try require(new.errors)
        try connection.execute("UPDATE defaults SET revision = ? WHERE one = 1", [.integer(generation)])
        for name in SettingName.allCases where name.differs(old, new) {
            try connection.execute(
                """
                INSERT INTO default_settings (key, value, revision) VALUES (?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision
                """,
                [.text(name.rawValue), .text(name.text(in: new)), .integer(generation)])
        }
        known.defaults = nil
        try noteChange("defaults.update", target: "defaults") {
            AuditDetails.differences(Overrides(owning: old).auditDetails, Overrides(owning: new).auditDetails)
        }
    }
}
