// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

extension WriteTransaction {
    /// Lets a change stay that would be taken back. It writes no desired state, so it makes no generation. Throws `.notFound` when the change
    /// does not wait, be it confirmed or taken back already.
    public func confirm(change generation: Int64, by author: Author, at now: UnixTime) throws {
        guard try endWaiting(of: generation) else { throw StoreError.notFound(kind: "unconfirmed change", id: "\(generation)") }
        try record("change.confirm", target: "change/\(generation)", by: author, at: now)
    }
}
