// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet

/// A device that was added.
public struct AddedDevice: Sendable {
    public let device: Device
    /// Where the hub made the pair. Unless the device says that the hub keeps it, this is the only copy.
    public let privateKey: PrivateKey?
}

extension ChangeTransaction {
    /// Adds a device, and makes its pair of keys where it brings none. Throws `.invalid` with every field that breaks a rule.
    public func addDevice(_ new: NewDevice) throws -> AddedDevice {
        guard let publicKey = new.publicKey else {
            let key = PrivateKey.generate()
            let device = try insert(new, publicKey: key.publicKey, privateKey: new.keepsPrivateKey ? key : nil)
            return AddedDevice(device: device, privateKey: key)
        }
        return AddedDevice(device: try insert(new, publicKey: publicKey, privateKey: new.privateKey), privateKey: nil)
    }

    /// The same for callers that need no private key: the device brings its keys, or the hub keeps those it makes.
    public func add(_ new: NewDevice) throws -> Device { try addDevice(new).device }
}
