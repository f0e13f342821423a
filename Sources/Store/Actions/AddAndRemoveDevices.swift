// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet

/// The result of adding a device.
public struct AddedDevice: Sendable {
    public let device: Device
    /// The private key, if the hub generated it. Unless the hub stores it too, this is the only copy.
    public let privateKey: PrivateKey?
}

extension ChangeTransaction {
    /// Adds a device. Generates a key pair if the device has none. Throws `.invalid` with all fields that break a rule.
    public func addDevice(_ new: NewDevice) throws -> AddedDevice {
        guard let publicKey = new.publicKey else {
            let key = PrivateKey.generate()
            let device = try insert(new, publicKey: key.publicKey, privateKey: new.keepsPrivateKey ? key : nil)
            return AddedDevice(device: device, privateKey: key)
        }
        return AddedDevice(device: try insert(new, publicKey: publicKey, privateKey: new.privateKey), privateKey: nil)
    }

    /// Adds a device for callers that do not need the private key: it is either given or stored by the hub.
    public func add(_ new: NewDevice) throws -> Device { try addDevice(new).device }
}

extension ChangeTransaction {
    /// Removes a device with its keys, routes, links and observations. Throws `.stale` if it is no longer at the revision `expected` (nil
    /// skips this check), and `.notFound` if it was already removed.
    public func removeDevice(_ id: String, expecting expected: Int64? = nil) throws {
        try delete(device(id, expecting: expected))
    }

    /// Removes all of these devices. If one cannot be removed, throws and removes none.
    public func removeDevices(_ ids: [String]) throws {
        for id in ids { try removeDevice(id) }
    }
}
