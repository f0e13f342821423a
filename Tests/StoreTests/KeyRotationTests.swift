// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Testing

@testable import Store

struct `The key that seals secrets` {
    let hub: TemporaryHub
    let key = PrivateKey.generate()
    let preshared = PresharedKey.generate()
    let device: Device

    init() throws {
        hub = try TemporaryHub()
        device = try hub.add(NewDevice(name: "laptop", publicKey: key.publicKey, privateKey: key, presharedKey: preshared))
    }

    private var file: String { hub.folder + "/secret.key" }

    private func keyFile() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: file)) }

    private func expectAllOpens(_ database: Database) throws {
        #expect(try database.read { try $0.privateKey(ofDevice: device.id) } == key)
        #expect(try database.read { try $0.presharedKey(ofDevice: device.id) } == preshared)
        _ = try database.read { try $0.hubPrivateKey() }
    }

    @Test func `can be rotated beside a running hub, and the old one opens nothing any more`() throws {
        let running = try hub.secondDatabase()
        let before = try keyFile()
        let (old, new) = try hub.database.rotateSecretKey(by: .ada, at: 300)
        #expect(old != new)
        try expectAllOpens(hub.database)
        try expectAllOpens(running)
        // The running hub then seals with the new key.
        let other = PrivateKey.generate()
        let added = try running.change(by: .ada, at: 301) { try $0.add(NewDevice(name: "b", publicKey: other.publicKey, privateKey: other)) }
        #expect(try keyFile().count == 32)
        #expect(try keyFile() != before)
        let fresh = try hub.secondDatabase()
        try expectAllOpens(fresh)
        #expect(try fresh.read { try $0.privateKey(ofDevice: added.id) } == other)
        try before.write(to: URL(fileURLWithPath: file))
        #expect(throws: StoreError.self) { _ = try hub.secondDatabase() }
        let entry = try #require(try hub.read { try $0.auditEntries(limit: 10) }.first { $0.action == "key.rotate" })
        #expect(entry.after == "{\"key\":\"\(new)\"}")
    }

    @Test func `leaves its predecessor in no file`() throws {
        let before = try keyFile()
        _ = try hub.database.rotateSecretKey(by: .ada, at: 300)
        #expect(try hub.fileBytes().range(of: before) == nil)
    }

    @Test func `opens everything if a rotation stopped after the file was written`() throws {
        let both = SecretBox.generateKey() + [UInt8](try keyFile())
        try Data(both).write(to: URL(fileURLWithPath: file))
        try expectAllOpens(try hub.secondDatabase())
        #expect(try keyFile() == Data(both.suffix(32)))
    }

    @Test func `opens everything if a rotation stopped after the rows were sealed`() throws {
        let before = try keyFile()
        _ = try hub.database.rotateSecretKey(by: .ada, at: 300)
        let after = try keyFile()
        try (after + before).write(to: URL(fileURLWithPath: file))
        try expectAllOpens(try hub.secondDatabase())
        #expect(try keyFile() == after)
    }

    @Test(arguments: [0, 1, 2, 3, 5, 8, 13, 21])
    func `survives being rotated by a process that is killed`(milliseconds: UInt32) async throws {
        for number in 0..<60 { try hub.add(NewDevice(name: "d\(number)", publicKey: PrivateKey.generate().publicKey, presharedKey: .generate())) }
        let folder = hub.folder
        await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String, milliseconds] in
            let database = try Database(folder: folder, migrations: .house(), now: 100)
            Thread.detachNewThread {
                usleep(milliseconds * 1_000)
                kill(getpid(), SIGKILL)
            }
            while true { _ = try database.rotateSecretKey(by: .ada, at: 300) }
        }
        let database = try hub.secondDatabase()
        try expectAllOpens(database)
        #expect(try database.read { try $0.presharedKeys() }.count == 61)
        _ = try database.rotateSecretKey(by: .ada, at: 400)
        try expectAllOpens(try hub.secondDatabase())
        try expectAllOpens(hub.database)
    }

    @Test func `comes from systemd if that provides one, and is not changed then`() throws {
        let credentials = hub.temporary.path + "/credentials"
        try FileManager.default.createDirectory(atPath: credentials, withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: file, toPath: credentials + "/secret.key")
        let source = SecretKeyFile(folder: hub.folder, credentials: credentials)
        #expect(source.isCredential)
        let keys = try SecretKeys(source, for: hub.database.writer)
        let sealed = try hub.read { try $0.connection.first("SELECT private_key FROM devices") { try $0.blob() } }
        #expect(try keys.openStored(#require(sealed), "devices/\(device.id)/private_key") == [UInt8](key.bytes))
        #expect(throws: StoreError.self) { try source.write([]) }
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test func `seals every column that the migrations call sealed`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Migrations.houseFolder)
        var found: Set<String> = []
        for name in files {
            var table = ""
            for line in try String(contentsOfFile: "\(Migrations.houseFolder)/\(name)", encoding: .utf8).split(separator: "\n") {
                if let match = line.firstMatch(of: /CREATE TABLE (\w+)/) { table = String(match.1) }
                if line.contains("-- sealed"), let column = line.firstMatch(of: /^\s*(\w+) BLOB/)?.1 { found.insert("\(table).\(column)") }
            }
        }
        #expect(found == Set(SealedColumn.all.map { "\($0.table).\($0.column)" }))
    }
}
