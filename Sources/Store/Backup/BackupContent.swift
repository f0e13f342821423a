// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSQLite
import Fleet
import Net
import Words

// What the rows of a backup must be, beyond what the database itself checks. Somebody who can write to the file could otherwise stop the hub
// that it is restored to, at once or at each start.

extension Backup {
    /// The limit for times: seconds before or after 1970, some 30,000 years.
    private static let farthestTime: Int64 = 1_000_000_000_000
    /// The limit for every other number. Sums of a few of them do not overflow.
    private static let greatestNumber: Int64 = 1 << 60

    /// Throws `.backup` if a number in the file exceeds these limits. The structure must have been checked.
    static func requireBounds(_ path: String) throws {
        let connection = try Connection(path: path, mode: .inspector)
        let columns = try connection.all(
            """
            SELECT tables.name, columns.name FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
            WHERE tables.type = 'table' AND columns.type = 'INTEGER' ORDER BY tables.name, columns.cid
            """
        ) { (table: try $0.text(), column: try $0.text()) }
        for (table, column) in columns {
            let limit = column == "at" || column == "deadline" || column.hasSuffix("_at") ? farthestTime : greatestNumber
            let isExceeded = try connection.exists(
                "SELECT 1 FROM \"\(table)\" WHERE \"\(column)\" NOT BETWEEN ? AND ?", [.integer(-limit), .integer(limit)])
            guard !isExceeded else {
                throw StoreError.backup("\(path) cannot be used: \(table).\(column) has a number that no hub writes. Use another backup.")
            }
        }
    }

    /// Throws `.backup` if the program's own readers refuse a row that the hub reads at its start or for a page. `copy` is a migrated copy of
    /// the file at `path`.
    static func requireReadable(_ copy: Connection, of path: String, with secrets: SecretKeys) throws {
        let reader = ReadTransaction(copy, secrets: secrets)
        defer { reader.end() }
        do {
            let inventory = try reader.inventory().0
            if let hub = inventory.hub {
                try require(hub.ipv4Network.map { $0.address.isV4 && $0.length <= 30 }, "the IPv4 network")
                try require(hub.ipv6Network.map { !$0.address.isV4 && $0.length <= 126 }, "the IPv6 network")
            }
            for device in inventory.index.devices { _ = try (reader.onlinePeriods(ofDevice: device.id), reader.traffic(ofDevice: device.id)) }
            for account in try reader.accounts() { _ = try reader.secondFactors(ofAccount: account.id) }
            _ = try (reader.observations(), reader.departedKeys(after: 0), reader.apiTokens(), reader.awaitedConfirmations())
            _ = try (reader.isSecondFactorRequired(), reader.auditDays(), reader.spokenPairs(at: UnixTime(seconds: 0)))
            _ = try (reader.timedLinks(), reader.allLinkRequests())
            guard try copy.exists("SELECT 1 FROM login_salt") else { throw StoreError.schema("The salt of sign-in attempts is missing.") }
        } catch StoreError.schema(let problem) {
            let rest = problem.replacing(" Restore the database from a backup.", with: "")
            throw StoreError.backup("\(path) cannot be used. \(rest) Use another backup.")
        } catch StoreError.database(let error) where error.code == SQLITE_MISMATCH {
            throw StoreError.backup("\(path) cannot be used: it has a row in which \(error.message). Use another backup.")
        }
    }

    private static func require(_ isUsable: Bool?, _ what: String) throws {
        if isUsable == false { throw StoreError.schema("A hub cannot use \(what) in it.") }
    }
}
