// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// One committed change of desired state, as recorded in the audit log. Includes everything that one transaction wrote, for any number of
/// devices.
public struct Change: Hashable, Sendable {
    /// The generation that the change made.
    public let generation: Int64
    /// Its audit entries, oldest first, never empty. May be limited to the first ones.
    public let entries: [AuditEntry]
    /// The total number of its entries.
    public let entryCount: Int
    /// The pending confirmation, without which the hub undoes the change. Nil if none is pending.
    public let awaited: AwaitedConfirmation?

    /// The author of the change.
    public var author: Author { entries[0].author }
    /// The time of the change.
    public var at: UnixTime { entries[0].at }
}

extension ReadTransaction {
    /// A change with all its entries, or only the first `limit` of them. Throws `.notFound` if this generation has no entries.
    public func change(_ generation: Int64, firstEntries limit: Int? = nil) throws -> Change {
        let entries = try auditEntries(ofGeneration: generation, limit: limit)
        guard !entries.isEmpty else { throw StoreError.notFound(kind: "change", id: "\(generation)") }
        return Change(
            generation: generation, entries: entries,
            entryCount: try limit == entries.count ? auditEntryCount(ofGeneration: generation) : entries.count,
            awaited: try awaitedConfirmations().first { $0.generation == generation })
    }
}
