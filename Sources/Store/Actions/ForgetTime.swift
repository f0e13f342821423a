// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet

extension ChangeTransaction {
    /// Forgets the time of the device's newest handshake, so that the hub accepts older ones: for a device whose clock was ahead once. The
    /// engine starts over with the device, so its session ends. Throws `.stale` if the device is no longer at the revision `expected` (nil
    /// skips this check), and `.notFound` if it was removed.
    ///
    /// The risk: until the next handshake, someone who recorded an earlier one can send it again. That opens no session, but it can cut the
    /// device off for a while (whitepaper 5.1).
    @discardableResult
    public func forgetTime(ofDevice id: String, expecting expected: Int64? = nil) throws -> Device {
        let current = try device(id, expecting: expected)
        try connection.execute("UPDATE observations SET greatest_timestamp = NULL WHERE public_key = ?", [.key(current.publicKey)])
        return try restart(current, as: "device.forget_time")
    }
}
