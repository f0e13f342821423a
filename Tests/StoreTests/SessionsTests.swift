// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Net
import Testing

@testable import Store

struct `A session` {
    let hub: TemporaryHub
    let account: Account

    init() throws {
        hub = try TemporaryHub()
        account = try hub.write { try $0.addAccount(email: "ada@example.org", passwordHash: "x", role: .admin, by: .ada, at: 100) }
    }

    @Test func `is found by its token`() throws {
        let (token, session) = try start(at: 1_000)
        #expect(try find(token, at: 1_001) == session)
        #expect(session.account == account)
        #expect(session.csrfSecret.count == 32)
        #expect(try find(SecretToken.generate(.session), at: 1_001) == nil)
    }

    @Test func `is stored without its token`() throws {
        let (token, _) = try start(at: 1_000)
        let files = try hub.fileBytes()
        #expect(files.range(of: Data("test browser".utf8)) != nil)
        #expect(files.range(of: Data(token.reveal().utf8)) == nil)
    }

    @Test func `ends after half an hour without activity`() throws {
        let (token, session) = try start(at: 1_000)
        #expect(try find(token, at: 2_799) == session)
        #expect(try find(token, at: 2_800) == nil)
        try hub.write { try $0.touchSession(session.id, at: 2_700) }
        #expect(try find(token, at: 2_800)?.activeAt == 2_700)
        #expect(try find(token, at: 4_500) == nil)
    }

    @Test func `ends after twelve hours of activity`() throws {
        let (token, session) = try start(at: 0)
        for minute in stride(from: Int64(0), to: 12 * 60, by: 10) {
            try hub.write { try $0.touchSession(session.id, at: UnixTime(seconds: minute * 60)) }
        }
        #expect(try find(token, at: 43_199) != nil)
        #expect(try find(token, at: 43_200) == nil)
    }

    @Test func `ends at the limits that it is given`() throws {
        let (token, _) = try start(at: 1_000)
        let limits = SessionLimits(idle: 10, absolute: 20)
        #expect(try hub.read { try $0.session(token, at: 1_009, limits: limits) } != nil)
        #expect(try hub.read { try $0.session(token, at: 1_010, limits: limits) } == nil)
    }

    @Test func `is touched at most once a minute`() throws {
        let (_, session) = try start(at: 1_000)
        #expect(!session.isTouchDue(at: 1_059))
        #expect(session.isTouchDue(at: 1_060))
    }

    @Test func `gets a new token and CSRF secret when renewed`() throws {
        let (token, session) = try start(at: 1_000)
        let renewed = try hub.write { try $0.renewSession(session.id, at: 1_010) }
        #expect(try find(token, at: 1_011) == nil)
        let found = try #require(try find(renewed, at: 1_011))
        #expect(found.id == session.id)
        #expect(found.csrfSecret != session.csrfSecret)
    }

    @Test func `ends when asked, or when its account is disabled`() throws {
        let (first, second) = (try start(at: 1_000), try start(at: 1_000))
        try hub.write { try $0.endSession(first.session.id) }
        #expect(try find(first.token, at: 1_001) == nil)
        #expect(try find(second.token, at: 1_001) != nil)
        try hub.write {
            _ = try $0.addAccount(email: "eve@example.org", passwordHash: "x", role: .admin, by: .ada, at: 1_001)
            try $0.setDisabled(ofAccount: account.id, true, by: .ada, at: 1_001)
        }
        #expect(try find(second.token, at: 1_002) == nil)
        try hub.write { try $0.setDisabled(ofAccount: account.id, false, by: .ada, at: 1_003) }
        #expect(try find(second.token, at: 1_004) == nil)
    }

    @Test func `that ended by itself is deleted at the next sign-in`() throws {
        _ = try start(at: 1_000)
        _ = try start(at: 10_000)
        #expect(try hub.read { try $0.connection.first("SELECT count(*) FROM sessions") { try $0.integer() } } == 1)
    }

    private func start(at now: UnixTime) throws -> (token: SecretToken, session: Session) {
        try hub.write { try $0.startSession(ofAccount: account.id, address: "192.0.2.7", userAgent: "test browser", at: now) }
    }

    private func find(_ token: SecretToken, at now: UnixTime) throws -> Session? { try hub.read { try $0.session(token, at: now) } }
}
