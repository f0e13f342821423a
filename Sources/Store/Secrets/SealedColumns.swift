// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// A column with encrypted values. Each value is bound to its place: table, row and column.
struct SealedColumn: Hashable {
    let table: String
    /// The column whose value identifies the row in the place.
    let key: String
    let column: String

    static let all = [
        SealedColumn(table: "hub", key: "one", column: "private_key"),
        SealedColumn(table: "devices", key: "id", column: "private_key"),
        SealedColumn(table: "devices", key: "id", column: "preshared_key"),
        SealedColumn(table: "one_time_links", key: "id", column: "private_key"),
        SealedColumn(table: "totp", key: "account_id", column: "secret"),
    ]

    /// One value of this column and its place; nil if there is none.
    func any(in connection: Connection) throws -> (place: String, value: [UInt8])? {
        try connection.first("SELECT CAST(\(key) AS TEXT), \(column) FROM \(table) WHERE \(column) IS NOT NULL LIMIT 1") {
            (place(try $0.text()), try $0.blob())
        }
    }

    /// Decrypts each value with `open` and encrypts it with `box` for the same place.
    func reseal(in connection: Connection, opening open: ([UInt8], String) throws -> [UInt8], sealing box: SecretBox) throws {
        let rows = try connection.all("SELECT CAST(\(key) AS TEXT), \(column) FROM \(table) WHERE \(column) IS NOT NULL") {
            (row: try $0.text(), value: try $0.blob())
        }
        for (row, value) in rows {
            let place = place(row)
            var secret = try open(value, place)
            defer { wipe(&secret) }
            try connection.execute(
                "UPDATE \(table) SET \(column) = ? WHERE \(key) = ?", [.blob(box.seal(secret, for: place)), .text(row)])
        }
    }

    private func place(_ row: String) -> String { "\(table)/\(row)/\(column)" }
}
