// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Net
import Synchronization
import Testing

@testable import Store

private struct Refusal: Error {}

struct `A change` {
    let hub: TemporaryHub

    init() throws { hub = try TemporaryHub() }

    @Test func `raises the generation by one, whatever it contains`() throws {
        let before = try hub.read { try $0.generation().desired }
        try hub.change { db in
            try db.add(.sample("a"))
            try db.add(.sample("b"))
        }
        #expect(try hub.read { try $0.generation().desired } == before + 1)
        #expect(try hub.read { try $0.devices().map(\.revision) } == [before + 1, before + 1])
    }

    @Test func `leaves an audit row for everything it did`() throws {
        let device = try hub.add(.sample("a"))
        let entry = try #require(try hub.read { try $0.auditEntries(limit: 1) }.first)
        #expect(entry.action == "device.add")
        #expect(entry.target == "device/\(device.id)")
        #expect(entry.author == .ada)
        #expect(entry.at == 200)
        #expect(entry.before == nil)
        #expect(entry.after?.contains(#""name":"a""#) == true)
    }

    @Test func `that throws leaves neither row nor audit row nor generation`() throws {
        let before = try hub.read { try ($0.generation(), $0.auditHead()?.number) }
        #expect(throws: Refusal.self) {
            try hub.change { db in
                try db.add(.sample("a"))
                throw Refusal()
            }
        }
        let after = try hub.read { try ($0.generation(), $0.auditHead()?.number, $0.devices().count) }
        #expect(after == (before.0, before.1, 0))
    }

    @Test func `of nothing makes no generation and no audit row`() throws {
        let device = try hub.add(.sample("a"))
        let before = try hub.read { try ($0.generation(), $0.auditHead()?.number) }
        try hub.change { db in
            try db.update(device)
            try db.update(try db.defaults())
            try db.update(try db.hub())
        }
        let after = try hub.read { try ($0.generation(), $0.auditHead()?.number) }
        #expect(after == before)
    }

    @Test func `is announced once it is committed`() throws {
        let announced = Mutex<[Int64]>([])
        hub.database.onChange { generation in announced.withLock { $0.append(generation) } }
        let before = try hub.read { try $0.generation().desired }
        try hub.add(.sample("a"))
        _ = try? hub.change { db in
            try db.add(.sample("b"))
            throw Refusal()
        }
        #expect(announced.withLock { $0 } == [before + 1])
    }

    @Test func `in another process is noticed and seen`() throws {
        let other = try hub.secondDatabase()
        let before = try hub.database.dataVersion()
        #expect(try hub.database.dataVersion() == before)
        try other.change(by: .ada, at: 200) { _ = try $0.add(.sample("a")) }
        #expect(try hub.database.dataVersion() != before)
        #expect(try hub.read { try $0.devices() }.map(\.name) == ["a"])
    }

    @Test func `is acknowledged by the engine, and an older one does not undo that`() throws {
        let desired = try hub.add(.sample("a")).revision
        try hub.write { try $0.acknowledge(generation: desired, at: 300) }
        try hub.write { try $0.acknowledge(generation: desired - 1, at: 400) }
        try hub.write { try $0.acknowledge(generation: desired + 1, at: 500) }
        #expect(try hub.read { try $0.generation() } == Generation(desired: desired, applied: desired, appliedAt: 300))
    }
}

struct `The database` {
    @Test func `keeps what was committed when it is opened again`() throws {
        let hub = try TemporaryHub()
        let device = try hub.add(.sample("a"))
        #expect(try hub.secondDatabase().read { try $0.device(device.id) } == device)
    }

    @Test func `shows a reader one consistent state while others write`() throws {
        let hub = try TemporaryHub()
        try hub.read { db in
            let before = try db.devices().count
            try hub.add(.sample("a"))
            let after = try db.devices().count
            #expect(before == after)
        }
        #expect(try hub.read { try $0.devices() }.count == 1)
    }

    @Test func `serves writers from many threads one after the other`() throws {
        let hub = try TemporaryHub()
        DispatchQueue.concurrentPerform(iterations: 40) { number in
            _ = try? hub.add(.sample("device \(number)"))
            _ = try? hub.read { try $0.devices() }
        }
        #expect(try hub.read { try $0.devices() }.count == 40)
        #expect(Set(try hub.read { try $0.devices() }.map(\.ipv4)).count == 40)
    }

    @Test func `makes its folder and files for its owner alone`() throws {
        let hub = try TemporaryHub()
        let mode = { (path: String) in try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int }
        #expect(try mode(hub.folder) == 0o700)
        for name in ["hairpin.db", "hairpin.db-wal", "hairpin.db-shm", "secret.key"] { #expect(try mode("\(hub.folder)/\(name)") == 0o600) }
    }

    @Test(arguments: ["", "/hairpin.db", "/secret.key"])
    func `refuses a folder or file that others may open`(name: String) throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path + "/data"
        _ = try Database(folder: folder, migrations: .house(), now: 100)
        try FileManager.default.setAttributes([.posixPermissions: name.isEmpty ? 0o750 : 0o640], ofItemAtPath: folder + name)
        let error = #expect(throws: StoreError.self) { _ = try Database(folder: folder, migrations: .house(), now: 100) }
        #expect(error.words.contains("\(folder)\(name)"))
        #expect(error.words.contains("chmod"))
    }

    @Test func `uses a write-ahead log, syncs and foreign keys in every connection`() throws {
        let hub = try TemporaryHub()
        for mode in [Connection.Mode.reader, .writer] {
            let connection = try Connection(path: hub.database.path, mode: mode)
            #expect(try connection.first("PRAGMA journal_mode") { try $0.text() } == "wal")
            for (pragma, value) in [("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1), ("trusted_schema", 0)] {
                #expect(try connection.first("PRAGMA \(pragma)") { try $0.integer() } == Int64(value), "\(pragma)")
            }
        }
        let reader = try Connection(path: hub.database.path, mode: .reader)
        #expect(throws: StoreError.self) { try reader.execute("DELETE FROM devices") }
    }

    @Test func `reports the operation and SQL of an error, never a value`() throws {
        let hub = try TemporaryHub()
        let error = #expect(throws: StoreError.self) {
            try hub.write { db in
                for _ in 0..<2 {
                    try db.connection.execute(
                        "INSERT INTO setup_tokens (token_hash, expires_at) VALUES (?, 1)", [.blob(Array("hush, hush, hush, hush, hush, hu".utf8))])
                }
            }
        }
        guard case .database(let details)? = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(details.code == 1555)  // SQLITE_CONSTRAINT_PRIMARYKEY
        #expect(details.operation == "step")
        #expect(details.sql.hasPrefix("INSERT INTO setup_tokens"))
        #expect(!"\(details)".contains("hush"))
    }

    @Test func `is refused in one sentence if the file is not a database`() throws {
        let temporary = try TemporaryFolder()
        let path = temporary.path + "/hairpin.db"
        #expect(FileManager.default.createFile(atPath: path, contents: Data(repeating: 65, count: 8_192), attributes: [.posixPermissions: 0o600]))
        #expect(throws: StoreError.self) { _ = try Database(folder: temporary.path, migrations: .house(), now: 100) }
    }
}
