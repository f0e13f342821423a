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

    private let latest = Mutex<(version: Version, devices: [Device])?>(nil)

    /// The devices of exactly this version; nil when another one was read last.
    func devices(at version: Version) -> [Device]? {
        latest.withLock { latest in latest?.version == version ? latest?.devices : nil }
    }

    func keep(_ devices: [Device], at version: Version) { latest.withLock { $0 = (version, devices) } }
}

extension ReadTransaction {
    /// The version of the rows that this transaction sees, unless it has changed some itself.
    func deviceListVersion() throws -> DeviceList.Version {
        let version = try connection.first("SELECT desired, files_fetched FROM generation WHERE one = 1") {
            try DeviceList.Version(generation: $0.integer(), filesFetched: $0.integer())
        }
        guard let version else { throw StoreError.schema("The generation row is missing. Restore the database from a backup.") }
        return version
    }
}
