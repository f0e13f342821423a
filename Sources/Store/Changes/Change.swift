// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// One committed change of desired state, as the audit log tells it: everything that one transaction wrote, however many devices it touched.
public struct Change: Hashable, Sendable {
    /// The generation it made.
    public let generation: Int64
    /// Its audit entries, oldest first; never empty. All of them, or the first ones where only those were asked for.
    public let entries: [AuditEntry]
    /// How many entries it has in all.
    public let entryCount: Int
    /// Set while it is taken back unless somebody confirms it.
    public let awaited: AwaitedConfirmation?

    /// Who made it.
    public var author: Author { entries[0].author }
    /// When it was made.
    public var at: UnixTime { entries[0].at }
}

extension ReadTransaction {
    /// With all its entries, or only the first `limit` of them. Throws `.notFound` when no generation of this number left entries.
    public func change(_ generation: Int64, firstEntries limit: Int? = nil) throws -> Change {
        let entries = try auditEntries(ofGeneration: generation, limit: limit)
        guard !entries.isEmpty else { throw StoreError.notFound(kind: "change", id: "\(generation)") }
        return Change(
            generation: generation, entries: entries,
            entryCount: try limit == entries.count ? auditEntryCount(ofGeneration: generation) : entries.count,
            awaited: try awaitedConfirmations().first { $0.generation == generation })
    }
}
