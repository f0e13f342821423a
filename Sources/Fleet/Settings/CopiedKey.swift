// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

extension Settings {
    /// What the hub does when two machines use the key of a device.
    enum CopiedKey: SettingKind {
        static let key = "copied_key"
        static let label: Phrase = "Copied key"
        static let value: SettingPath<Settings, CopiedKeyPolicy> = \.copiedKey
        static let own: SettingPath<Overrides, Setting<CopiedKeyPolicy>> = \.copiedKey
        static let isEnforced = true
        static let fileLine: FileLine? = nil
        static let jsonForm = JSONForm.text

        static func read(_ text: String) -> Entry.Reading<CopiedKeyPolicy> {
            if text.isEmpty { return .success(.tell) }
            if let policy = CopiedKeyPolicy(rawValue: text) { return .success(policy) }
            return .failure(
                Entry.Refusal(
                    message:
                        "\(text) is not valid here. Give tell to report it, keep to serve only the first network, or suspend to disable the device."))
        }

        static func text(_ value: CopiedKeyPolicy) -> String { value.rawValue }

        static func shown(_ value: CopiedKeyPolicy) -> Phrase {
            switch value {
            case .tell: "tell: the hub reports it and serves both in turn"
            case .keep: "keep: the hub serves only the first network"
            case .suspend: "suspend: the hub disables the device"
            }
        }

        static func json(_ value: CopiedKeyPolicy) -> JSON { .string(value.rawValue) }
    }
}

/// What the hub does when two machines use one key.
public enum CopiedKeyPolicy: String, Sendable {
    /// Says so, and serves both in turn.
    case tell
    /// Answers only the network from which the device came first, and refuses handshakes from others while the two contend.
    case keep
    /// Disables the device, as a change that can be undone.
    case suspend
}

extension SettingName {
    /// See `Settings.CopiedKey`.
    public static let copiedKey = SettingName(Settings.CopiedKey.self)
}
