// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net
import Synchronization
import Words

/// Two tests of links at once, and no queue: each holds a worker thread for up to three seconds.
/// Thread rule: any worker thread; never waits.
final class ProbeGate: Sendable {
    static let maximum = 2
    private let inside = Atomic<Int>(0)

    /// Throws 503 when two are under way.
    func pass<Result>(_ work: () -> Result) throws(HTTPError) -> Result {
        let count = inside.wrappingAdd(1, ordering: .relaxed).newValue
        defer { inside.wrappingSubtract(1, ordering: .relaxed) }
        guard count <= Self.maximum else {
            throw .busy("Other links are being tested at this moment. Try again in a few seconds.", retryAfter: 3)
        }
        return work()
    }
}
