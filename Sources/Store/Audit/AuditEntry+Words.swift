// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

/// The entry as sentences. An action without a sentence appears under its own name.
extension AuditEntry {
    /// What was done, for a list about one thing: "Handed out the file".
    public var deed: Phrase { Self.words[action]?.alone ?? Phrase(verbatim: action) }

    /// What was done and to what: "Handed out the file of berlin-nas". `names` returns the names of devices by id. A removed device keeps the name in
    /// the entry, or else its id.
    public func sentence(_ names: (String) -> String?) -> Phrase {
        let parts = target.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return deed }
        let inside = [after, before].lazy.compactMap { Self.members($0).first { $0.0 == "name" }?.1.string }.first
        let thing = names(parts[1]) ?? inside ?? parts[1]
        return Self.words[action].map { Phrase(text: $0.withThing, arguments: [.text(thing)]) } ?? Phrase(verbatim: "\(action) \(thing)")
    }

    /// "keepalive: 25 → default", one line for each field that changed. For something added or removed, one line that lists its fields.
    public var changes: [Phrase] {
        let (old, new) = (Self.members(before), Self.members(after))
        guard before != nil, after != nil else {
            let line = (old + new).filter { !Self.isNothing($0.1) && $0.0 != "name" }.map {
                Phrase("\(AuditFields.label($0.0)) \(Self.shown($0.0, $0.1))")
            }
            return line.isEmpty ? [] : [line.joined(separator: " · ")]
        }
        return new.map { name, value in
            let earlier = old.first { $0.0 == name }?.1 ?? .null
            return "\(AuditFields.label(name)): \(Self.shown(name, earlier)) → \(Self.shown(name, value))"
        }
    }

    /// The settings that an entry changed.
    public var settings: [SettingName] { Self.members(after).compactMap { SettingName(rawValue: $0.0) } }

    /// The words for an action: alone, and with a placeholder for its target.
    private struct Deed {
        let alone: Phrase
        let withThing: String

        init(_ alone: Phrase, _ withThing: String) {
            self.alone = alone
            self.withThing = withThing
        }
    }

    private static let words: [String: Deed] = [
        "device.add": Deed("Added", "Added {1}"), "device.update": Deed("Changed", "Changed {1}"), "device.remove": Deed("Removed", "Removed {1}"),
        "device.replace_key": Deed("Replaced the key", "Replaced the key of {1}"),
        "device.forget_time": Deed("Forgot the time of the last handshake", "Forgot the time of the last handshake of {1}"),
        "device.set_preshared_key": Deed("Changed the preshared key", "Changed the preshared key of {1}"),
        "device.fetch_config": Deed("Handed out the file", "Handed out the file of {1}"),
        "device.export": Deed("Exported files", "Exported files"),
        "device.mark_installed": Deed("Marked the file as installed", "Marked the file of {1} as installed"),
        "link.make": Deed("Made a one-time link", "Made a one-time link to {1}"),
        "link.use": Deed("Handed out by one-time link", "Handed out by one-time link: {1}"),
        "link.revoke": Deed("Revoked a one-time link", "Revoked a one-time link to {1}"),
        "device.suspend": Deed("Suspended: two machines use its key", "Suspended {1}: two machines use its key"),
        "timed_link.grant": Deed("Linked for a time", "Linked for a time: {1}"),
        "timed_link.end": Deed("Ended a timed link", "Ended the timed link {1}"),
        "timed_link.keep": Deed("Made a timed link permanent", "Made the timed link {1} permanent"),
        "timed_link.resume": Deed("Resumed a timed link", "Resumed the timed link {1}"),
        "timed_link.extend": Deed("Changed the end of a timed link", "Changed the end of the timed link {1}"),
        "link_request.ask": Deed("Asked for a link", "Asked for a link: {1}"),
        "link_request.refuse": Deed("Refused a request for a link", "Refused a request for the link {1}"),
        "defaults.update": Deed("Changed the defaults", "Changed the defaults"), "hub.make": Deed("Made the hub", "Made the hub"),
        "defaults.confirm_endpoint": Deed("Confirmed the endpoint", "Confirmed the endpoint"),
        "hub.update": Deed("Changed the hub", "Changed the hub"), "login": Deed("Signed in", "Signed in as {1}"),
        "logout": Deed("Signed out", "Signed out as {1}"),
        "confirm.refused": Deed("Confirmation refused", "Confirmation refused for {1}"),
        "session.end_all": Deed("Ended all sessions", "Ended all sessions of {1}"),
        "totp.add": Deed("Added an app", "Added an app to {1}"), "totp.remove": Deed("Removed the app", "Removed the app of {1}"),
        "passkey.add": Deed("Added a passkey", "Added a passkey to {1}"),
        "passkey.rename": Deed("Renamed a passkey", "Renamed a passkey of {1}"),
        "passkey.remove": Deed("Removed a passkey", "Removed a passkey of {1}"),
        "recovery_codes.make": Deed("Made recovery codes", "Made recovery codes for {1}"),
        "recovery_codes.use": Deed("Used a recovery code", "Used a recovery code of {1}"),
        "second_factors.remove": Deed("Removed the second factors", "Removed the second factors of {1}"),
        "access.update": Deed("Changed the access rules", "Changed the access rules"),
        "hub.export": Deed("Exported the server file", "Exported the server file"),
        "hub.start": Deed("Started the hub", "Started the hub"), "hub.stop": Deed("Stopped the hub", "Stopped the hub"),
        "key.rotate": Deed("Rotated the key that seals secrets", "Rotated the key that seals secrets"),
        "database.backup": Deed("Made a backup", "Made a backup"), "database.restore": Deed("Restored a backup", "Restored a backup"),
        "audit.remove_old": Deed("Removed old entries", "Removed old entries"),
        "request.refused": Deed("Refused requests", "Refused requests"),
        "login.refused": Deed("Sign-in refused", "Sign-in refused for {1}"),
        "admin.add": Deed("Added an admin", "Added the admin {1}"), "admin.remove": Deed("Removed an admin", "Removed the admin {1}"),
        "admin.disable": Deed("Disabled an admin", "Disabled the admin {1}"), "admin.enable": Deed("Enabled an admin", "Enabled the admin {1}"),
        "admin.set_password": Deed("Set a password", "Set the password of {1}"), "admin.set_role": Deed("Changed a role", "Changed the role of {1}"),
        "admin.unlock": Deed("Unlocked an admin", "Unlocked the admin {1}"), "session.end": Deed("Ended a session", "Ended a session of {1}"),
        "session.end_others": Deed("Ended the other sessions", "Ended the other sessions of {1}"),
        "token.add": Deed("Made a token", "Made the token {1}"),
        "token.remove": Deed("Revoked a token", "Revoked the token {1}"),
        "change.revert": Deed("Undid a change", "Undid change {1}"), "change.confirm": Deed("Kept a change", "Kept change {1}"),
        "change.keep": Deed("Could not undo a change", "Could not undo change {1}"),
    ]

    private static func members(_ json: String?) -> [(String, JSON)] {
        guard let json, let value = try? JSON(parsing: Array(json.utf8)) else { return [] }
        return value.members ?? []
    }

    private static func isNothing(_ value: JSON) -> Bool { value.isNull || value.string == "" || value.string == "false" }

    /// The most scalars of a value that fit on a line.
    private static let longestValue = 72

    /// Shortens lists, which can have hundreds of entries. The export has them all.
    private static func brief(_ text: String) -> Phrase {
        text.scalarCount > longestValue
            ? .first(4, of: text.split(separator: ",").map { $0.drop { $0 == " " } }.map { String($0).shortened(to: longestValue) })
            : Phrase(verbatim: text)
    }

    /// The value in words. A setting without a value follows the default.
    private static func shown(_ name: String, _ value: JSON) -> Phrase {
        guard let text = value.string else { return SettingName(rawValue: name) == nil ? "none" : "default" }
        switch text {
        case "": return "empty"
        case "true": return "yes"
        case "false": return "no"
        default:
            if name == "expires_at" || name == "ends_at", let seconds = Int64(text) { return UnixTime(seconds: seconds).phrase }
            return AuditFields.value(name, text) ?? brief(text)
        }
    }
}
