// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet

extension ChangeTransaction {
    /// Links or unlinks devices by editing the lists of both sides. The devices in `change` must be read in this transaction. Returns the
    /// devices whose lists changed. Throws `.invalid` if the change is not possible.
    @discardableResult
    public func link(_ change: LinkChange) throws -> [Device] {
        let edits = change.edits(defaults: try defaults(), hub: try hub())
        try require(edits.errors)
        return try edits.devices.map { try update($0) }
    }
}
