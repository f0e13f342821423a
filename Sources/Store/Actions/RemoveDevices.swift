// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet

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
