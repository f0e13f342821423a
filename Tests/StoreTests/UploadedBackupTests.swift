// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Linux
import Net
import Testing

@testable import Store

struct `An uploaded backup` {
    private let hub: TemporaryHub
    private let laptop: Device

    init() throws {
        hub = try TemporaryHub()
        laptop = try hub.add(.sample("laptop"))
        try hub.add(.sample("printer"))
        try hub.write { _ = try $0.addAccount(email: "ada@example.org", passwordHash: "x", role: .admin, by: .ada, at: 100) }
    }

    private func sealed(_ passphrase: String = "four words in a row") throws -> [UInt8] {
        let file = try hub.database.sealedBackup(passphrase: passphrase)
        var bytes: [UInt8] = []
        while case let piece = try file.next(1 << 16), !piece.isEmpty { bytes += piece }
        return bytes
    }

    private var files: Set<String> { get throws { Set(try FileManager.default.contentsOfDirectory(atPath: hub.folder)) } }

    @Test func `says what a restore would change, and restores it`() throws {
        let backup = try sealed()
        try hub.change { db in
            try db.removeDevice(laptop.id)
            try db.edit(db.devices().first { $0.name == "printer" }!.id, DeviceEdit(enabled: false))
            try db.add(.sample("phone"))
        }
        try hub.write { _ = try $0.addAccount(email: "eve@example.org", passwordHash: "x", role: .viewer, by: .ada, at: 100) }
        let phone = try #require(try hub.read { try $0.device(named: "phone") })
        _ = try hub.write { try $0.addExpectation(from: .device(phone.id), to: .tag(Tag("guests")!), isReached: false, by: .ada, at: 100) }
        let upload = try hub.database.take(backup[...], passphrase: "four words in a row", at: 900)
        #expect(upload.report.isSameHub)
        #expect(upload.report.devices.added == ["laptop"])
        #expect(upload.report.devices.removed == ["phone"])
        #expect(upload.report.devices.changed == ["printer"])
        #expect(upload.report.accounts.removed == ["eve@example.org"])
        #expect(upload.report.expectations.added == [] && upload.report.expectations.removed == ["phone never reaches tag:guests"])
        #expect(upload.report.admins == ["ada@example.org"])
        #expect(!upload.report.changesSettings)
        #expect(try hub.read { try $0.devices() }.map(\.name) == ["phone", "printer"])

        let kept = try hub.database.restore(upload, replacingOtherHub: false, by: .ada, at: 901)
        #expect(try hub.read { try $0.devices() }.map(\.name) == ["laptop", "printer"])
        #expect(FileManager.default.fileExists(atPath: kept))
    }

    @Test func `leaves no file behind, whether it is used or not`() throws {
        let backup = try sealed()
        let before = try files
        do {
            let upload = try hub.database.take(backup[...], passphrase: "four words in a row", at: 900)
            #expect(try files.subtracting(before).count == 1)
            _ = upload.report
        }
        #expect(throws: StoreError.self) { try hub.database.take(backup[...], passphrase: "other words", at: 900) }
        #expect(try files.subtracting(before).subtracting(["restore.lock"]) == [])
    }

    @Test func `of a killed process is removed at the next start`() throws {
        FileManager.default.createFile(atPath: "\(hub.folder)/upload-0123456789abcdef.db", contents: Data("key".utf8))
        hub.database.removeLeftovers()
        #expect(try !files.contains("upload-0123456789abcdef.db"))
    }

    @Test func `of another hub names both, and is restored only if that is wanted`() throws {
        let other = try TemporaryHub()
        try other.add(.sample("nas"))
        let upload = try other.database.take(try sealed()[...], passphrase: "four words in a row", at: 900)
        #expect(!upload.report.isSameHub)
        #expect(upload.report.here.deviceCount == 1)
        #expect(upload.report.backup?.deviceCount == 2)
        #expect(throws: StoreError.self) { try other.database.restore(upload, replacingOtherHub: false, by: .ada, at: 901) }
        _ = try other.database.restore(upload, replacingOtherHub: true, by: .ada, at: 901)
        #expect(try other.read { try $0.hub().publicKey } == hub.read { try $0.hub().publicKey })
    }

    @Test(arguments: [
        ("wrong", "The file cannot be opened: the passphrase is wrong, or the file was changed or truncated."),
        ("", "The file is sealed. Give its passphrase."),
    ])
    func `is refused without its passphrase, and no path is named`(passphrase: String, message: String) throws {
        let error = #expect(throws: StoreError.self) { try hub.database.take(try sealed()[...], passphrase: passphrase, at: 900) }
        #expect(error?.description == message)
    }

    @Test(arguments: [[], Array("hello".utf8), [UInt8](repeating: 0, count: 5_000)])
    func `is refused if it is none, and no path is named`(bytes: [UInt8]) throws {
        let error = #expect(throws: StoreError.self) { try hub.database.take(bytes[...], passphrase: "", at: 900) }
        let text = try #require(error?.description)
        #expect(text.hasPrefix("The file is not a backup of a hub"))
        #expect(!text.contains("/"))
    }
}
