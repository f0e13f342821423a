// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet

extension ChangeTransaction {
    /// Gives a device a new pair of keys, which is in the answer. `keepsPrivateKey` says whether the hub keeps the private key, nil that it
    /// does so where it kept the old one. Throws `.stale` when the device is no longer at the revision `expected` (nil is any), `.notFound`
    /// when it was removed.
    public func rotateKey(ofDevice id: String, expecting expected: Int64? = nil, keepsPrivateKey: Bool? = nil) throws -> (
        device: Device, privateKey: PrivateKey
    ) {
        let current = try device(id, expecting: expected)
        let key = PrivateKey.generate()
        let isKept = keepsPrivateKey ?? current.hasPrivateKey
        return (try replaceKey(ofDevice: id, publicKey: key.publicKey, privateKey: isKept ? key : nil), key)
    }
}
