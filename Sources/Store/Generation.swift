// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net

extension Generation {
    static func read(_ connection: Connection) throws -> Generation {
        let row = try connection.first("SELECT desired, applied, applied_at FROM generation WHERE one = 1") {
            try Generation(desired: $0.integer(), applied: $0.integer(), appliedAt: $0.optional { try $0.time() })
        }
        guard let row else { throw StoreError.schema("The generation row is missing. Restore the database from a backup.") }
        return row
    }

    static func setDesired(_ desired: Int64, _ connection: Connection) throws {
        try connection.execute("UPDATE generation SET desired = ? WHERE one = 1", [.integer(desired)])
    }
}

extension ReadTransaction {
    /// The progress from desired state to the engine.
    public func generation() throws -> Generation { try Generation.read(connection) }
}

extension WriteTransaction {
    /// Records at `now` that the engine has applied `generation`. Ignores a generation older than the last acknowledged one.
    public func acknowledge(generation: Int64, at now: UnixTime) throws {
        try connection.execute(
            "UPDATE generation SET applied = ?, applied_at = ? WHERE one = 1 AND applied <= ? AND desired >= ?",
            [.integer(generation), .time(now), .integer(generation), .integer(generation)])
        try connection.execute("DELETE FROM departed_keys WHERE generation <= ?", [.integer(generation)])
    }
}
