// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Testing
import Words

@testable import Portal

/// What every form that saves something does with a page that is out of date, and with the time to confirm.
@Suite struct `A form that saves` {
    private let scene: AuditedScene

    /// A form, its fields, and how a test sees whether it was saved.
    private struct Form {
        let path: String
        let fields: [(String, String)]
        let isSaved: () throws -> Bool
    }

    init() throws { scene = try AuditedScene() }

    private var forms: [Form] {
        let database = scene.hub.database
        return [
            Form(path: "/settings/\(scene.phone.id)/edit", fields: [("name", "cellar")]) { [scene] in
                try scene.hub.device(scene.phone.id).name == "cellar"
            },
            Form(path: "/settings/defaults", fields: [("persistent_keepalive", "7")]) {
                try database.read { try $0.defaults().settings.persistentKeepalive } == 7
            },
            Form(path: "/settings/networks", fields: [("network", "10.3.0.0/16, fd00::3:2:0/120")]) {
                try database.read { try $0.hub().ipv4Network } == "10.3.0.0/16"
            },
        ]
    }

    private func revision(_ form: Form) throws -> String {
        String(try #require(try scene.browser.get(form.path).text.firstMatch(of: /name="revision" value="(\d+)"/)?.1))
    }

    @Test func `saves over no newer version, nor without a readable one`() throws {
        for form in forms {
            for revision in ["0", "-1", "x", "1x", "99999999999999999999"] {
                #expect(try scene.post(form.path, form.fields + [("revision", revision)]).status == 409, "\(form.path) \(revision)")
            }
            #expect(try !form.isSaved(), "\(form.path)")
            #expect(try scene.post(form.path, form.fields + [("revision", revision(form))]).status == 303, "\(form.path)")
            #expect(try form.isSaved(), "\(form.path)")
        }
    }

    @Test func `saves nothing for a preview`() throws {
        for form in forms {
            let answer = try scene.post(form.path, form.fields + [("step", "preview"), ("revision", revision(form))])
            #expect(answer.status == 200, "\(form.path)")
            #expect(try !form.isSaved(), "\(form.path)")
        }
    }

    /// Only what the form offers; anything else is no wait.
    @Test(
        arguments: [("60", 60), ("300", 300), ("1800", 1_800), ("0", nil), ("", nil), ("7", nil), ("86400", nil), ("-60", nil), ("x", nil)]
            as [(String, Int64?)])
    func `waits for a confirmation as long as was chosen`(choice: String, seconds: Int64?) throws {
        let known = Set(try scene.hub.database.read { try $0.awaitedConfirmations() }.map(\.generation))
        for form in forms {
            #expect(
                try scene.post(form.path, form.fields + [("revision", revision(form)), ("confirm_within", choice)]).status == 303, "\(form.path)")
        }
        let awaited = try scene.hub.database.read { try $0.awaitedConfirmations() }.filter { !known.contains($0.generation) }
        #expect(awaited.map { $0.deadline.seconds(since: World.start) } == (seconds.map { [$0, $0, $0] } ?? []))
    }

    @Test func `offers a confirmation to whoever sits in the tunnel`() throws {
        for form in forms {
            for (client, chosen) in [("10.3.2.9", "60"), ("fd00::3:2:9", "60"), ("192.0.2.9", "0")] {
                scene.browser.address = try #require(IPAddress(client))
                let text = try scene.browser.get(form.path).text
                #expect(text.contains("<option value=\"\(chosen)\" selected"), "\(form.path) from \(client)")
            }
        }
    }
}

@Suite struct `A link to hand a file over` {
    @Test func `leads to the portal's own address, once that is set`() throws {
        let scene = try AuditedScene()
        let page = "/devices/\(scene.nas.id)"
        let address = {
            #expect(try scene.post("\(page)/links", [("hours", "1")]).status == 303)
            return try #require(try scene.browser.get(page).text.firstMatch(of: /(https?:\/\/[^"<]+\/hand-over\?token=)/)).1
        }
        #expect(try address() == "http://127.0.0.1:8080/hand-over?token=")
        try scene.hub.move(to: "https://vpn.example.org")
        #expect(try address() == "https://vpn.example.org/hand-over?token=")
    }

