// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store

/// The five settings as text, by their names in forms and in the API (Documentation/contract.md section 3).
enum SettingName: String, CaseIterable, Sendable {
    case allowedIPs = "allowed_ips"
    case persistentKeepalive = "persistent_keepalive"
    case endpoint
    case dns
    case mtu

    var label: Phrase {
        switch self {
        case .allowedIPs: "Allowed IPs"
        case .persistentKeepalive: "Keepalive"
        case .endpoint: "Endpoint"
        case .dns: "DNS"
        case .mtu: "MTU"
        }
    }

    /// As it stands in a field.
    func text(in settings: Settings) -> String {
        switch self {
        case .allowedIPs: settings.allowedIPs.map(\.description).joined(separator: ", ")
        case .persistentKeepalive: String(settings.persistentKeepalive)
        case .endpoint: settings.endpoint?.description ?? ""
        case .dns: settings.dns.map(\.description).joined(separator: ", ")
        case .mtu: settings.mtu.map { String($0) } ?? ""
        }
    }

    /// As it stands on a page, where an empty value says what that means.
    func shown(in settings: Settings) -> Phrase {
        let text = text(in: settings)
        return switch self {
        case .allowedIPs where text.isEmpty: "none: it reaches nothing"
        case .persistentKeepalive: settings.persistentKeepalive == 0 ? "off" : "\(text) s"
        case .endpoint where text.isEmpty: "none: it cannot dial the hub"
        case .dns where text.isEmpty, .mtu where text.isEmpty: "left out"
        default: Phrase(verbatim: text)
        }
    }

    /// Gives up the device's own value.
    func inherit(in overrides: inout Overrides) {
        switch self {
        case .allowedIPs: overrides.allowedIPs = .inherit
        case .persistentKeepalive: overrides.persistentKeepalive = .inherit
        case .endpoint: overrides.endpoint = .inherit
        case .dns: overrides.dns = .inherit
        case .mtu: overrides.mtu = .inherit
        }
    }

    func isInherited(in overrides: Overrides) -> Bool {
        switch self {
        case .allowedIPs: overrides.allowedIPs.isInherited
        case .persistentKeepalive: overrides.persistentKeepalive.isInherited
        case .endpoint: overrides.endpoint.isInherited
        case .dns: overrides.dns.isInherited
        case .mtu: overrides.mtu.isInherited
        }
    }
}
