// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Synchronization

/// Caches all devices, so that each page of a large hub does not read ten thousand rows.
/// Thread rule: any thread. One lock, held for a comparison.
final class DeviceList: Sendable {
    /// Identifies one state of all device rows. Each commit that changes a device increases one of the numbers.
    struct Version: Equatable {
        let generation: Int64
        let filesFetched: Int64
    }

    struct Content {
        let version: Version
        let index: DeviceIndex
    }

    private let latest = Mutex<Content?>(nil)

    /// The content that was read last, of any version.
    var content: Content? { latest.withLock { $0 } }

    func keep(_ content: Content) { latest.withLock { $0 = content } }
}

extension ReadTransaction {
    /// The devices that this transaction sees. Updates the content of `list` and reads as few rows as possible.
    func index(from list: DeviceList) throws -> DeviceIndex {
        let version = try deviceListVersion()
        let kept = list.content
        if let kept, kept.version == version { return kept.index }
        let index = try kept.flatMap { try changed($0, to: version) } ?? readDeviceIndex()
        list.keep(DeviceList.Content(version: version, index: index))
        return index
    }

    /// Updates only the changed rows. Nil if that is not possible and all rows must be read.
    private func changed(_ kept: DeviceList.Content, to version: DeviceList.Version) throws -> DeviceIndex? {
        let old = kept.version
        guard old.filesFetched <= version.filesFetched, old.generation <= version.generation, try defaults().revision <= old.generation
        else { return nil }
        let count = try connection.first("SELECT count(*) FROM devices") { try $0.integer() } ?? 0
        var changed = try devices(changedAfter: old.generation)
        let known = Set(changed.map(\.id))
        changed += try devices(fetchedAfter: old.filesFetched).filter { !known.contains($0.id) }
        return kept.index.replacing(changed, count: Int(count))
    }

    private func deviceListVersion() throws -> DeviceList.Version {
        let version = try connection.first("SELECT desired, files_fetched FROM generation WHERE one = 1") {
            try DeviceList.Version(generation: $0.integer(), filesFetched: $0.integer())
        }
        guard let version else { throw StoreError.schema("The generation row is missing. Restore the database from a backup.") }
        return version
    }
}
