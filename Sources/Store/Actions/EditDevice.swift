// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet

extension ChangeTransaction {
    /// Changes a device as `edit` says, and the lists of those that are to list it. Throws `.stale` when it is no longer at the revision
    /// `expected` (nil is any), `.invalid` with every field that breaks a rule, `.notFound` when one of the devices was removed.
    @discardableResult
    public func edit(_ id: String, expecting expected: Int64? = nil, _ edit: DeviceEdit) throws -> Device {
        var device = try device(id, expecting: expected)
        edit.apply(to: &device)
        device = try update(device)
        switch edit.presharedKey {
        case .keep: break
        case .set(let key): device = try setPresharedKey(key, ofDevice: id)
        case .remove: device = try setPresharedKey(nil, ofDevice: id)
        }
        guard !edit.listedBy.isEmpty else { return device }
        var plan = LinkPlan(defaults: try defaults(), hub: try hub())
        for other in edit.listedBy where other != id { plan.list(device, in: try self.device(other)) }
        for other in plan.edits { try update(other) }
        return device
    }

    /// Lets the hub answer these devices, or no longer. Throws `.notFound` when one of them was removed.
    public func setEnabled(_ isEnabled: Bool, devices ids: [String]) throws {
        for id in ids { try edit(id, DeviceEdit(enabled: isEnabled)) }
    }
}

extension ReadTransaction {
    /// The device, unless it is no longer at the revision that somebody saw (nil is any): then throws `.stale`.
    func device(_ id: String, expecting expected: Int64?) throws -> Device {
        let device = try device(id)
        try require(expected, isCurrent: device.revision)
        return device
    }
}
