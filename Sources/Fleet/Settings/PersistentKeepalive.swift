// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

extension Settings {
    /// Seconds between the empty packets that keep a NAT mapping open; 0 means off.
    enum PersistentKeepalive: SettingKind {
        static let key = "persistent_keepalive"
        static let label: Phrase = "Keepalive"
        static let value: SettingPath<Settings, UInt16> = \.persistentKeepalive
        static let own: SettingPath<Overrides, Setting<UInt16>> = \.persistentKeepalive
        static let isEnforced = true
        static let fileLine: FileLine? = FileLine(.peer, "PersistentKeepalive")
        static let jsonForm = JSONForm.number

        static func read(_ text: String) -> Entry.Reading<UInt16> {
            if text.isEmpty { return .success(0) }
            if let seconds = Entry.number(text), let value = UInt16(exactly: seconds) { return .success(value) }
            return .failure(
                Entry.Refusal(message: "\(text) is not a number of seconds from 0 to 65535. 25 suits nearly every NAT; 0 is off."))
        }

        static func text(_ value: UInt16) -> String { String(value) }
        static func shown(_ value: UInt16) -> Phrase { value == 0 ? "off" : "\(text(value)) s" }
        static func fileValue(_ value: UInt16, for place: FilePlace) -> String? { value > 0 ? text(value) : nil }
        static func json(_ value: UInt16) -> JSON { .integer(Int64(value)) }
    }
}

extension SettingName {
    /// See `Settings.PersistentKeepalive`.
    public static let persistentKeepalive = SettingName(Settings.PersistentKeepalive.self)
}
