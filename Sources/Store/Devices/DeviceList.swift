// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Synchronization

/// The devices as they were read last, by name, so that pages of a large hub do not read ten thousand rows each.
/// Thread rule: any thread; one lock, held for a comparison.
final class DeviceList: Sendable {
    /// Names one state of all rows of devices: every commit that changes one raises one of the numbers.
    struct Version: Equatable {
        let generation: Int64
        let filesFetched: Int64
    }

    struct Content {
        let version: Version
        var devices: [Device]
    }

    private let latest = Mutex<Content?>(nil)

    /// What was read last, of whichever version.
    var content: Content? { latest.withLock { $0 } }

    func keep(_ content: Content) { latest.withLock { $0 = content } }
}

extension DeviceList.Content {
    /// These devices with the changed ones in their places; nil when one was added, removed or renamed, which moves others.
    func replacing(_ changed: [Device], count: Int) -> [Device]? {
        guard count == devices.count else { return nil }
        var missing = Dictionary(uniqueKeysWithValues: changed.map { ($0.id, $0) })
        var result = devices
        for (position, old) in devices.enumerated() where !missing.isEmpty {
            guard let new = missing.removeValue(forKey: old.id) else { continue }
            guard new.name == old.name else { return nil }
            result[position] = new
        }
        return missing.isEmpty ? result : nil
    }
}

extension ReadTransaction {
    /// What `list` keeps, brought to what this transaction sees with as few rows as possible.
    func devices(from list: DeviceList) throws -> [Device] {
        let version = try deviceListVersion()
        let kept = list.content
        if let kept, kept.version == version { return kept.devices }
        let devices = try kept.flatMap { try changed($0, to: version) } ?? allDevices()
        list.keep(DeviceList.Content(version: version, devices: devices))
        return devices
    }

    /// Nil when too much has changed to say it row by row.
    private func changed(_ kept: DeviceList.Content, to version: DeviceList.Version) throws -> [Device]? {
        guard kept.version.filesFetched == version.filesFetched, kept.version.generation < version.generation,
            try defaults().revision <= kept.version.generation
        else { return nil }
        let count = try connection.first("SELECT count(*) FROM devices") { try $0.integer() } ?? 0
        return kept.replacing(try devices(changedAfter: kept.version.generation), count: Int(count))
    }

    private func deviceListVersion() throws -> DeviceList.Version {
        let version = try connection.first("SELECT desired, files_fetched FROM generation WHERE one = 1") {
            try DeviceList.Version(generation: $0.integer(), filesFetched: $0.integer())
        }
        guard let version else { throw StoreError.schema("The generation row is missing. Restore the database from a backup.") }
        return version
    }
}
