// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import HTTP
import Net
import Testing

@testable import Portal
@testable import Store

@Suite struct `The page for backups` {
    private static let words = "four words in a row"

    private func backup(_ browser: Browsing) throws -> [UInt8] {
        let answer = try browser.post("/settings/data/backup", on: "/settings/data", ["passphrase": Self.words, "repeated": Self.words])
        #expect(answer.status == 200)
        return answer.bytes
    }

    private func check(_ backup: [UInt8], _ browser: Browsing) throws -> Answer {
        try browser.upload("/settings/data/restore", on: "/settings/data", ["backup_passphrase": Self.words], files: ["backup": backup])
    }

    @Test func `makes a sealed backup, and the audit log says who`() throws {
        let hub = try TestSite()
        try hub.add("nas")
        let browser = try hub.signedIn()
        let answer = try browser.post("/settings/data/backup", on: "/settings/data", ["passphrase": Self.words, "repeated": Self.words])
        #expect(answer.response.fields["Content-Disposition"] == "attachment; filename=\"hairpin-2027-01-15.backup\"")
        #expect(answer.bytes.starts(with: PassphraseSeal.magic))
        let entry = try #require(try hub.database.read { try $0.auditEntries(limit: 1) }.first)
        #expect(entry.action == "database.backup" && entry.author.name == "ada@example.org")
        let files = try FileManager.default.contentsOfDirectory(atPath: hub.folder.path)
        #expect(Set(files).isSubset(of: ["hairpin.db", "hairpin.db-shm", "hairpin.db-wal", "secret.key", "restore.lock"]), "\(files)")
    }

    @Test(arguments: [
        (["passphrase": "short", "repeated": "short"], "The passphrase has 5 characters. Give at least 12; a few words in a row are fine."),
        (["passphrase": words, "repeated": "another"], "The two passphrases differ. Type the same one twice."),
    ])
    func `refuses a passphrase that is weak or mistyped, and never shows it`(form: [String: String], message: String) throws {
        let answer = try TestSite().signedIn().post("/settings/data/backup", on: "/settings/data", form)
        #expect(answer.status == 422)
        #expect(answer.text.contains(message))
        #expect(!answer.text.contains(Self.words))
    }

    @Test func `says what a restore would do, restores, and signs everybody out`() throws {
        let hub = try TestSite()
        try hub.add("nas")
        let browser = try hub.signedIn()
        let backup = try backup(browser)
        try hub.add("printer")
        let page = try check(backup, browser)
        #expect(page.status == 200)
        #expect(page.text.contains("Devices that are removed: printer"))
        #expect(page.text.contains("The backup is of this hub. Devices connect as before."))
        #expect(!page.text.contains("name=\"replace\""))
        #expect(try hub.database.read { try $0.devices() }.count == 2)

        let done = try browser.post("/settings/data/restore/confirm", on: "/settings/data")
        #expect(done.location == "/login?done=restored")
        #expect(try hub.database.read { try $0.devices() }.map(\.name) == ["nas"])
        #expect(try browser.get("/devices").location?.hasPrefix("/login") == true)
        #expect(try browser.get("/login?done=restored").text.contains("The backup is restored, and everybody is signed out."))
    }

    @Test(arguments: [false, true])
    func `restores nothing for somebody who lost the right meanwhile`(isDisabled: Bool) throws {
        let hub = try TestSite()
        let browser = try hub.signedIn(email: "bob@example.org")
        let backup = try backup(browser)
        try hub.add("printer")
        _ = try check(backup, browser)
        let request = try browser.admitted("/settings/data/restore/confirm")
        try hub.database.write { db in
            let bob = try #require(try db.account(email: "bob@example.org"))
            if isDisabled { try db.setDisabled(ofAccount: bob.id, true, by: .system, at: World.start) }
        }
        if isDisabled {
            #expect(throws: SignInNeeded.self) { try request.handle() }
        } else {
            #expect(try request.handle().status.code == 303)
        }
        #expect(try hub.database.read { try $0.devices() }.map(\.name) == (isDisabled ? ["printer"] : []))
    }

