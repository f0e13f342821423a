// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Linux
import Synchronization
import Testing

@testable import Store

struct `A backup with a passphrase` {
    let hub: TemporaryHub
    let key = PrivateKey.generate()
    let path: String

    init() throws {
        hub = try TemporaryHub()
        path = hub.temporary.path + "/sealed"
        try hub.add(NewDevice(name: "findable laptop", publicKey: key.publicKey, privateKey: key))
        try hub.database.backUp(to: path, passphrase: "green tea at four")
    }

    @Test func `reveals nothing without it`() throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for text in ["findable", "SQLite format 3", "CREATE TABLE"] { #expect(bytes.range(of: Data(text.utf8)) == nil, "\(text)") }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        for passphrase in [nil, "black tea at four", ""] {
            let error = #expect(throws: StoreError.self) { _ = try hub.database.restore(from: path, passphrase: passphrase, by: .ada, at: 900) }
            guard case .backup? = error else { return #expect(Bool(false), "\(String(describing: error))") }
        }
        #expect(try !hub.read { try $0.auditEntries(limit: 10) }.contains { $0.action == "database.restore" })
    }

    @Test func `opens on another host, whose key then seals its secrets`() throws {
        let other = try TemporaryHub()
        _ = try other.database.restore(from: path, passphrase: "green tea at four", by: .ada, at: 900)
        let device = try #require(try other.read { try $0.devices() }.first)
        #expect(device.name == "findable laptop")
        #expect(try other.read { try $0.privateKey(ofDevice: device.id) } == key)
        // Also for the next opening of the folder, and without the backup's key in any file.
        let again = try other.secondDatabase()
        #expect(try again.read { try $0.privateKey(ofDevice: device.id) } == key)
        #expect(try again.read { try !$0.connection.exists("SELECT 1 FROM sqlite_master WHERE name = 'backup_key'") })
        #expect(try FileManager.default.contentsOfDirectory(atPath: other.folder).filter { $0.contains(".db.") } == [])
    }

    @Test func `is refused if a byte was changed or the end is missing`() throws {
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(bytes.count > PassphraseSeal.sealedChunkByteCount)
        let cuts = [bytes.count - 1, PassphraseSeal.headerByteCount + PassphraseSeal.sealedChunkByteCount, PassphraseSeal.headerByteCount, 40]
        var bad = cuts.map { Array(bytes[..<$0]) }
        for position in [20, 40, PassphraseSeal.headerByteCount, bytes.count / 2, bytes.count - 1] {
            var changed = bytes
            changed[position] ^= 1
            bad.append(changed)
        }
        bad.append(bytes + [0])
        for (number, content) in bad.enumerated() {
            let file = "\(path)-\(number)"
            try Data(content).write(to: URL(fileURLWithPath: file))
            #expect(throws: StoreError.self, "\(number)") {
                _ = try hub.database.restore(from: file, passphrase: "green tea at four", by: .ada, at: 900)
            }
        }
        #expect(try hub.read { try $0.devices() }.count == 1)
    }

    /// Making the key of the passphrase takes long enough to look at the folders many times.
    @Test func `is never in the clear outside the data folder, not even while it is made`() throws {
        let isDone = Mutex(false)
        let target = hub.temporary.path + "/second"
        let thread = Foundation.Thread { [hub] in
            try? hub.database.backUp(to: target, passphrase: "green tea at four")
            isDone.withLock { $0 = true }
        }
        thread.start()
        var (outside, staged) = (Set<String>(), Set<String>())
        while !isDone.withLock({ $0 }) {
            for name in try FileManager.default.contentsOfDirectory(atPath: hub.temporary.path) where name != "data" {
                let head = try? FileHandle(forReadingFrom: URL(fileURLWithPath: "\(hub.temporary.path)/\(name)")).read(upToCount: 6)
                if head == Data("SQLite".utf8) { outside.insert(name) }
            }
            for name in try FileManager.default.contentsOfDirectory(atPath: hub.folder) where name.hasPrefix("hairpin.db.") {
                staged.insert(name)
                let mode = try? FileManager.default.attributesOfItem(atPath: "\(hub.folder)/\(name)")[.posixPermissions] as? Int
                #expect(mode == nil || mode == 0o600)
            }
        }
        #expect(outside == [] && !staged.isEmpty)
        #expect(try SealedBackup.isOne(target))
        #expect(try FileManager.default.contentsOfDirectory(atPath: hub.folder).filter { $0.hasPrefix("hairpin.db.") } == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: hub.temporary.path).sorted() == ["data", "sealed", "second"])
    }

    @Test(arguments: [true, false])
    func `removes what a killed one left behind, as the next start does, and nothing else`(byBackup: Bool) throws {
        let left = ["hairpin.db.0123456789abcdef", "hairpin.db.0123456789abcdef-journal"]
        let own = ["hairpin.db.bak", "hairpin.db.before-the-upgrade", "before-restore-1-abcdefghijkmnpqr.db", "before-restore-1-aa.db.gz"]
        for name in left + own { _ = FileManager.default.createFile(atPath: "\(hub.folder)/\(name)", contents: Data("key".utf8)) }
        if byBackup { try hub.database.backUp(to: path + "-2", passphrase: "green tea at four") } else { hub.database.removeLeftovers() }
        let names = Set(try FileManager.default.contentsOfDirectory(atPath: hub.folder))
        #expect(names.isDisjoint(with: left) && names.isSuperset(of: own))
    }

    @Test func `keeps its files from others while it is made`() throws {
        let lock = try FileLock(path: hub.folder + "/restore.lock")
        let name = hub.folder + "/hairpin.db.0123456789abcdef"
        _ = FileManager.default.createFile(atPath: name, contents: Data())
        hub.database.removeLeftovers()
        #expect(FileManager.default.fileExists(atPath: name))
        _ = consume lock
        hub.database.removeLeftovers()
        #expect(!FileManager.default.fileExists(atPath: name))
    }

    @Test func `is not asked for it if it was made without one`() throws {
        let plain = hub.temporary.path + "/plain"
        try hub.database.backUp(to: plain)
        let other = try TemporaryHub()
        _ = try other.database.restore(from: plain, by: .ada, at: 900)
        let device = try #require(try other.read { try $0.devices() }.first)
        #expect(try other.read { try $0.privateKey(ofDevice: device.id) } == key)
    }

    @Test func `from before a rotation is sealed with the new key`() throws {
        _ = try hub.database.rotateSecretKey(by: .ada, at: 300)
        _ = try hub.database.restore(from: path, passphrase: "green tea at four", by: .ada, at: 900)
        let database = try hub.secondDatabase()
        let device = try #require(try database.read { try $0.devices() }.first)
        #expect(try database.read { try $0.privateKey(ofDevice: device.id) } == key)
    }
}
