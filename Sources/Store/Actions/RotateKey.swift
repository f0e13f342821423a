// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet

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
