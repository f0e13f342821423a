// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import Store

/// A wall clock that jumps: things that end by it end too early rather than too late, and nobody is locked out.
struct `A clock that jumps` {
    let hub: TemporaryHub
    let account: Account
    let noon = UnixTime(seconds: 1_800_000_000)
    static let year: Int64 = 365 * 86_400

    init() throws {
        hub = try TemporaryHub()
        account = try hub.write { try $0.addAccount(email: "ada@example.org", passwordHash: "x", role: .admin, by: .ada, at: 100) }
    }

    @Test func `ends sessions in both directions, but tolerates seconds`() throws {
        let token = try hub.write { try $0.startSession(ofAccount: account.id, address: "", userAgent: "", at: noon).token }
        let isAlive = { (seconds: Int64) in try hub.read { try $0.session(token, at: noon.adding(seconds: seconds)) } != nil }
        for seconds in [0, -1, -60, -300, 60] as [Int64] { #expect(try isAlive(seconds), "\(seconds)") }
        for seconds in [Self.year, -301, -Self.year] { #expect(try !isAlive(seconds), "\(seconds)") }
        #expect(try hub.read { try $0.sessions(ofAccount: account.id, at: noon.adding(seconds: -Self.year)) }.isEmpty)
        // A new sign-in deletes it.
        _ = try hub.write { try $0.startSession(ofAccount: account.id, address: "", userAgent: "", at: noon.adding(seconds: -Self.year)) }
        #expect(try !isAlive(0))
    }

    @Test func `ends links, unfinished sign-ins and set-up tokens that would last too long`() throws {
        let device = try hub.add(.sample("nas"))
        let link = try hub.write { try $0.makeLink(toDevice: device.id, by: .ada, at: noon).token }
        let login = try hub.write { try $0.startPendingLogin(ofAccount: account.id, at: noon) }
        let open = try TemporaryHub()
        let setup = try open.write { try $0.issueSetupToken(at: noon) }
        for (seconds, isAlive) in [(0, true), (-60, true), (-301, false), (-Self.year, false), (Self.year, false)] as [(Int64, Bool)] {
            let now = noon.adding(seconds: seconds)
            #expect(try hub.read { try $0.device(ofLink: link, at: now) != nil } == isAlive, "\(seconds)")
            #expect(try hub.read { try $0.pendingLogin(login, at: now) != nil } == isAlive, "\(seconds)")
            #expect(try open.read { try $0.isSetupToken(setup, at: now) } == isAlive, "\(seconds)")
        }
        let past = noon.adding(seconds: -Self.year)
        #expect(try hub.read { try $0.hasExpiredLinks(at: past) })
        try hub.write { try $0.removeExpiredLinks(at: past) }
        #expect(try hub.read { try $0.device(ofLink: link, at: noon) } == nil)
    }

    @Test func `locks nobody out for longer than a minute`() throws {
        let buckets: [LoginBucket] = [.account(email: "ada@example.org"), .address("192.0.2.7")]
        var now = noon
        for _ in 0..<15 {
            while let wait = try hub.write({ try $0.takeLoginAttempt(buckets, at: now) }) { now = now.adding(seconds: wait) }
        }
        let past = noon.adding(seconds: -Self.year)
        let wait = try #require(try hub.write { try $0.takeLoginAttempt(buckets, at: past) })
        #expect(wait <= 60)
        #expect(try hub.write { try $0.takeLoginAttempt(buckets, at: past.adding(seconds: wait)) } == nil)
        #expect(try hub.write { try $0.takeLoginAttempt(buckets, at: noon.adding(seconds: Self.year)) } == nil)
    }

    @Test func `breaks neither the audit log nor its order`() throws {
        for seconds in [0, Self.year, -Self.year, 5] {
            _ = try hub.change(at: noon.adding(seconds: seconds)) { try $0.add(.sample("device \(seconds)")) }
        }
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } == nil)
        let entries = try hub.read { try $0.auditEntries(limit: 4) }
        #expect(entries.map { $0.at.seconds(since: noon) } == [5, -Self.year, Self.year, 0])
        #expect(entries.map(\.number) == entries.map(\.number).sorted(by: >))
    }

    @Test func `disables devices that expire by it, and enables them again`() throws {
        var device = try hub.add(.sample("guest"))
        device.expiresAt = noon.adding(seconds: 3_600)
        device = try hub.change { try $0.update(device) }
        #expect(device.isActive(at: noon))
        #expect(!device.isActive(at: noon.adding(seconds: Self.year)))
        #expect(device.isActive(at: noon.adding(seconds: -Self.year)))
    }
}
