// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Testing

@testable import Store

/// A database that the first program made, in its own words: Databases/structure-1.sql.
struct `A database of an old program` {
    private let temporary: TemporaryFolder
    private var folder: String { temporary.path + "/data" }

    init() throws {
        temporary = try TemporaryFolder()
        let dump = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Databases/structure-1.sql")
        let text = try String(contentsOf: dump, encoding: .utf8)
        let digits = try #require(text.firstMatch(of: /-- secret.key: ([0-9a-f]{64})/)?.1)
        let key = try stride(from: 0, to: 64, by: 2).map { try #require(UInt8(digits.dropFirst($0).prefix(2), radix: 16)) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        FileManager.default.createFile(atPath: folder + "/secret.key", contents: Data(key), attributes: [.posixPermissions: 0o600])
        try DatabaseFile.prepare(folder + "/hairpin.db")
        try Connection(path: folder + "/hairpin.db", mode: .writer).script(text)
    }

    private func expectEverything(in database: Database) throws {
        try database.read { db in
            #expect(try db.devices().map(\.name) == ["Büro gateway", "laptop", "nas"])
            for device in try db.devices() { #expect(try db.privateKey(ofDevice: device.id)?.publicKey == device.publicKey) }
            #expect(try db.hubPrivateKey().publicKey == db.hub().publicKey)
            #expect(try db.defaults().settings.persistentKeepalive == 25)
            #expect(try db.accounts().map(\.email) == ["ada@example.org"])
            #expect(try db.firstBrokenAuditEntry() == nil)
            #expect(try db.auditEntries(limit: 100).contains { $0.number == 1 && $0.action == "hub.make" })
            #expect(try db.connection.first("PRAGMA integrity_check") { try $0.text() } == "ok")
        }
        // It works on.
        try database.change(by: .ada, at: 1_900_000_000) { _ = try $0.add(.sample("new")) }
        #expect(try database.read { try $0.firstBrokenAuditEntry() } == nil)
    }

    @Test func `is brought forward with all that it holds`() throws {
        let database = try Database(folder: folder, migrations: .house(), now: 1_800_000_000)
        #expect(try database.read { try $0.generation() } == Generation(desired: 4, applied: 4, appliedAt: 1_795_661_403))
        try expectEverything(in: database)
    }

    @Test(arguments: 1...Int((try? Migrations.house().newest) ?? 1))
    func `is brought forward from every structure between`(structure: Int) throws {
        let some = temporary.path + "/migrations"
        try FileManager.default.createDirectory(atPath: some, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: Migrations.houseFolder).sorted().prefix(structure) {
            try FileManager.default.copyItem(atPath: "\(Migrations.houseFolder)/\(name)", toPath: "\(some)/\(name)")
        }
        do {
            let connection = try Connection(path: folder + "/hairpin.db", mode: .writer)
            try Migrations(folder: some).apply(to: connection, at: 1_800_000_000)
            #expect(try connection.first("SELECT max(number) FROM migrations") { try $0.integer() } == Int64(structure))
        }
        try expectEverything(in: Database(folder: folder, migrations: .house(), now: 1_800_000_001))
    }

    @Test func `is restored like a backup by whoever has its key`() throws {
        let old = temporary.path + "/old.db"
        try FileManager.default.moveItem(atPath: folder + "/hairpin.db", toPath: old)
        let database = try Database(folder: folder, migrations: .house(), now: 1_800_000_000)
        _ = try database.restore(from: old, by: .ada, at: 1_800_000_001)
        try expectEverything(in: database)
    }
}
