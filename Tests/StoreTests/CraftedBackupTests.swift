// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Testing

@testable import Store

/// Somebody who can write to a backup puts values into it that the database accepts and the program does not.
struct `A crafted backup` {
    private static let greatest = "9223372036854775807"

    @Test(arguments: [
        "UPDATE generation SET desired = \(greatest)", "UPDATE generation SET desired = \(greatest) - 1",
        "UPDATE generation SET files_fetched = \(greatest)", "UPDATE devices SET expires_at = -\(greatest) - 1",
        "UPDATE devices SET expires_at = \(greatest)", "UPDATE devices SET revision = \(greatest)",
        "UPDATE devices SET created_at = 9000000000000000",
        "UPDATE observations SET received_bytes = \(greatest)", "UPDATE observations SET last_seen_at = \(greatest)",
        "INSERT INTO traffic SELECT id, 60, \(greatest), zeroblob(4) FROM devices",
        "INSERT INTO awaited_confirmations VALUES (1, 'ada', \(greatest))", "UPDATE accounts SET created_at = \(greatest)",
        "UPDATE devices SET name = 'x' || char(10) || 'PostUp = x'", "UPDATE devices SET name = 'x' || char(8238)",
        "UPDATE devices SET description = 'x' || char(27) || '[31m'", "UPDATE accounts SET email = 'ada' || char(7) || '@example.org'",
        "UPDATE hub SET name = printf('%.*c', 5000, 'x')", "UPDATE devices SET tags = substr(replace(hex(zeroblob(2000)), '00', 'ab,'), 1, 5999)",
        "UPDATE devices SET tags = 'a, <b>'", "UPDATE observations SET endpoint = 'nowhere'",
        "INSERT INTO device_sessions SELECT id, 1, 2, 'nowhere' FROM devices",
        "INSERT INTO device_settings SELECT id, 'endpoint', 'hub' || char(10) || 'PostUp = x', 1 FROM devices",
        "INSERT INTO device_settings SELECT id, 'dns', '1.1.1.1' || char(10) || 'PostUp = x', 1 FROM devices",
        "INSERT INTO device_settings SELECT id, 'table', 'x', 1 FROM devices",
        "UPDATE default_settings SET value = 'a b c' WHERE key = 'allowed_ips'",
        "UPDATE hub SET ipv4_network = '10.0.0.0/33'", "UPDATE hub SET ipv4_network = 'fd00::/64'", "UPDATE hub SET ipv4_network = '10.0.0.0/31'",
        "UPDATE hub SET ipv6_network = '10.0.0.0/8'", "DELETE FROM defaults", "DELETE FROM generation", "DELETE FROM login_salt",
    ])
    func `is refused with one sentence, and changes nothing`(sql: String) throws {
        let hub = try TemporaryHub()
        let path = hub.temporary.path + "/backup.db"
        let device = try hub.add(.sample("laptop"))
        try hub.write { transaction in
            try transaction.recordObservations([.sample(device.publicKey)])
            _ = try transaction.addAccount(email: "ada@example.org", passwordHash: "x", role: .admin, by: .ada, at: 100)
        }
        try hub.database.backUp(to: path)
        #expect(try Connection(path: path, mode: .writer).execute(sql) > 0)
        let error = #expect(throws: StoreError.self) { _ = try hub.database.restore(from: path, by: .ada, at: 900) }
        guard case .backup(let phrase)? = error else { return #expect(Bool(false), "\(String(describing: error))") }
        let text = phrase.description
        #expect(text.hasPrefix("\(path) cannot be used") && text.hasSuffix(". Use another backup.") && !text.contains("Restore the"), "\(text)")
        #expect(try !hub.read { try $0.auditEntries(limit: 10) }.contains { $0.action == "database.restore" })
        #expect(try hub.add(.sample("phone")).revision > device.revision)
    }

    @Test func `is not one with the greatest values that people and years of traffic give`() throws {
        let hub = try TemporaryHub()
        let path = hub.temporary.path + "/backup.db"
        let device = try hub.add(.sample("laptop"))
        try hub.write { try $0.recordObservations([.sample(device.publicKey, receivedBytes: 1 << 59)]) }
        try hub.database.change(by: .ada, at: 100) { transaction in
            var edited = try transaction.device(device.id)
            edited.description = "Rack 4,\r\nleft"
            _ = try transaction.update(edited)
        }
        try hub.database.backUp(to: path)
        for expiry in [-62_135_596_800, 253_402_300_799] as [Int64] {
            try Connection(path: path, mode: .writer).execute("UPDATE devices SET expires_at = ?", [.integer(expiry)])
            _ = try hub.database.restore(from: path, by: .ada, at: 900)
            #expect(try hub.read { try $0.device(device.id) }.expiresAt?.seconds == expiry)
        }
    }
}
