// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The progress from desired state to the engine. `desired` grows by one with each committed change; `applied` follows.
public struct Generation: Hashable, Sendable {
    /// The newest committed generation.
    public let desired: Int64
    /// The newest generation that the engine acknowledged.
    public let applied: Int64
    /// The time of that acknowledgement; nil before the first one.
    public let appliedAt: UnixTime?

    public init(desired: Int64, applied: Int64, appliedAt: UnixTime?) {
        self.desired = desired
        self.applied = applied
        self.appliedAt = appliedAt
    }
}