    @Test func `is noted as fetched when it is used, not before`() throws {
        let scene = try AuditedScene()
        let token = scene.link.token.reveal()
        let owner = Browsing(scene.hub.site)
        #expect(try owner.get("/hand-over?token=\(token)").status == 200)
        #expect(try scene.hub.device(scene.nas.id).fetchedAt == nil)
        #expect(try owner.post("/hand-over", on: "/hand-over?token=\(token)", ["token": token]).status == 200)
        #expect(try scene.hub.device(scene.nas.id).fetchedAt == World.start)
    }

    /// The ways in which a page gives a file away, each used twice.
    @Test(arguments: ["config", "qr", "installed"])
    func `is like every other way to a file, which notes it once`(way: String) throws {
        let scene = try AuditedScene()
        for _ in 0..<2 { #expect(try (200...303).contains(scene.post("/devices/\(scene.nas.id)/\(way)").status)) }
        #expect(try scene.hub.device(scene.nas.id).fetchedAt == World.start)
        #expect(try !scene.hub.device(scene.nas.id).isConfigStale)
        let action = way == "installed" ? "device.mark_installed" : "device.fetch_config"
        #expect(try scene.hub.database.read { try $0.auditEntries(limit: 50) }.count { $0.action == action } == 1)
    }

    /// A program that reads a file may do so to compare it.
    @Test(arguments: ["config", "qr.svg"])
    func `is unlike the API, which reads a file without handing it out`(way: String) throws {
        let scene = try AuditedScene()
        #expect(try scene.api("GET", "/devices/\(scene.nas.id)/\(way)").status == 200)
        #expect(try scene.hub.device(scene.nas.id).fetchedAt == nil)
    }

    @Test func `is like the answers of the API that hold a file`() throws {
        let scene = try AuditedScene()
        let added = try scene.api("POST", "/devices", ["name": "new"])
        let id = try #require(try added.json()["id"]?.string)
        #expect(try added.json()["config"]?.string?.contains("PrivateKey") == true)
        #expect(try scene.hub.device(id).fetchedAt == World.start)
        #expect(try scene.hub.device(id).hasPrivateKey)
        let own: JSON = ["name": "own", "public_key": .string(PrivateKey.generate().publicKey.base64), "ipv4": .null, "ipv6": .null]
        let other = try scene.api("POST", "/devices", own).json()
        #expect(other["config"] == nil)
        #expect(other["ipv4"] == .null)
        #expect(other["ipv6"] == .null)
        #expect(try scene.hub.device(#require(other["id"]?.string)).fetchedAt == nil)
        let rotated = try scene.api("POST", "/devices/\(scene.phone.id)/rotate-key")
        #expect(try rotated.json()["config"]?.string?.contains("PrivateKey") == true)
        #expect(try scene.hub.device(scene.phone.id).fetchedAt == World.start)
        #expect(try !scene.hub.device(scene.phone.id).isConfigStale)
    }
}

@Suite struct `A right code` {
    /// Every attempt is counted before its code is looked at, so a right one must be taken back.
    @Test func `counts as no failure, however many there are`() throws {
        let scene = try AuditedScene()
        let app = TOTP.generate()
        try scene.hub.database.write { try $0.setTOTP(app, ofAccount: scene.ada.id, usedStep: 0, by: .system, at: World.start) }
        for _ in 0..<12 {
            scene.hub.world.advance(seconds: TOTP.period)
            let code = app.code(step: scene.hub.world.now.withLock { $0.seconds } / TOTP.period)
            #expect(try scene.post("/account/confirm", [("code", code), ("next", "/devices")]).location == "/devices")
        }
    }

    @Test func `with another one between is slowed down after five wrong ones`() throws {
        let scene = try AuditedScene()
        try scene.hub.database.write { try $0.setTOTP(.generate(), ofAccount: scene.ada.id, usedStep: 0, by: .system, at: World.start) }
        let statuses = try (0..<6).map { _ in try scene.post("/account/confirm", [("code", "000000"), ("next", "/devices")]).status }
        #expect(statuses == [422, 422, 422, 422, 422, 429])
    }
}
