// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

extension WriteTransaction {
    /// Confirms a change, so that the hub does not undo it. Confirming does not alter desired state, so it makes no generation. Throws
    /// `.notFound` if the change is not pending, for example because it was already confirmed or undone.
    public func confirm(change generation: Int64, by author: Author, at now: UnixTime) throws {
        guard try endWaiting(of: generation) else { throw StoreError.notFound(kind: "unconfirmed change", id: "\(generation)") }
        try record("change.confirm", target: "change/\(generation)", by: author, at: now)
    }
}
