// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Store

/// Audit entries as sentences. An action without words of its own is shown as it is.
enum AuditWords {
    /// What was done, for a list about one thing: "Fetched the file".
    static func deed(_ entry: AuditEntry) -> String { words[entry.action]?.alone ?? entry.action }

    /// What was done and to what: "Fetched the file of berlin-nas". `names` knows the names of devices by id; a device that is gone keeps the name
    /// that the entry tells, else its id.
    static func sentence(_ entry: AuditEntry, _ names: (String) -> String?) -> String {
        let parts = entry.target.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return deed(entry) }
        let inside = [entry.after, entry.before].lazy.compactMap { members($0).first { $0.0 == "name" }?.1.string }.first
        let thing = names(parts[1]) ?? inside ?? parts[1]
        return words[entry.action].map { "\($0.before) \(thing)" } ?? "\(entry.action) \(thing)"
    }

    /// "keepalive: 25 → default", one for each field that changed. What was added or removed as a whole is one line of what it has.
    static func changes(_ entry: AuditEntry) -> [String] {
        let (before, after) = (members(entry.before), members(entry.after))
        guard entry.before != nil, entry.after != nil else {
            let line = (before + after).filter { !isNothing($0.1) && $0.0 != "name" }.map { "\(label($0.0)) \(shown($0.0, $0.1))" }
            return line.isEmpty ? [] : [line.joined(separator: " · ")]
        }
        return after.map { name, new in
            let old = before.first { $0.0 == name }?.1 ?? .null
            return "\(label(name)): \(shown(name, old)) → \(shown(name, new))"
        }
    }

    private static let words: [String: (alone: String, before: String)] = [
        "device.add": ("Added", "Added"), "device.update": ("Changed", "Changed"), "device.remove": ("Removed", "Removed"),
        "device.replace_key": ("Replaced the key", "Replaced the key of"),
        "device.set_preshared_key": ("Changed the preshared key", "Changed the preshared key of"),
        "device.fetch_config": ("Fetched the file", "Fetched the file of"), "link.make": ("Made a link", "Made a link to"),
        "link.use": ("Handed out by link", "Handed out by link:"), "link.revoke": ("Revoked a link", "Revoked a link to"),
        "defaults.update": ("Changed the defaults", "Changed the defaults"), "hub.make": ("Made the hub", "Made the hub"),
        "hub.update": ("Changed the hub", "Changed the hub"), "login": ("Signed in", "Signed in as"), "logout": ("Signed out", "Signed out as"),
        "confirm.refused": ("Confirmation refused", "Confirmation refused for"), "session.end_all": ("Ended all sessions", "Ended all sessions of"),
        "totp.add": ("Added an app", "Added an app to"), "totp.remove": ("Removed the app", "Removed the app of"),
        "passkey.add": ("Added a passkey", "Added a passkey to"), "passkey.remove": ("Removed a passkey", "Removed a passkey of"),
        "recovery_codes.make": ("Made recovery codes", "Made recovery codes for"),
        "recovery_codes.use": ("Used a recovery code", "Used a recovery code of"),
        "second_factors.remove": ("Removed the second factors", "Removed the second factors of"),
        "access.update": ("Changed the access rules", "Changed the access rules"),
        "hub.start": ("Started the hub", "Started the hub"), "hub.stop": ("Stopped the hub", "Stopped the hub"),
        "key.rotate": ("Rotated the key that seals secrets", "Rotated the key that seals secrets"),
        "database.backup": ("Made a backup", "Made a backup"), "database.restore": ("Restored a backup", "Restored a backup"),
        "audit.remove_old": ("Took old entries away", "Took old entries away"),
        "login.refused": ("Sign-in refused", "Sign-in refused for"),
        "admin.add": ("Added an admin", "Added the admin"), "admin.remove": ("Removed an admin", "Removed the admin"),
        "admin.disable": ("Disabled an admin", "Disabled the admin"), "admin.enable": ("Enabled an admin", "Enabled the admin"),
        "admin.set_password": ("Set a password", "Set the password of"), "admin.set_role": ("Changed a role", "Changed the role of"),
        "admin.unlock": ("Unlocked an admin", "Unlocked the admin"), "session.end": ("Ended a session", "Ended a session of"),
        "session.end_others": ("Ended the other sessions", "Ended the other sessions of"), "token.add": ("Made a token", "Made the token"),
        "token.remove": ("Revoked a token", "Revoked the token"),
    ]

    private static func members(_ json: String?) -> [(String, JSON)] {
        guard let json, let value = try? JSON(parsing: Array(json.utf8)) else { return [] }
        return value.members ?? []
    }

    private static func label(_ name: String) -> String {
        SettingName(rawValue: name)?.label ?? name.split(separator: "_").joined(separator: " ")
    }

    private static func isNothing(_ value: JSON) -> Bool { value.isNull || value.string == "" || value.string == "false" }

    /// A setting that says nothing of its own follows the default.
    private static func shown(_ name: String, _ value: JSON) -> String {
        guard let text = value.string else { return SettingName(rawValue: name) == nil ? "none" : "default" }
        switch text {
        case "": return "empty"
        case "true": return "yes"
        case "false": return "no"
        default:
            guard name == "expires_at", let seconds = Int64(text) else { return text }
            return UnixTime(seconds: seconds).text
        }
    }
}
