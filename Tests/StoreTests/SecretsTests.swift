// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Testing

@testable import Store

struct `A secret in the database` {
    @Test func `is in no file in plain text`() throws {
        let hub = try TemporaryHub()
        let (key, preshared) = (PrivateKey.generate(), PresharedKey.generate())
        let device = try hub.add(
            NewDevice(name: "findable", publicKey: key.publicKey, privateKey: key, presharedKey: preshared))
        _ = try hub.change { try $0.setPresharedKey(preshared, ofDevice: device.id) }
        let files = try hub.fileBytes(except: "secret.key")
        #expect(files.range(of: Data("findable".utf8)) != nil)
        for secret in [key.bytes, preshared.bytes, try hub.read { try $0.hubPrivateKey() }.bytes] {
            #expect(files.range(of: Data([UInt8](secret))) == nil)
            #expect(files.range(of: Data(Base64.encode([UInt8](secret)).utf8)) == nil)
        }
    }

    @Test func `of one device does not open in the row of another`() throws {
        let hub = try TemporaryHub()
        let keys = [PrivateKey.generate(), .generate()]
        let devices = try keys.map { try hub.add(NewDevice(name: "d\($0.publicKey.base64.prefix(8))", publicKey: $0.publicKey, privateKey: $0)) }
        try hub.write {
            try $0.connection.execute(
                "UPDATE devices SET private_key = (SELECT private_key FROM devices WHERE id = ?) WHERE id = ?",
                [.text(devices[0].id), .text(devices[1].id)])
        }
        #expect(
            throws: StoreError.secretKey(
                "devices/\(devices[1].id)/private_key is damaged or was moved from another row. Restore it from a backup.")
        ) { try hub.read { try $0.privateKey(ofDevice: devices[1].id) } }
    }

    @Test func `makes a missing key file an error instead of a reason to make a new one`() throws {
        let hub = try TemporaryHub()
        try FileManager.default.removeItem(atPath: hub.folder + "/secret.key")
        #expect(
            throws: StoreError.secretKey(
                "\(hub.folder)/secret.key is missing, and the keys in the database cannot be opened without it. Put it back.")
        ) { _ = try hub.secondDatabase() }
        #expect(!FileManager.default.fileExists(atPath: hub.folder + "/secret.key"))
    }

    @Test func `makes another key file an error`() throws {
        let hub = try TemporaryHub()
        try Data(repeating: 9, count: 32).write(to: URL(fileURLWithPath: hub.folder + "/secret.key"))
        let error = #expect(throws: StoreError.self) { _ = try hub.secondDatabase() }
        #expect(error.words.hasPrefix("The database was sealed with key "))
    }

    @Test func `needs a key file of 32 bytes`() throws {
        let hub = try TemporaryHub()
        try Data(repeating: 9, count: 31).write(to: URL(fileURLWithPath: hub.folder + "/secret.key"))
        #expect(
            throws: StoreError.secretKey("\(hub.folder)/secret.key has 31 bytes instead of 32. Put the right file back.")
        ) { _ = try hub.secondDatabase() }
    }

    @Test func `appears in no audit row`() throws {
        let hub = try TemporaryHub()
        let (key, preshared) = (PrivateKey.generate(), PresharedKey.generate())
        try hub.add(NewDevice(name: "a", publicKey: key.publicKey, privateKey: key, presharedKey: preshared))
        let text = try hub.read { try $0.auditEntries(limit: 100) }.map { "\($0)" }.joined()
        #expect(!text.contains(key.revealBase64()))
        #expect(!text.contains(preshared.revealBase64()))
    }
}
