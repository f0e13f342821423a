// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

extension Author {
    /// An account by its email address, or another author by a name that people understand.
    public var phrase: Phrase {
        switch name {
        case "system": return "system"
        case "time limit": return "time limit"
        case "copied key": return "copied key"
        case "command line": return "command line"
        case "link": return "link"
        case "nobody": return "unknown"
        default: return name.hasPrefix("token ") ? "token \(name.dropFirst(6))" : Phrase(verbatim: name)
        }
    }
}

/// Turns the audit log's names of fields, and some of its values, into words for people.
enum AuditFields {
    /// The label of a field. A field without a label keeps its own name.
    static func label(_ field: String) -> Phrase { SettingName(rawValue: field)?.label ?? word(field) }

    private static func word(_ field: String) -> Phrase {
        switch field {
        case "name": "name"
        case "description": "description"
        case "tags": "tags"
        case "enabled": "enabled"
        case "expires_at": "expires at"
        case "ends_at": "ends at"
        case "asked_by": "asked for by"
        case "endpoints": "endpoints"
        case "seconds": "seconds"
        case "public_key": "public key"
        case "keeps_private_key": "keeps private key"
        case "has_preshared_key": "has preshared key"
        case "routes": "routes"
        case "network": "network"
        case "network6": "network6"
        case "address": "address"
        case "address6": "address6"
        case "portal_url": "portal url"
        case "role": "role"
        case "scopes": "scopes"
        case "hint": "ends in"
        case "with": "with"
        case "made_by": "made by"
        case "passkey": "passkey"
        case "key": "key"
        case "version": "version"
        case "wireguard_port": "WireGuard port"
        case "reason": "reason"
        case "entries": "entries"
        case "last": "up to number"
        case "audit_days": "days that entries are kept"
        case "second_factor_required": "second factor required"
        case "generation": "change number"
        case "backup_generation": "change number of the backup"
        case "audit_entries": "entries"
        case "rights": "without permission"
        case "forms": "forms from elsewhere"
        case "hosts": "foreign host names"
        case "tokens": "invalid tokens"
        case "links": "invalid links"
        case "devices": "devices"
        case "sign_ins": "sign-ins"
        case "ipv4": "IPv4"
        case "ipv6": "IPv6"
        default: Phrase(verbatim: field)
        }
    }

    /// A value that is a word of the audit log; nil for data.
    static func value(_ field: String, _ text: String) -> Phrase? {
        switch field {
        case "role": return Phrase(text: text)
        case "scopes": return text.split(separator: " ").map { Phrase(text: String($0)) }.joined(separator: ", ")
        case "with": return factors(text)
        case "made_by": return Author(name: text).phrase
        default: return nil
        }
    }

    /// How a user signed in.
    private static func factors(_ text: String) -> Phrase? {
        switch text {
        case "password": "password"
        case "passkey": "passkey"
        case "set-up link": "set-up link"
        case "password and app code": "password and app code"
        case "password and recovery code": "password and recovery code"
        case "password and passkey": "password and passkey"
        default: nil
        }
    }
}