    @Test func `asks before another hub replaces this one`() throws {
        let (hub, other) = (try TestSite(), try TestSite(admin: "eve@example.org"))
        try hub.add("nas")
        let backup = try backup(other.signedIn())
        let browser = try hub.signedIn()
        let page = try check(backup, browser)
        #expect(page.text.contains("The backup is of another hub."))
        #expect(page.text.contains("name=\"replace\""))
        #expect(page.text.contains("Your account is not an admin in the backup. Its admins: eve@example.org"))
        #expect(try browser.post("/settings/data/restore/confirm", on: "/settings/data").status == 422)
        #expect(try hub.database.read { try $0.devices() }.count == 1)
        #expect(try browser.post("/settings/data/restore/confirm", on: "/settings/data", ["replace": "on"]).status == 303)
        #expect(try hub.database.read { try $0.hub().publicKey } == other.database.read { try $0.hub().publicKey })
    }

    @Test func `keeps an upload for its session and for ten minutes`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let backup = try backup(browser)
        _ = try check(backup, browser)
        let other = try hub.signedIn()
        #expect(try other.post("/settings/data/restore/confirm", on: "/settings/data").status == 422)
        hub.world.advance(seconds: 601)
        hub.site.beat()
        #expect(try !FileManager.default.contentsOfDirectory(atPath: hub.folder.path).contains { $0.hasPrefix("upload-") })
    }

    @Test func `checks one upload at a time`() throws {
        let uploads = Uploads()
        try uploads.check {
            #expect(throws: HTTPError.self) { try uploads.check {} }
        }
        #expect(throws: CancellationError.self) { try uploads.check { throw CancellationError() } }
        try uploads.check {}
    }

    @Test func `refuses other files in words, and changes nothing`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let answer = try browser.upload("/settings/data/restore", on: "/settings/data", files: ["backup": Array("hello".utf8)])
        #expect(answer.status == 422)
        #expect(answer.text.contains("The file is not a backup of a hub, or is damaged"))
        #expect(try browser.upload("/settings/data/restore", on: "/settings/data", files: [:]).text.contains("Choose the file of a backup."))
        #expect(try browser.post("/settings/data/restore/confirm", on: "/settings/data").text.contains("The upload is no longer here"))
    }

    @Test func `takes large bodies only from admins who confirmed lately`() throws {
        let hub = try TestSite()
        let limit = try #require(hub.site.application.bodyLimit(.post, ["settings", "data", "restore"]))
        #expect(limit > Uploads.backupByteCount)
        #expect(hub.site.application.bodyLimit(.post, ["devices"]) == nil)
        let admit = { (browser: Browsing, fields: [String]) in
            _ = try hub.site.application.admitLargeBody(browser.request("POST", "/settings/data/restore", fields: fields))
        }
        let admin = try hub.signedIn()
        try admit(admin, admin.postFields)
        #expect(throws: HTTPError.self) { try admit(admin, ["Origin: http://evil.example", "Sec-Fetch-Site: cross-site"]) }
        #expect(throws: HTTPError.self) { try admit(hub.signedIn(role: .viewer), admin.postFields) }
        #expect(throws: SignInNeeded.self) { try admit(Browsing(hub.site), admin.postFields) }
        hub.world.advance(seconds: 301)
        #expect(throws: ConfirmationNeeded.self) { try admit(admin, admin.postFields) }
    }
}

@Suite struct `Importing on a page` {
    private static let file = """
        [Interface]
        Address = 10.8.0.1/24
        PostUp = iptables -A FORWARD
        # berlin
        [Peer]
        PublicKey = \(Base64.encode([UInt8](repeating: 100, count: 32)))
        PresharedKey = \(Base64.encode([UInt8](repeating: 9, count: 32)))
        AllowedIPs = 10.8.0.2/32, 192.168.4.0/24
        # nas
        [Peer]
        PublicKey = \(Base64.encode([UInt8](repeating: 101, count: 32)))
        AllowedIPs = 10.3.2.9/32

        """

    private func preview(_ browser: Browsing, _ file: String = Self.file, as field: String = "peers") throws -> Answer {
        try browser.upload("/settings/data/import", on: "/settings/data", files: [field: Array(file.utf8)])
    }

