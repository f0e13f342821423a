// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet

extension ClientConfig {
    /// Creates the file of a device from the database. Includes the private key if the hub stores it. Throws database errors.
    public init(of device: Device, in transaction: ReadTransaction, hubPort: UInt16) throws {
        self.init(
            privateKey: try transaction.privateKey(ofDevice: device.id), addresses: [device.ipv4, device.ipv6].compactMap { $0 },
            settings: device.settings(over: try transaction.defaults()), hubKey: try transaction.hub().publicKey, hubPort: hubPort,
            presharedKey: try transaction.presharedKey(ofDevice: device.id))
    }
}
