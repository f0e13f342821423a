// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

extension Settings {
    /// Whether wg-quick adds routes for the allowed IPs.
    enum Table: SettingKind {
        static let key = "table"
        static let label: Phrase = "Routing table"
        static let value: SettingPath<Settings, RoutingTable> = \.table
        static let own: SettingPath<Overrides, Setting<RoutingTable>> = \.table
        static let isEnforced = false
        static let fileLine: FileLine? = FileLine(.interface, "Table")
        static let jsonForm = JSONForm.text

        static func read(_ text: String) -> Entry.Reading<RoutingTable> {
            if text.isEmpty { return .success(.auto) }
            if let table = RoutingTable(rawValue: text) { return .success(table) }
            return .failure(
                Entry.Refusal(message: "\(text) is neither auto nor off. Give auto to let wg-quick make the routes, off to make them yourself."))
        }

        static func text(_ value: RoutingTable) -> String { value.rawValue }

        static func shown(_ value: RoutingTable) -> Phrase {
            switch value {
            case .auto: "auto: wg-quick makes the routes"
            case .off: "off: the device makes its own routes"
            }
        }

        /// Auto is wg-quick's behaviour without the line.
        static func fileValue(_ value: RoutingTable, for place: FilePlace) -> String? { value == .auto ? nil : value.rawValue }
        static func json(_ value: RoutingTable) -> JSON { .string(value.rawValue) }
    }
}

/// The value of the `Table` line in wg-quick(8).
public enum RoutingTable: String, Sendable {
    case auto, off
}

extension SettingName {
    /// See `Settings.Table`.
    public static let table = SettingName(Settings.Table.self)
}