    @Test(arguments: ["peers", "text"])
    func `says what each peer becomes, and adds them in one change that can be undone`(field: String) throws {
        let hub = try TestSite()
        try hub.add("nas")
        let browser = try hub.signedIn()
        let page = try preview(browser, as: field)
        #expect(page.status == 200)
        #expect(page.text.contains("Import 2 devices?"))
        #expect(page.text.contains("10.3.2.3, ") && page.text.contains("192.168.4.0/24"))
        #expect(page.text.contains("line 10: “nas” is taken, so this device is “nas-2”."))
        #expect(page.text.contains("Not used: line 3: postup."))
        #expect(!page.text.contains(Base64.encode([UInt8](repeating: 9, count: 32))))
        let generation = try hub.database.read { try $0.generation().desired }
        #expect(try hub.database.read { try $0.devices() }.count == 1)

        let done = try browser.post("/settings/data/import/confirm", on: "/settings/data", ["generation": "\(generation)"])
        #expect(done.location == "/changes/\(generation + 1)?done=imported")
        #expect(try hub.database.read { try $0.devices() }.map(\.name) == ["berlin", "nas", "nas-2"])
        let change = try browser.get("/changes/\(generation + 1)").text
        #expect(change.contains("berlin is deleted, with its key and its settings."))
        #expect(!change.contains("Undoing is itself a change and can be undone."))
        #expect(try browser.post("/changes/\(generation + 1)/revert", on: "/changes/\(generation + 1)").status == 303)
        #expect(try hub.database.read { try $0.devices() }.map(\.name) == ["nas"])
    }

    @Test func `refuses a file with more peers than one import adds, before it makes a draft`() throws {
        let peers = (0..<2001).map { number in
            let key = [UInt8](repeating: 100, count: 30) + [UInt8(number >> 8), UInt8(number & 255)]
            return "[Peer]\nPublicKey = \(Base64.encode(key))\nAllowedIPs = 10.3.\(number >> 8).\(number & 255)/32\n"
        }
        let answer = try preview(TestSite().signedIn(), peers.joined())
        #expect(answer.status == 422)
        #expect(answer.text.contains("The file has 2,001 new peers, and one import adds at most 2,000."))
    }

    @Test func `shows the page again if the hub has changed since`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        _ = try preview(browser)
        let generation = try hub.database.read { try $0.generation().desired }
        try hub.add("nas")
        let again = try browser.post("/settings/data/import/confirm", on: "/settings/data", ["generation": "\(generation)"])
        #expect(again.status == 200)
        #expect(again.text.contains("nas-2"))
        #expect(try hub.database.read { try $0.devices() }.map(\.name) == ["nas"])
    }

    @Test func `names the line of an error`() throws {
        let answer = try preview(TestSite().signedIn(), "[Peer]\nPublicKey = hello\n")
        #expect(answer.status == 422)
        #expect(answer.text.contains("Nothing was imported. In the file, line 2: PublicKey is not a key: 44 characters of Base64."))
    }

    @Test func `undoing it needs a fresh confirmation, because it deletes devices`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let device = try hub.add("nas")
        hub.world.advance(seconds: 301)
        let path = "/changes/\(device.revision)"
        #expect(try browser.post("\(path)/revert", on: path).location == "/account/confirm?next=%2Fchanges%2F\(device.revision)")
        #expect(try hub.device(device.id).name == "nas")
    }
}

@Suite struct `Exporting on a page` {
    @Test func `gives a server file that can be imported again`() throws {
        let hub = try TestSite()
        let nas = try hub.add("nas", routes: ["192.168.4.0/24"])
        let old = try hub.add("old")
        try hub.database.change(by: .system, at: World.start) { try $0.setEnabled(false, devices: [old.id]) }
        let answer = try hub.signedIn().post("/settings/data/server-file", on: "/settings/data")
        let file = try ServerFile(parsing: answer.text)
        #expect(try file.privateKey == hub.database.read { try $0.hubPrivateKey() })
        #expect(file.peers.map(\.name) == ["nas", "old"] && file.peers.map(\.isEnabled) == [true, false])
        let plan = try ServerFileImport(file, addresses: [])
        #expect(plan.hub.ipv4Network == "10.3.2.0/24" && plan.hub.ipv4 == "10.3.2.1")
        #expect(plan.entries[0].device.ipv4 == .own(try #require(nas.ipv4)) && plan.entries[0].device.routes == ["192.168.4.0/24"])
        #expect(try hub.database.read { try $0.auditEntries(limit: 1) }.first?.action == "hub.export")
    }

    @Test func `gives a table without secrets`() throws {
        let hub = try TestSite()
        let nas = try hub.add("nas", description: "=1+1")
        let answer = try hub.signedIn().get("/settings/data/devices.csv")
        let lines = answer.text.split(separator: "\r\n")
        #expect(lines.count == 2)
        #expect(lines[1].hasPrefix("\"nas\",\"\",\"'=1+1\",\"\(nas.ipv4!)\","))
        let key = try #require(try hub.database.read { try $0.privateKey(ofDevice: nas.id) })
        #expect(!answer.text.contains(key.revealBase64()))
    }
}
