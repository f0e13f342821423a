// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net

extension ReadTransaction {
    /// The defaults as they are now.
    public func defaults() throws -> Defaults {
        let row = try connection.first(
            """
            SELECT allowed_ips, dns, endpoint, persistent_keepalive, mtu, revision, allowed_ips_revision, dns_revision, endpoint_revision,
                persistent_keepalive_revision, mtu_revision
            FROM defaults WHERE one = 1
            """
        ) {
            try Defaults(
                settings: Settings(
                    allowedIPs: $0.allowedIPs(), dns: $0.dns(), endpoint: $0.endpoint(), persistentKeepalive: $0.persistentKeepalive(),
                    mtu: $0.mtu()),
                revision: $0.integer(), fieldRevisions: $0.settingRevisions())
        }
        guard let row else { throw StoreError.schema("The row of defaults is missing. Restore the database from a backup.") }
        return row
    }
}

extension ChangeTransaction {
    /// Replaces the defaults by an edited copy of what `defaults()` gave. Throws `.invalid` with the fields that break a rule, `.stale`
    /// when they were changed meanwhile. Equal settings change nothing.
    public func update(_ edited: Defaults) throws {
        let current = try defaults()
        guard edited.revision == current.revision else { throw StoreError.stale(expected: edited.revision, current: current.revision) }
        let old = current.settings
        let new = edited.settings
        guard old != new else { return }
        try require(SettingsRules.errors(in: new))
        try connection.execute(
            """
            UPDATE defaults SET allowed_ips = ?, dns = ?, endpoint = ?, persistent_keepalive = ?, mtu = ?, revision = ?,
                allowed_ips_revision = ?, dns_revision = ?, endpoint_revision = ?, persistent_keepalive_revision = ?, mtu_revision = ?
            WHERE one = 1
            """,
            [
                .text(SettingText.list(new.allowedIPs)), .text(SettingText.list(new.dns)), .text(SettingText.endpoint(new.endpoint)),
                .integer(Int64(new.persistentKeepalive)), .integer(Int64(new.mtu ?? 0)), .integer(generation),
            ] + current.fieldRevisions.changed(from: old, to: new, in: generation).sqlValues)
        let (before, after) = (Overrides(owning: old).auditDetails, Overrides(owning: new).auditDetails)
        try noteChange(
            "defaults.update", target: "defaults", before: before.differing(from: after), after: after.differing(from: before))
    }
}
