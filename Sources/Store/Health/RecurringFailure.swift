// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Synchronization

/// Reports a failure that may recur at each attempt only once.
/// Thread rule: any thread. One lock, held for a comparison.
public final class RecurringFailure: Sendable {
    private let reason = Mutex<String?>(nil)

    public init() {}

    /// True if this is the first failure or its reason differs from the last one.
    public func isNews(_ error: any Error) -> Bool {
        let new = (error as? StoreError)?.trouble.map { "\($0)" } ?? "\(error)"
        return reason.withLock { reason in
            defer { reason = new }
            return reason != new
        }
    }

    /// True if the last attempt failed. Call it after a success.
    public func isOver() -> Bool {
        reason.withLock { reason in
            defer { reason = nil }
            return reason != nil
        }
    }
}
