// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

extension Settings {
    /// The networks and single addresses that a device may reach through the hub.
    enum AllowedIPs: SettingKind {
        static let key = "allowed_ips"
        static let label: Phrase = "Allowed IPs"
        static let value: SettingPath<Settings, [IPPrefix]> = \.allowedIPs
        static let own: SettingPath<Overrides, Setting<[IPPrefix]>> = \.allowedIPs
        static let isEnforced = true
        static let fileLine: FileLine? = FileLine(.peer, "AllowedIPs")

        static func read(_ text: String) -> Entry.Reading<[IPPrefix]> { Entry.prefixes(text) }

        static func shown(_ value: [IPPrefix]) -> Phrase {
            value.isEmpty ? "none: it reaches nothing" : Phrase(verbatim: text(value))
        }

        static func problem(with value: [IPPrefix]) -> Phrase? {
            value.count > maximumEntries ? "There are \(value.count) prefixes. Give at most \(maximumEntries)." : nil
        }
    }
}

extension SettingName {
    /// See `Settings.AllowedIPs`.
    public static let allowedIPs = SettingName(Settings.AllowedIPs.self)
}
