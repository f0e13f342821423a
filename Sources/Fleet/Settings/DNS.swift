// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

extension Settings {
    /// The `DNS` line: DNS servers and search domains.
    enum DNS: SettingKind {
        static let key = "dns"
        static let label: Phrase = "DNS"
        static let value: SettingPath<Settings, [DNSEntry]> = \.dns
        static let own: SettingPath<Overrides, Setting<[DNSEntry]>> = \.dns
        static let isEnforced = false
        static let fileLine: FileLine? = FileLine(.interface, "DNS")

        static func read(_ text: String) -> Entry.Reading<[DNSEntry]> {
            Entry.all(Entry.list(text)) { entry in
                if let server = DNSEntry(entry) { return .success(server) }
                return .failure(
                    Entry.Refusal(message: "\(entry) is neither an address nor a name. Write servers and search domains, separated by commas."))
            }
        }

        static func shown(_ value: [DNSEntry]) -> Phrase { value.isEmpty ? "left out" : Phrase(verbatim: text(value)) }

        static func problem(with value: [DNSEntry]) -> Phrase? {
            value.count > maximumEntries ? "There are \(value.count) entries. Give at most \(maximumEntries)." : nil
        }
    }
}

/// One entry of the `DNS` line, as in wg-quick(8): the address of a server or a search domain.
public enum DNSEntry: Hashable, Sendable, LosslessStringConvertible {
    case server(IPAddress)
    case searchDomain(String)

    /// Nil if `text` is neither an address nor a host name (RFC 1123 2.1).
    public init?(_ text: String) {
        if let address = IPAddress(text) {
            self = .server(address)
        } else if let name = HostPort(text), name.port == nil, name.host == text {
            self = .searchDomain(text)
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .server(let address): address.description
        case .searchDomain(let name): name
        }
    }
}

extension SettingName {
    /// See `Settings.DNS`.
    public static let dns = SettingName(Settings.DNS.self)
}
