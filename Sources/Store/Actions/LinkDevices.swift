// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet

extension ChangeTransaction {
    /// Lets devices reach each other, or no longer, by editing the lists of both sides. `change` holds the devices as this transaction reads
    /// them. The answer holds those whose lists changed. Throws `.invalid` with what speaks against it.
    @discardableResult
    public func link(_ change: LinkChange) throws -> [Device] {
        let edits = change.edits(defaults: try defaults(), hub: try hub())
        try require(edits.errors)
        return try edits.devices.map { try update($0) }
    }
}
