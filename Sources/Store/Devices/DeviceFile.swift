// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet

extension ClientConfig {
    /// The file of a device as the database has everything for it, private key included where it is kept. Throws what the database throws.
    public init(of device: Device, in transaction: ReadTransaction, hubPort: UInt16) throws {
        self.init(
            privateKey: try transaction.privateKey(ofDevice: device.id), addresses: [device.ipv4, device.ipv6].compactMap { $0 },
            settings: device.settings(over: try transaction.defaults()), hubKey: try transaction.hub().publicKey, hubPort: hubPort,
            presharedKey: try transaction.presharedKey(ofDevice: device.id))
    }
}
