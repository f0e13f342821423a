// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Testing

@testable import Store

struct `A restore` {
    let hub: TemporaryHub
    let path: String
    let key = PrivateKey.generate()

    init() throws {
        hub = try TemporaryHub()
        path = hub.temporary.path + "/backup.db"
        for number in 0..<30 { try hub.add(.sample("device \(number)")) }
        try hub.add(NewDevice(name: "laptop", publicKey: key.publicKey, privateKey: key))
        try hub.database.backUp(to: path)
    }

    /// A data folder whose database was overwritten after all connections to it were closed.
    private func damagedFolder() throws -> (TemporaryFolder, String) {
        let temporary = try TemporaryFolder()
        let folder = temporary.path + "/data"
        do {
            let database = try Database(folder: folder, migrations: .house(), now: 100)
            _ = try database.restore(from: path, by: .ada, at: 200)
            try database.checkpoint()
        }
        let file = URL(fileURLWithPath: folder + "/hairpin.db")
        var bytes = try Data(contentsOf: file)
        for position in 4_096..<bytes.count where position % 7 == 0 { bytes[position] ^= 0x5A }
        try bytes.write(to: file)
        return (temporary, folder)
    }

    @Test func `refuses an audit log that was changed`() throws {
        let backup = try Connection(path: path, mode: .writer)
        let triggers = try backup.letAuditLogBeChanged()
        try backup.execute("UPDATE audit_log SET author = 'eve' WHERE number = 3")
        try backup.script(triggers)
        let error = #expect(throws: StoreError.self) { _ = try hub.database.restore(from: path, by: .ada, at: 900) }
        #expect(error.words.hasPrefix("Entry 3 of the audit log in \(path) was changed"))
        #expect(try !hub.read { try $0.auditEntries(limit: 100) }.contains { $0.action == "database.restore" })
    }

    @Test func `names both hubs before another one replaces a hub that is used`() throws {
        let other = try TemporaryHub()
        try other.add(.sample("printer"))
        let (ours, generation) = try other.read { (try $0.hub(), try $0.generation().desired) }
        let error = #expect(throws: StoreError.self) { _ = try other.database.restore(from: path, by: .ada, at: 900) }
        guard case .otherHub(let here, let backup)? = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(here == HubOutline(name: ours.name, publicKey: ours.publicKey, deviceCount: 1))
        #expect(try backup.publicKey == hub.read { try $0.hub().publicKey })
        #expect(backup.deviceCount == 31)
        #expect(try other.read { try $0.generation().desired } == generation)
        #expect(try FileManager.default.contentsOfDirectory(atPath: other.folder).allSatisfy { !$0.hasPrefix("before-restore") })

        _ = try other.database.restore(from: path, replacingOtherHub: true, by: .ada, at: 901)
        #expect(try other.read { try $0.hub().publicKey } == backup.publicKey)
    }

    @Test func `replaces a hub that nobody uses without a question`() throws {
        let other = try TemporaryHub()
        _ = try other.database.restore(from: path, by: .ada, at: 900)
        #expect(try other.read { try $0.hub().publicKey } == hub.read { try $0.hub().publicKey })
    }

    @Test func `does not run twice at once`() throws {
        let lock = try FileHandle(
            forWritingTo: { () -> URL in
                let file = URL(fileURLWithPath: hub.folder + "/restore.lock")
                FileManager.default.createFile(atPath: file.path, contents: nil, attributes: [.posixPermissions: 0o600])
                return file
            }())
        #expect(flock(lock.fileDescriptor, LOCK_EX) == 0)
        #expect(throws: StoreError.self) { _ = try hub.database.restore(from: path, by: .ada, at: 900) }
        try lock.close()
        _ = try hub.database.restore(from: path, by: .ada, at: 900)
    }

    @Test func `removes what a killed one left behind`() throws {
        let left = ["hairpin.db.0123456789abcdef", "hairpin.db.0123456789abcdef-wal", "before-restore-1-aa.db.0123456789abcdef"]
        for name in left { FileManager.default.createFile(atPath: "\(hub.folder)/\(name)", contents: Data("key".utf8)) }
        let kept = try hub.database.restore(from: path, by: .ada, at: 900)
        let names = Set(try FileManager.default.contentsOfDirectory(atPath: hub.folder))
        #expect(names.isDisjoint(with: left))
        #expect(names.isSuperset(of: ["hairpin.db", "secret.key", String(kept.split(separator: "/").last!)]))
    }

    @Test func `replaces a damaged database and keeps it`() throws {
        let (temporary, folder) = try damagedFolder()
        defer { withExtendedLifetime(temporary) {} }
        #expect(try DamagedDatabase.isOne(in: folder))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/hairpin.db"))
        let kept = try DamagedDatabase.replace(in: folder, migrations: .house(), by: path, passphrase: nil, author: .ada, now: 900)
        #expect(try Data(contentsOf: URL(fileURLWithPath: kept)) == bytes)
        #expect(try !DamagedDatabase.isOne(in: folder))
        let database = try Database(folder: folder, migrations: .house(), now: 100)
        let laptop = try #require(try database.read { try $0.devices() }.first { $0.name == "laptop" })
        #expect(try database.read { try $0.privateKey(ofDevice: laptop.id) } == key)
        #expect(try database.read { try $0.firstBrokenAuditEntry() } == nil)
    }

    @Test func `with an unusable backup leaves a damaged database where it was`() throws {
        let (temporary, folder) = try damagedFolder()
        defer { withExtendedLifetime(temporary) {} }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/hairpin.db"))
        let bad = temporary.path + "/bad"
        try Data("hello".utf8).write(to: URL(fileURLWithPath: bad))
        for backup in [bad, temporary.path + "/missing"] {
            let error = #expect(throws: StoreError.self) {
                _ = try DamagedDatabase.replace(in: folder, migrations: .house(), by: backup, passphrase: nil, author: .ada, now: 900)
            }
            guard case .backup? = error else { return #expect(Bool(false), "\(String(describing: error))") }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/hairpin.db")) == bytes)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("damaged-") } == [])
    }

    @Test func `does not mistake an intact database for a damaged one`() throws {
        #expect(try !DamagedDatabase.isOne(in: hub.folder))
        #expect(try !DamagedDatabase.isOne(in: hub.temporary.path))
    }
}
