// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

extension Settings {
    /// The maximum size of a packet in the tunnel, in bytes.
    enum MTU: SettingKind {
        static let key = "mtu"
        static let label: Phrase = "MTU"
        static let value: SettingPath<Settings, Int?> = \.mtu
        static let own: SettingPath<Overrides, Setting<Int?>> = \.mtu
        static let isEnforced = true
        static let fileLine: FileLine? = FileLine(.interface, "MTU")
        static let jsonForm = JSONForm.number
        static let jsonOff: JSON? = .integer(0)

        /// Bytes. IPv4 requires 576 (RFC 791); an Ethernet frame carries 1500.
        static let range = 576...1500

        static func read(_ text: String) -> Entry.Reading<Int?> {
            if text.isEmpty { return .success(nil) }
            if let bytes = Entry.number(text) { return .success(bytes) }
            return .failure(Entry.Refusal(message: "\(text) is not a number of bytes. Give 576 to 1500, or nothing to leave it out."))
        }

        static func text(_ value: Int?) -> String { value.map { String($0) } ?? "" }
        static func shown(_ value: Int?) -> Phrase { value == nil ? "left out" : Phrase(verbatim: text(value)) }

        static func problem(with value: Int?) -> Phrase? {
            guard let value, !range.contains(value) else { return nil }
            return "An MTU of \(value) does not work. Give \(range.lowerBound) to \(range.upperBound), or nothing to leave it out."
        }

        static func json(_ value: Int?) -> JSON { value.map { .integer(Int64($0)) } ?? .null }
    }
}

extension SettingName {
    /// See `Settings.MTU`.
    public static let mtu = SettingName(Settings.MTU.self)
}
