// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet

extension ChangeTransaction {
    /// Removes a device with its keys, routes, links and observations. Throws `.stale` when it is no longer at the revision `expected` (nil is
    /// any), `.notFound` when it was removed already.
    public func removeDevice(_ id: String, expecting expected: Int64? = nil) throws {
        try delete(device(id, expecting: expected))
    }

    /// Removes all of these, or throws and removes none.
    public func removeDevices(_ ids: [String]) throws {
        for id in ids { try removeDevice(id) }
    }
}
