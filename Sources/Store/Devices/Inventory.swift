// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Synchronization

/// The hub, its defaults, its rules and all its devices, at one version.
struct Inventory {
    /// Identifies one state of all these rows. Each commit that changes one of them increases one of the numbers.
    struct Version: Equatable {
        let generation: Int64
        let filesFetched: Int64
    }

    let version: Version
    /// Nil if none has been created yet.
    let hub: Hub?
    let defaults: Defaults
    let index: DeviceIndex
    let rules: RuleList
}

/// Keeps the inventory that was read last, so that a page reads only what has changed since, and not ten thousand rows.
/// Thread rule: any thread. One lock, held for a copy.
final class InventoryCache: Sendable {
    private let kept = Mutex<Inventory?>(nil)

    /// The inventory that was read last, of any version.
    var latest: Inventory? { kept.withLock { $0 } }

    func keep(_ inventory: Inventory) { kept.withLock { $0 = inventory } }
}

extension ReadTransaction {
    /// The inventory that this transaction sees, and the progress of its generation. Reads as few rows as possible, and only the generation's if
    /// nothing has changed since the last call of any transaction.
    ///
    /// A transaction that has written sees rows that nobody else sees. They are of a generation after that of any other inventory, so they are
    /// read like other changed rows; but nothing is kept.
    func inventory() throws -> (Inventory, Generation) {
        let hasWritten = hasWritten
        if !hasWritten, let known = known.inventory { return known }
        let (version, generation) = try inventoryVersion()
        let latest = inventoryCache?.latest
        if !hasWritten, let latest, latest.version == version {
            known.inventory = (latest, generation)
            return (latest, generation)
        }
        let defaults = try defaults()
        let index = try latest.flatMap { try changed($0, to: version, defaults) } ?? readDeviceIndex()
        let inventory = Inventory(version: version, hub: try hubIfMade(), defaults: defaults, index: index, rules: try ruleList())
        if !hasWritten {
            inventoryCache?.keep(inventory)
            known.inventory = (inventory, generation)
        }
        return (inventory, generation)
    }

    /// Updates only the changed rows. Nil if that is not possible and all rows must be read.
    private func changed(_ kept: Inventory, to version: Inventory.Version, _ defaults: Defaults) throws -> DeviceIndex? {
        let old = kept.version
        guard old.filesFetched <= version.filesFetched, old.generation <= version.generation, defaults.revision <= old.generation
        else { return nil }
        let count = try connection.first("SELECT count(*) FROM devices") { try $0.integer() } ?? 0
        var changed = try devices(changedAfter: old.generation)
        let known = Set(changed.map(\.id))
        changed += try devices(fetchedAfter: old.filesFetched).filter { !known.contains($0.id) }
        return kept.index.replacing(changed, count: Int(count))
    }

    private func inventoryVersion() throws -> (Inventory.Version, Generation) {
        let row = try connection.first("SELECT desired, applied, applied_at, files_fetched FROM generation WHERE one = 1") {
            let generation = try Generation(desired: $0.integer(), applied: $0.integer(), appliedAt: $0.optional { try $0.time() })
            return (Inventory.Version(generation: generation.desired, filesFetched: try $0.integer()), generation)
        }
        guard let row else { throw StoreError.schema("The generation row is missing. Restore the database from a backup.") }
        return row
    }
}
