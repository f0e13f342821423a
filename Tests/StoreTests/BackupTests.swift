// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Linux
import Net
import Testing

@testable import Store

struct `A backup` {
    let hub: TemporaryHub
    let path: String

    init() throws {
        hub = try TemporaryHub()
        path = hub.temporary.path + "/backup.db"
    }

    @Test func `is a private file with the secrets sealed`() throws {
        let key = PrivateKey.generate()
        try hub.add(NewDevice(name: "findable", publicKey: key.publicKey, privateKey: key))
        try hub.database.backUp(to: path)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(bytes.range(of: Data("findable".utf8)) != nil)
        #expect(bytes.range(of: Data([UInt8](key.bytes))) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: hub.temporary.path).sorted() == ["backup.db", "data"])
    }

    @Test func `does not replace a file`() throws {
        try hub.database.backUp(to: path)
        #expect(throws: StoreError.backup("\(path) exists already. Choose another name, or remove it first.")) {
            try hub.database.backUp(to: path)
        }
    }

    @Test func `restores the old content, and keeps a copy of the current one`() throws {
        let key = PrivateKey.generate()
        let old = try hub.add(NewDevice(name: "old", publicKey: key.publicKey, privateKey: key))
        try hub.database.backUp(to: path)
        try hub.change { db in
            try db.removeDevice(old.id)
            try db.add(.sample("new"))
        }
        let before = try hub.read { try $0.generation() }
        let kept = try hub.database.restore(from: path, by: .ada, at: 900)

        #expect(try hub.read { try $0.devices() }.map(\.name) == ["old"])
        #expect(try hub.read { try $0.privateKey(ofDevice: old.id) } == key)
        #expect(try hub.read { try $0.generation().desired } == before.desired + 1)
        #expect(try hub.read { try $0.auditEntries(limit: 1) }.map(\.action) == ["database.restore"])
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } == nil)
        #expect(try FileManager.default.attributesOfItem(atPath: kept)[.posixPermissions] as? Int == 0o600)

        _ = try hub.database.restore(from: kept, by: .ada, at: 901)
        #expect(try hub.read { try $0.devices() }.map(\.name) == ["new"])
    }

    @Test func `keeps the copies of the last three restores, and the one that was restored`() throws {
        try hub.database.backUp(to: path)
        let kept = try (0..<5).map { try hub.database.restore(from: path, by: .ada, at: UnixTime(seconds: 900 + Int64($0))) }
        #expect(kept.map(Files.exists) == [false, false, true, true, true])
        _ = try hub.database.restore(from: kept[2], by: .ada, at: 905)
        #expect(kept.map(Files.exists) == [false, false, true, true, true])
        _ = try hub.database.restore(from: path, by: .ada, at: 906)
        #expect(kept.map(Files.exists) == [false, false, false, false, true])
        // The clock was set back.
        let early = try hub.database.restore(from: path, by: .ada, at: 100)
        #expect(Files.exists(early))
    }

    @Test func `restored is seen by other processes and by the next start`() throws {
        let other = try hub.secondDatabase()
        try hub.database.backUp(to: path)
        try hub.add(.sample("new"))
        #expect(try other.read { try $0.devices() }.count == 1)
        let version = try other.dataVersion()
        _ = try hub.database.restore(from: path, by: .ada, at: 900)
        #expect(try other.dataVersion() != version)
        #expect(try other.read { try $0.devices() }.isEmpty)
        try other.change(by: .ada, at: 901) { _ = try $0.add(.sample("after")) }
        #expect(try hub.secondDatabase().read { try $0.devices() }.map(\.name) == ["after"])
    }

    @Test func `restored signs everybody out and ends links`() throws {
        let device = try hub.add(.sample("laptop"))
        let account = try hub.write { try $0.addAccount(email: "ada@example.org", passwordHash: "x", role: .admin, by: .ada, at: 100) }
        let session = try hub.write { try $0.startSession(ofAccount: account.id, address: "", userAgent: "", at: 800) }
        let link = try hub.write { try $0.makeLink(toDevice: device.id, by: .ada, at: 800).token }
        try hub.database.backUp(to: path)
        _ = try hub.database.restore(from: path, by: .ada, at: 900)
        #expect(try hub.read { try $0.session(session.token, at: 900) } == nil)
        #expect(try hub.read { try $0.device(ofLink: link, at: 900) } == nil)
        #expect(try hub.read { try $0.accounts() } == [account])
    }

    @Test func `restored replaces no timestamp with an older one`() throws {
        let key = try hub.add(.sample("laptop")).publicKey
        try hub.database.backUp(to: path)
        try hub.write { try $0.recordObservations([.sample(key)]) }
        _ = try hub.database.restore(from: path, by: .ada, at: 900)
        #expect(try hub.read { try $0.observations()[key]?.greatestTimestamp } == [UInt8](repeating: 1, count: 12))
    }

    @Test func `that is damaged, truncated, foreign or missing changes nothing`() throws {
        try hub.add(.sample("laptop"))
        try hub.database.backUp(to: path)
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        var damaged = good
        for position in 8_192..<min(40_960, damaged.count) { damaged[position] ^= 0x5A }
        let bad: [(String, Data?)] = [
            ("damaged", damaged), ("cut", good.prefix(good.count / 2)), ("text", Data("hello".utf8)), ("empty", Data()), ("missing", nil),
        ]
        for (name, bytes) in bad {
            let file = hub.temporary.path + "/" + name
            try bytes?.write(to: URL(fileURLWithPath: file))
            let error = #expect(throws: StoreError.self, "\(name)") { _ = try hub.database.restore(from: file, by: .ada, at: 900) }
            guard case .backup? = error else { return #expect(Bool(false), "\(name): \(String(describing: error))") }
        }
        #expect(try hub.read { try $0.devices() }.map(\.name) == ["laptop"])
        #expect(try !hub.read { try $0.auditEntries(limit: 100) }.contains { $0.action == "database.restore" })
    }

    @Test func `of another hub is refused if its key is not included`() throws {
        let other = try TemporaryHub()
        try other.database.backUp(to: path)
        try Connection(path: path, mode: .writer).execute("DROP TABLE backup_key")
        let error = #expect(throws: StoreError.self) { _ = try hub.database.restore(from: path, by: .ada, at: 900) }
        guard case .secretKey? = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }

    @Test func `of a newer program is refused`() throws {
        try hub.database.backUp(to: path)
        try Connection(path: path, mode: .writer).execute(
            "INSERT INTO migrations (number, name, checksum, applied_at) VALUES (9999, '9999_later.sql', x'00', 1)")
        let error = #expect(throws: StoreError.self) { _ = try hub.database.restore(from: path, by: .ada, at: 900) }
        guard case .schema? = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }
}
