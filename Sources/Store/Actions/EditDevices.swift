// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net

extension ChangeTransaction {
    /// Changes a device as described by `edit`, and the lists of the devices that are to include it. Throws `.stale` if the device is no
    /// longer at the revision `expected` (nil skips this check), `.invalid` with all fields that break a rule, and `.notFound` if one of
    /// the devices was removed.
    @discardableResult
    public func edit(_ id: String, expecting expected: Int64? = nil, _ edit: DeviceEdit) throws -> Device {
        var device = try device(id, expecting: expected)
        try edit.apply(to: &device) { try freeAddress($0) }
        device = try update(device, allowsOverlap: edit.allowsOverlap)
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

    /// The lowest free address; nil if the hub has no network of this family. Throws `.invalid` if no address is free.
    private func freeAddress(_ family: AddressFamily) throws -> IPAddress? {
        guard let network = try hub().network(family) else { return nil }
        let address = try lowestFreeAddress(family)
        try require(address == nil ? [FieldError(family.rawValue, AddressPool.exhausted(network))] : [])
        return address
    }

    /// Enables or disables these devices. Throws `.notFound` if one of them was removed.
    public func setEnabled(_ isEnabled: Bool, devices ids: [String]) throws {
        for id in ids { try edit(id, DeviceEdit(enabled: isEnabled)) }
    }
}

extension ReadTransaction {
    /// The device, if it is still at the expected revision (nil skips this check). Otherwise throws `.stale`.
    func device(_ id: String, expecting expected: Int64?) throws -> Device {
        let device = try device(id)
        try require(expected, isCurrent: device.revision)
        return device
    }
}

extension ChangeTransaction {
    /// Gives a device a new key pair and returns it. `keepsPrivateKey` sets whether the hub stores the private key; nil means as for the
    /// old key. Throws `.stale` if the device is no longer at the revision `expected` (nil skips this check), and `.notFound` if it was
    /// removed.
    public func rotateKey(ofDevice id: String, expecting expected: Int64? = nil, keepsPrivateKey: Bool? = nil) throws -> (
        device: Device, privateKey: PrivateKey
    ) {
        let current = try device(id, expecting: expected)
        let key = PrivateKey.generate()
        let isKept = keepsPrivateKey ?? current.hasPrivateKey
        return (try replaceKey(ofDevice: id, publicKey: key.publicKey, privateKey: isKept ? key : nil), key)
    }
}

extension ChangeTransaction {
    /// Links or unlinks devices by editing the lists of both sides. A timed link of two of them becomes one without an end. The devices in `change`
    /// must be read in this transaction. Returns the devices whose lists changed. Throws `.invalid` if the change is not possible.
    @discardableResult
    public func link(_ change: LinkChange) throws -> [Device] {
        let timed = try timedPrefixes()
        let edits = change.edits(defaults: try defaults(), hub: try hub(), besides: timed)
        try require(edits.errors)
        let devices = try edits.devices.map { try update($0) }
        for (id, prefixes) in edits.additions.sorted(by: { $0.key < $1.key }) {
            try release(prefixes.filter { timed.owns($0, in: id) }, ofDevice: id, as: TimedLinkAction.keep)
        }
        return devices
    }
}
