// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Net
import Synchronization
import Testing

@testable import Store

struct `Set-up` {
    let hub: TemporaryHub

    init() throws { hub = try TemporaryHub() }

    @Test func `makes the first admin and closes`() throws {
        let token = try hub.write { try $0.issueSetupToken(at: 1_000) }
        #expect(try hub.read { try $0.isSetupOpen() })
        #expect(try hub.read { try $0.isSetupToken(token, at: 1_000) })
        #expect(try makeAdmin(token, at: 1_010).role == .admin)
        #expect(try !hub.read { try $0.isSetupOpen() })
        #expect(try !hub.read { try $0.isSetupToken(token, at: 1_010) })
        #expect(throws: StoreError.setupClosed) { try makeAdmin(token, at: 1_010) }
        #expect(throws: StoreError.setupClosed) { try hub.write { try $0.issueSetupToken(at: 1_010) } }
    }

    @Test func `accepts a token for a day`() throws {
        let token = try hub.write { try $0.issueSetupToken(at: 1_000) }
        #expect(try hub.read { try $0.isSetupToken(token, at: UnixTime(seconds: 1_000 + 86_399)) })
        #expect(throws: StoreError.tokenRefused) { try makeAdmin(token, at: UnixTime(seconds: 1_000 + 86_400)) }
    }

    @Test func `accepts only the newest token`() throws {
        let old = try hub.write { try $0.issueSetupToken(at: 1_000) }
        _ = try hub.write { try $0.issueSetupToken(at: 1_001) }
        #expect(throws: StoreError.tokenRefused) { try makeAdmin(old, at: 1_002) }
    }

    @Test func `with an invalid email address leaves the token valid`() throws {
        let token = try hub.write { try $0.issueSetupToken(at: 1_000) }
        #expect(fieldErrors { _ = try makeAdmin(token, email: "ada", at: 1_001) } != nil)
        #expect(try makeAdmin(token, at: 1_002).email == "ada@example.org")
    }

    @Test func `tried by many at once makes one admin`() throws {
        let token = try hub.write { try $0.issueSetupToken(at: 1_000) }
        let other = try hub.secondDatabase()
        let made = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 8) { number in
            let database = number.isMultiple(of: 2) ? hub.database : other
            let account = try? database.write {
                try $0.makeFirstAdmin(token: token, email: "a\(number)@example.org", passwordHash: "x", from: nil, at: 1_001)
            }
            if account != nil { made.add(1, ordering: .relaxed) }
        }
        #expect(made.load(ordering: .relaxed) == 1)
        #expect(try hub.read { try $0.accounts() }.count == 1)
    }

    @discardableResult
    private func makeAdmin(_ token: SecretToken, email: String = "ada@example.org", at now: UnixTime) throws -> Account {
        try hub.write { try $0.makeFirstAdmin(token: token, email: email, passwordHash: "$argon2id$sample", from: "192.0.2.7", at: now) }
    }
}
