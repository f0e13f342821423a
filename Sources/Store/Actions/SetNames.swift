// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Names
import Net
import Words

extension ChangeTransaction {
    /// Changes the names that the hub answers for. Equal names change nothing.
    ///
    /// Throws `.stale` if the hub is no longer at `revision` (nil skips this check), and `.invalid` for the fields `domain` and `records`: what
    /// breaks a rule, a new name that a device has already, and a device that does not exist.
    public func setNames(_ naming: Naming, expecting revision: Int64? = nil) throws {
        var hub = try hub()
        try require(revision, isCurrent: hub.revision)
        let new = naming.records.filter { !hub.naming.records.contains($0) }
        var errors: [FieldError] = []
        if !new.isEmpty {
            let (known, devices) = (Set(hub.naming.records.map(\.label)), try devices())
            let (ids, table) = (Set(devices.map(\.id)), NameTable(devices.lazy.map(NameTable.Member.init), hub: hub))
            let names = Dictionary(devices.map { ($0.id, $0.name) }) { $1 }
            for record in new {
                if !known.contains(record.label), let holder = table.device(labelled: record.label) {
                    errors.append(FieldError("records", "\(record.label) is the name of \(names[holder] ?? holder) already. Choose another."))
                }
                if case .device(let id) = record.target, !ids.contains(id) {
                    errors.append(FieldError("records", "\(record.label): there is no device “\(id)”."))
                }
            }
        }
        try require(errors)
        hub.naming = naming
        try update(hub)
    }
}
