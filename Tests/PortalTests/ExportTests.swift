// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import HTTP
import Logging
import Loopback
import Net
import Testing

@testable import Portal
@testable import Store

@Suite(.timeLimit(.minutes(2))) struct `An export` {
    /// A hub with this many additional entries in its audit log.
    private func hub(entries: Int) throws -> TestSite {
        let hub = try TestSite()
        try hub.database.write {
            try $0.connection.execute(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                INSERT INTO audit_log (number, at, author, address, action, target, before, after, hash)
                SELECT (SELECT max(number) FROM audit_log) + i, 1000, 'ada@example.org', '192.0.2.1', 'device.update', 'device/' || i, '{"name":"old"}', '{"name":"' || hex(zeroblob(200)) || '"}', zeroblob(32) FROM n
                """, [.integer(Int64(entries))])
        }
        return hub
    }

    private func pieces(_ response: Response) throws -> [[UInt8]] {
        guard case .stream(let stream) = response.body else { return [] }
        var pieces: [[UInt8]] = []
        while let piece = try stream.next() { pieces.append(piece) }
        return pieces
    }

    @Test(arguments: ["csv", "jsonl"])
    func `of the audit log comes in small pieces, each entry once`(format: String) throws {
        let hub = try hub(entries: 3_000)
        let pieces = try pieces(hub.signedIn(role: .viewer).get("/audit/export?format=\(format)").response)
        #expect(pieces.count > 10)
        #expect(pieces.allSatisfy { $0.count < 65_536 })
        let lines = String(decoding: pieces.joined(), as: UTF8.self).split(separator: format == "csv" ? "\r\n" : "\n")
        let entries = lines.dropFirst(format == "csv" ? 1 : 0)
        #expect(entries.count == (try hub.database.read { try $0.auditEntries(limit: 10_000) }).count)
        #expect(Set(entries).count == entries.count)
    }

    @Test func `keeps little in memory for fourteen accounts that read slowly, and one of them gets it whole`() throws {
        let hub = try hub(entries: 100_000)
        var configuration = Server.Configuration(.tcp(Endpoint(address: .v4(.loopback), port: 0)))
        configuration.workerCount = 14
        let server = try Server(configuration, application: hub.site.application, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        defer { server.stop() }
        let readers = try (0..<14).map { number in
            let browser = try hub.signedIn(role: .viewer, email: "reader\(number)@example.org")
            let reader = try BlockingConnection(port: server.address.port ?? 0, receiveBuffer: 4096)
            let sid = try #require(browser.cookies["sid"])
            reader.send("GET /audit/export?format=csv HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: sid=\(sid)\r\n\r\n")
            return reader
        }
        var (most, looks) = (0, 0)
        let end = ContinuousClock.now + .seconds(20)
        while looks < 100, ContinuousClock.now < end {
            Foundation.Thread.sleep(forTimeInterval: 0.01)
            most = max(most, server.queuedByteCount)
            if most > 0 { looks += 1 }
        }
        #expect(most > 0, "nobody reads slowly")
        #expect(most <= 14 * 66_000, "\(most)")
        var (lines, last): (Int, [UInt8]) = (0, [])
        while let part = readers[0].receive(), !part.isEmpty {
            lines += part.count { $0 == 0x0A }
            last = Array((last + part).suffix(7))
        }
        #expect(lines > AuditExport.maximumRows)
        #expect(last == Array("\r\n0\r\n\r\n".utf8))
        #expect(server.queuedByteCount <= 13 * 66_000)
    }

    @Test func `is limited to one at a time per account, until it ends or its reader goes away`() throws {
        let hub = try hub(entries: 5_000)
        let eve = try hub.signedIn(role: .viewer)
        let first = try eve.get("/audit/export?format=csv").response
        let second = try eve.get("/audit/export?format=jsonl")
        #expect(second.status == 429)
        #expect(second.response.fields["Retry-After"] == "5")
        #expect(second.text.contains("You are already downloading an export. Wait until it finishes, or cancel it."))
        #expect(try hub.signedIn().get("/audit/export?format=csv").status == 200)
        // Reads to the end.
        #expect(try pieces(first).count > 3)
        let third = try eve.get("/audit/export?format=csv")
        #expect(third.status == 200)
        withExtendedLifetime((first, third)) {}
    }

    @Test func `ends when its reader goes away`() throws {
        let hub = try hub(entries: 5_000)
        let eve = try hub.signedIn(role: .viewer)
        do { #expect(try eve.get("/audit/export?format=csv").status == 200) }
        #expect(try eve.get("/audit/export?format=csv").status == 200)
    }

    /// What ends an account's right to what it is downloading.
    private static let endings: [(name: String, end: @Sendable (TestSite, Session) throws -> Void)] = [
        (
            "disabled",
            { hub, session in try hub.database.write { try $0.setDisabled(ofAccount: session.account.id, true, by: .system, at: World.start) } }
        ),
        ("removed", { hub, session in try hub.database.write { try $0.removeAccount(session.account.id, by: .system, at: World.start) } }),
        (
            "made a viewer",
            { hub, session in try hub.database.write { try $0.setRole(ofAccount: session.account.id, .viewer, by: .system, at: World.start) } }
        ),
        ("signed out", { hub, session in try hub.database.write { try $0.endSession(session.id) } }),
        ("idle", { hub, _ in hub.world.advance(seconds: 1801) }),
        ("asked for a second factor", { hub, _ in try hub.database.write { try $0.setSecondFactorRequired(true, by: .system, at: World.start) } }),
    ]

    @Test(arguments: endings.map(\.name), ["device files", "the audit log"])
    func `ends as soon as its account may not see more of it`(ending: String, what: String) throws {
        let hub = try hub(entries: 2_000)
        let devices = try (0..<120).map { try hub.add("device-\(1000 + $0)") }
        let browser = try hub.signedIn(email: "mallory@example.org")
        let response =
            what == "the audit log" ? try browser.get("/audit/export?format=csv").response : try export(devices.map(\.id), browser).response
        guard case .stream(let stream) = response.body else { return #expect(Bool(false), "\(response.status)") }
        #expect(try stream.next() != nil)
        let token = try #require(SecretToken(browser.cookies["sid"] ?? "", kind: .session))
        let session = try #require(try hub.database.read { try $0.session(token, at: World.start) })
        try Self.endings.first { $0.name == ending }?.end(hub, session)
        #expect(throws: SignInNeeded.self) { _ = try stream.next() }
    }

    private func export(_ ids: [String], _ browser: Browsing, _ more: [(String, String)] = []) throws -> Answer {
        try browser.post("/devices/selected", on: "/devices", pairs: [("action", "export")] + more + ids.map { ("device", $0) })
    }

    @Test func `of more devices than a ZIP file holds is refused before anything is sent`() throws {
        try SelectionPage.requireFits(65_535)
        let error = #expect(throws: HTTPError.self) { try SelectionPage.requireFits(65_536) }
        #expect(error?.status == .unprocessableContent)
        #expect(error.map { "\($0.reason)" }?.hasPrefix("A ZIP file holds at most 65,535 files, and 65,536 devices are selected.") == true)
    }

    @Test func `of device files comes in pieces, without devices that were removed meanwhile`() throws {
        let hub = try TestSite()
        let devices = try (0..<120).map { try hub.add("device-\(1000 + $0)") }
        let browser = try hub.signedIn()
        let answer = try export(devices.map(\.id), browser, [("installed", "on")])
        #expect(answer.status == 200)
        try hub.database.change(by: .system, at: World.start) { try $0.removeDevice(devices[119].id) }
        let pieces = try pieces(answer.response)
        #expect(pieces.count == 3)
        #expect(Array(pieces.joined()).suffix(22).dropFirst(10).prefix(2) == [119, 0])
        #expect(try hub.device(devices[118].id).fetchedConfigRevision != nil)
    }
}
