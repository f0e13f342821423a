// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Synchronization

/// The devices as they were read last, so that pages of a large hub do not read ten thousand rows each.
/// Thread rule: any thread; one lock, held for a comparison.
final class DeviceList: Sendable {
    /// Names one state of all rows of devices: every commit that changes one raises one of the numbers.
    struct Version: Equatable {
        let generation: Int64
        let filesFetched: Int64
    }

    struct Content {
        let version: Version
        let index: DeviceIndex
    }

    private let latest = Mutex<Content?>(nil)

    /// What was read last, of whichever version.
    var content: Content? { latest.withLock { $0 } }

    func keep(_ content: Content) { latest.withLock { $0 = content } }
}

extension ReadTransaction {
    /// What `list` keeps, brought to what this transaction sees with as few rows as possible.
    func index(from list: DeviceList) throws -> DeviceIndex {
        let version = try deviceListVersion()
        let kept = list.content
        if let kept, kept.version == version { return kept.index }
        let index = try kept.flatMap { try changed($0, to: version) } ?? readDeviceIndex()
        list.keep(DeviceList.Content(version: version, index: index))
        return index
    }

    /// Nil when too much has changed to say it row by row.
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
