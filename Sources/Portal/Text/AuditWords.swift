// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Store

/// Audit entries as sentences. An action without words of its own is shown as it is.
enum AuditWords {
    /// `names` maps device ids to names; a device that is gone keeps its id.
    static func sentence(_ entry: AuditEntry, _ names: [String: String] = [:]) -> String {
        let verb = verbs[entry.action] ?? entry.action
        let parts = entry.target.split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { return verb }
        let thing = String(parts[1])
        return names.isEmpty && parts[0] == "device" ? verb : "\(verb) \(names[thing] ?? nameInside(entry) ?? thing)"
    }

    /// "keepalive: 25 → default", one for each field that changed.
    static func changes(_ entry: AuditEntry) -> [String] {
        let (before, after) = (members(entry.before), members(entry.after))
        let names = before.map(\.0) + after.map(\.0).filter { name in !before.contains { $0.0 == name } }
        return names.map { name in
            let old = before.first { $0.0 == name }.map { shown($0.1) }
            let new = after.first { $0.0 == name }.map { shown($0.1) }
            let label = name.split(separator: "_").joined(separator: " ")
            return switch (old, new) {
            case (let old?, let new?): "\(label): \(old) → \(new)"
            case (let value?, nil), (nil, let value?): "\(label): \(value)"
            case (nil, nil): label
            }
        }
    }

    private static let verbs = [
        "device.add": "Added", "device.update": "Changed", "device.remove": "Removed", "device.replace_key": "Replaced the key of",
        "device.set_preshared_key": "Changed the preshared key of", "device.fetch_config": "Fetched the file of",
        "defaults.update": "Changed the defaults", "hub.make": "Made the hub", "hub.update": "Changed the hub",
    ]

    private static func nameInside(_ entry: AuditEntry) -> String? {
        [entry.after, entry.before].lazy.compactMap { members($0).first { $0.0 == "name" }?.1.string }.first
    }

    private static func members(_ json: String?) -> [(String, JSON)] {
        guard let json, let value = try? JSON(parsing: Array(json.utf8)) else { return [] }
        return value.members ?? []
    }

    private static func shown(_ value: JSON) -> String {
        guard let text = value.string else { return "none" }
        return text.isEmpty ? "empty" : text
    }
}
