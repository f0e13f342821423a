// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// How far desired state and the engine are: `desired` grows by one with every committed change, `applied` follows.
public struct Generation: Hashable, Sendable {
    /// The newest committed one.
    public let desired: Int64
    /// The newest generation that the engine acknowledged.
    public let applied: Int64
    /// When it did; nil before the first time.
    public let appliedAt: UnixTime?

    public init(desired: Int64, applied: Int64, appliedAt: UnixTime?) {
        self.desired = desired
        self.applied = applied
        self.appliedAt = appliedAt
    }
}
