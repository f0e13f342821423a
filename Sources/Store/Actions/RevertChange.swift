// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

extension ReadTransaction {
    /// The reason why this change cannot be undone, judged by the kinds of its audit entries. Nil if `revert` may succeed.
    public func irreversibleReason(ofChange number: Int64) throws -> Phrase? {
        try auditActions(ofGeneration: number).lazy.compactMap(Reversal.irreversibleReason).first
    }

    /// True if undoing this change removes devices.
    public func removesDevices(byReverting number: Int64) throws -> Bool { try auditActions(ofGeneration: number).contains("device.add") }

    /// The scopes of everything that undoing this change writes.
    public func scopes(ofReverting number: Int64) throws -> Set<TokenScope> {
        try auditActions(ofGeneration: number).reduce(into: []) { $0.formUnion(Reversal.scopes($1)) }
    }
}

/// The kinds of audit entries that contain enough information to be undone.
private enum Reversal {
    static func irreversibleReason(_ action: String) -> Phrase? {
        switch action {
        case "device.add", "device.update", "device.suspend", "device.set_preshared_key", "defaults.update", "hub.update", "change.revert": nil
        case TimedLinkAction.grant, TimedLinkAction.end, TimedLinkAction.keep, TimedLinkAction.resume: nil
        case "device.remove": "It deleted a device, and its key is gone. A backup may have it."
        case "device.replace_key": "It replaced a key, and the old one is gone."
        case "defaults.confirm_endpoint": "It confirmed the endpoint. Pages ask again after the endpoint changes."
        case "device.forget_time": "It forgot the time of a handshake, and that time is gone."
        default: "It changed something that cannot be undone here."
        }
    }

    static func scopes(_ action: String) -> Set<TokenScope> {
        switch action.prefix(while: { $0 != "." }) {
        // Stands beside the entries of what the undo wrote.
        case "change": []
        case "device", "timed_link": [.devices]
        case "defaults", "hub": [.settings]
        default: Set(TokenScope.allCases)
        }
    }
}

extension ChangeTransaction {
    /// Undoes one earlier change with the previous values from the audit log. The undo is itself a change and can be undone, unless it removes
    /// devices that the change added. Later changes to other fields are kept. A field is restored only if it still has the value that the change
    /// wrote, and a device is removed only if all of them do.
    ///
    /// Throws `.notFound` if the change does not exist. Throws `.irreversible` with the reason if a field was changed again, or if the log
    /// does not contain the necessary values (a key or a deleted device).
    public func revert(_ number: Int64) throws {
        if let reason = try irreversibleReason(ofChange: number) { throw StoreError.irreversible(reason) }
        let entries = try change(number).entries
        for entry in entries.reversed() { try revert(entry) }
        try takeBack(releasedBy: number, entries)
        guard hasChanges else { throw StoreError.irreversible("There is nothing left to undo.") }
        _ = try endWaiting(of: number)
        try noteChange("change.revert", target: "change/\(number)")
    }

    private func revert(_ entry: AuditEntry) throws {
        switch entry.action {
        case "device.add": try revertAddition(entry)
        case "device.update": try revertDevice(entry)
        case "device.set_preshared_key": try revertPresharedKey(entry)
        case "defaults.update": try revertDefaults(entry)
        case "hub.update": try revertHub(entry)
        default: break
        }
    }

    private func revertAddition(_ entry: AuditEntry) throws {
        let device = try target(of: entry)
        let present = device.auditDetails
        guard try details(entry.after).allSatisfy({ present[$0.field] == $0.value }) else {
            throw StoreError.irreversible("\(device.name) has changed since it was added. To remove it, delete it on its page.")
        }
        try removeDevice(device.id)
    }

    private func revertDevice(_ entry: AuditEntry) throws {
        var device = try target(of: entry)
        for step in try steps(of: entry) {
            try requireUntouched(step, in: device.auditDetails, of: Phrase(verbatim: device.name))
            guard device.restore(step.field, step.before) else { throw unreadable(step) }
        }
        // Somebody allowed an overlap that was there before.
        do { try update(device, allowsOverlap: true) } catch StoreError.invalid(let errors) {
            throw StoreError.irreversible(errors.map(\.message).joined())
        }
    }

    private func revertPresharedKey(_ entry: AuditEntry) throws {
        let device = try target(of: entry)
        let step = try steps(of: entry).first { $0.field == "has_preshared_key" }
        guard let step, step.before == "false" else {
            throw StoreError.irreversible("It replaced or removed the preshared key of \(device.name), and the old one is gone.")
        }
        try requireUntouched(step, in: device.auditDetails, of: Phrase(verbatim: device.name))
        try setPresharedKey(nil, ofDevice: device.id)
    }

    private func revertDefaults(_ entry: AuditEntry) throws {
        var defaults = try defaults()
        var own = Overrides(owning: defaults.settings)
        for step in try steps(of: entry) {
            try requireUntouched(step, in: own.auditDetails, of: "the defaults")
            guard own.restore(step.field, step.before) else { throw unreadable(step) }
        }
        defaults.settings = own.resolved(over: defaults.settings)
        try update(defaults)
    }

    private func revertHub(_ entry: AuditEntry) throws {
        var hub = try hub()
        for step in try steps(of: entry) {
            try requireUntouched(step, in: hub.auditDetails, of: "The hub")
            guard hub.restore(step.field, step.before) else { throw unreadable(step) }
        }
        do { try update(hub) } catch StoreError.invalid(let errors) {
            throw StoreError.irreversible(errors.map(\.message).joined())
        }
    }

    private func target(of entry: AuditEntry) throws -> Device {
        do { return try device(String(entry.target.drop { $0 != "/" }.dropFirst())) } catch StoreError.notFound {
            throw StoreError.irreversible("The device was deleted in the meantime.")
        }
    }

    /// A field to restore.
    private struct Step {
        let field: String
        let before: String?
        let after: String?
    }

    private func steps(of entry: AuditEntry) throws -> [Step] {
        let before = try details(entry.before)
        let after = try details(entry.after)
        return before.map { field, value in Step(field: field, before: value, after: after.first { $0.field == field }?.value) }
    }

    private func details(_ json: String?) throws -> [(field: String, value: String?)] {
        guard let json else { return [] }
        return try connection.all("SELECT key, value FROM json_each(?)", [.text(json)]) { (try $0.text(), try $0.optional { try $0.text() }) }
    }

    private func requireUntouched(_ step: Step, in present: AuditDetails, of name: Phrase) throws {
        let now = present[step.field]
        guard now != step.after else { return }
        let shown: Phrase = now.map { $0.isEmpty ? "empty" : Phrase(verbatim: $0) } ?? "the default or empty"
        throw StoreError.irreversible("\(name) has changed since: \(step.field) is now \(shown). Edit it instead.")
    }

    private func unreadable(_ step: Step) -> StoreError {
        .irreversible("The log does not hold the old value of \(step.field) in a form that can be restored.")
    }
}

extension WriteTransaction {
    /// Confirms a change, so that the hub does not undo it. Confirming does not alter desired state, so it makes no generation. Throws
    /// `.notFound` if the change is not pending, for example because it was already confirmed or undone.
    public func confirm(change generation: Int64, by author: Author, at now: UnixTime) throws {
        guard try endWaiting(of: generation) else { throw StoreError.notFound(kind: "unconfirmed change", id: "\(generation)") }
        try record("change.confirm", target: "change/\(generation)", by: author, at: now)
    }
}
