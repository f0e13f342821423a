// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

extension Settings {
    /// The host and port that a device connects to.
    public enum Endpoint: SettingKind {
        static let key = "endpoint"
        static let label: Phrase = "Endpoint"
        static let value: SettingPath<Settings, HostPort?> = \.endpoint
        static let own: SettingPath<Overrides, Setting<HostPort?>> = \.endpoint
        static let isEnforced = false
        static let fileLine: FileLine? = FileLine(.peer, "Endpoint")
        static let jsonForm = JSONForm.text
        static let jsonOff: JSON? = .string("")

        /// Parses an endpoint. An empty text gives nil.
        public static func read(_ text: String) -> Entry.Reading<HostPort?> {
            if text.isEmpty { return .success(nil) }
            if let endpoint = HostPort(text) { return .success(endpoint) }
            return .failure(
                Entry.Refusal(
                    message:
                        "\(text) is not an endpoint. Write a name or an address and a port, such as hub.example.org:51820 or [2001:db8::1]:51820."))
        }

        static func text(_ value: HostPort?) -> String { value?.description ?? "" }

        static func shown(_ value: HostPort?) -> Phrase {
            value.map { Phrase(verbatim: $0.description) } ?? "none: it cannot connect to the hub"
        }

        static func fileValue(_ value: HostPort?, for place: FilePlace) -> String? {
            value.map { HostPort(host: $0.host, port: $0.port ?? place.hubPort).description }
        }

        static func json(_ value: HostPort?) -> JSON { value.map { .string($0.description) } ?? .null }
    }
}

extension SettingName {
    /// See `Settings.Endpoint`.
    public static let endpoint = SettingName(Settings.Endpoint.self)
}
