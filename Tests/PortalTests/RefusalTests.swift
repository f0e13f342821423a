// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Logging
import Store
import Synchronization
import Testing

@testable import Portal

/// Keeps the lines that a logger writes.
final class Lines: Sendable {
    let all = Mutex<[String]>([])

    var logger: Logger { Logger(label: "portal") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.all.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") } }
    }
}

@Suite struct `A refusal that may be an attack` {
    private func counts(_ hub: TestSite) throws -> String {
        hub.site.stop()
        return try hub.database.read { try $0.auditEntries(limit: 100) }.first { $0.action == "request.refused" }?.after ?? ""
    }

    @Test func `is counted in the audit log, by its kind`() throws {
        let hub = try TestSite()
        let viewer = try hub.signedIn(role: .viewer)
        #expect(try viewer.post("/settings/defaults", on: "/account").status == 403)
        #expect(try hub.api(.metrics).send("GET", "/devices").status == 403)
        viewer.postFields = ["Origin: https://evil.example", "Sec-Fetch-Site: cross-site"]
        #expect(try viewer.post("/logout", on: "/account").status == 403)
        #expect(try viewer.send("POST", "/logout", fields: ["Origin: http://127.0.0.1:8080"], form: ["csrf_token": "00"]).status == 403)
        #expect(try APIClient(hub.site, token: "hub_api_junk").send("GET", "/devices").status == 401)
        #expect(try viewer.get("/handed-over?token=x").status == 404)
        let authority = try #require(Authority("evil.example"))
        #expect(!hub.site.application.acceptsHost(authority, ["devices"]))
        let counts = try counts(hub)
        for part in [#""rights":"2""#, #""forms":"2""#, #""hosts":"1""#, #""tokens":"1""#] { #expect(counts.contains(part), "\(counts)") }
    }

    @Test func `gets one line in ten seconds, which names who and where`() {
        let lines = Lines()
        let tally = RefusalTally(log: lines.logger)
        let began = ContinuousClock.now
        for _ in 0..<1_000 { tally.note(.forms, ["who": "eve", "address": "192.0.2.7"], at: began) }
        tally.note(.rights, ["who": "bob"], at: began)
        tally.note(.forms, ["who": "eve"], at: began.advanced(by: .seconds(10)))
        let all = lines.all.withLock { $0 }
        #expect(all.count == 3)
        #expect(all[0].contains("eve"))
        #expect(all[0].contains("192.0.2.7"))
        #expect(!all[0].contains("more_before"))
        #expect(all[2].contains("more_before"))
        #expect(all[2].contains("999"))
    }

    @Test func `makes at most one audit entry in ten minutes`() {
        let tally = RefusalTally(log: Logger(label: "test"))
        let began = ContinuousClock.now
        #expect(tally.due(at: began) == nil)
        tally.note(.hosts, [:], at: began)
        #expect(tally.due(at: began) != nil)
        for _ in 0..<7 { tally.note(.hosts, [:], at: began) }
        #expect(tally.due(at: began.advanced(by: .seconds(599))) == nil)
        let counts = tally.due(at: began.advanced(by: .seconds(600)))
        #expect(counts == ["rights": nil, "forms": nil, "hosts": "7", "tokens": nil, "links": nil, "sign_ins": nil])
    }
}

@Suite struct `An undo through the API` {
    /// Makes a change of a device, one of the defaults, and one of both.
    private func changes(_ hub: TestSite) throws -> (device: Int64, defaults: Int64, both: Int64) {
        var device = try hub.add("nas")
        let change = { (body: (ChangeTransaction) throws -> Void) in
            try hub.database.change(by: .system, at: World.start) {
                try body($0)
                return $0.generation
            }
        }
        let ofDefaults = { (db: ChangeTransaction, mtu: Int) in
            var defaults = try db.defaults()
            defaults.settings.mtu = mtu
            try db.update(defaults)
        }
        device.enabled = false
        let first = try change { device = try $0.update(device) }
        let second = try change { try ofDefaults($0, 1400) }
        device.description = "old"
        let third = try change {
            device = try $0.update(device)
            try ofDefaults($0, 1300)
        }
        return (first, second, third)
    }

    @Test func `needs the scopes of what it touches`() throws {
        let hub = try TestSite()
        let changes = try changes(hub)
        let revert = { (number: Int64, scopes: Set<TokenScope>) in
            let secret = try hub.database.write {
                try $0.addAPIToken(name: "t", scopes: scopes, expiresAt: nil, owner: nil, by: .system, at: World.start).secret
            }
            return try APIClient(hub.site, token: secret.reveal()).send("POST", "/changes/\(number)/revert").status
        }
        let before = try hub.database.read { try $0.generation().desired }
        #expect(try revert(changes.device, [.settings]) == 403)
        #expect(try revert(changes.device, [.read, .metrics]) == 403)
        #expect(try revert(changes.defaults, [.devices]) == 403)
        for scopes in [[.devices], [.settings]] as [Set<TokenScope>] { #expect(try revert(changes.both, scopes) == 403) }
        #expect(try hub.database.read { try $0.generation().desired } == before)
        #expect(try !hub.database.read { try $0.devices()[0].enabled })
        #expect(try revert(changes.both, [.devices, .settings]) == 200)
        #expect(try revert(changes.device, [.devices]) == 200)
        #expect(try revert(changes.defaults, [.settings]) == 200)
        // Undoing the undo touches the same.
        #expect(try revert(before + 2, [.settings]) == 403)
    }
}
