// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Synchronization

/// A failure that may come again on every beat, so that it is told once.
/// Thread rule: any thread; one lock, held for a comparison.
public final class RecurringFailure: Sendable {
    private let reason = Mutex<String?>(nil)

    public init() {}

    /// True the first time, and when the reason is another one than the last time.
    public func isNews(_ error: any Error) -> Bool {
        let new = (error as? StoreError)?.trouble.map { "\($0)" } ?? "\(error)"
        return reason.withLock { reason in
            defer { reason = new }
            return reason != new
        }
    }

    /// True when it failed the last time; from now on it works.
    public func isOver() -> Bool {
        reason.withLock { reason in
            defer { reason = nil }
            return reason != nil
        }
    }
}
