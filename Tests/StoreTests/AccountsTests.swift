// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Synchronization
import Testing

@testable import Store

struct `An account` {
    let hub: TemporaryHub

    init() throws { hub = try TemporaryHub() }

    @Test func `reads back and is found by its email in any case`() throws {
        let account = try add("Ada@Example.org", .viewer)
        #expect(try hub.read { try $0.account(account.id) } == account)
        #expect(try hub.read { try $0.account(email: "ada@example.ORG") } == account)
        #expect(try hub.read { try $0.account(email: "eve@example.org") } == nil)
        #expect(try hub.read { try $0.passwordHash(ofAccount: account.id) } == "$argon2id$sample")
        #expect(account.role == .viewer)
        #expect(!account.isDisabled)
    }

    @Test func `has an email of its own`() throws {
        _ = try add("ada@example.org", .admin)
        #expect(fieldErrors { _ = try add("ADA@example.org", .viewer) }?.map(\.field) == ["email"])
    }

    @Test(arguments: ["", "ada", "@example.org", "ada@", "a@b@c", "a b@c", "a\n@c", "\(String(repeating: "a", count: 250))@b.org"])
    func `is refused for an email that is none`(email: String) {
        #expect(fieldErrors { _ = try add(email, .admin) }?.map(\.field) == ["email"])
    }

    @Test func `stays while it is the last admin who can sign in`() throws {
        let admin = try add("ada@example.org", .admin)
        _ = try add("viewer@example.org", .viewer)
        let disabled = try add("old@example.org", .admin)
        try hub.write { try $0.setDisabled(ofAccount: disabled.id, true, by: .ada, at: 200) }
        #expect(throws: StoreError.lastAdmin) { try hub.write { try $0.removeAccount(admin.id, by: .ada, at: 200) } }
        #expect(throws: StoreError.lastAdmin) { try hub.write { try $0.setRole(ofAccount: admin.id, .viewer, by: .ada, at: 200) } }
        #expect(throws: StoreError.lastAdmin) { try hub.write { try $0.setDisabled(ofAccount: admin.id, true, by: .ada, at: 200) } }
        #expect(try hub.read { try $0.account(admin.id) } == admin)
    }

    @Test func `can go when another admin is there`() throws {
        let admin = try add("ada@example.org", .admin)
        _ = try add("eve@example.org", .admin)
        try hub.write { try $0.removeAccount(admin.id, by: .ada, at: 200) }
        #expect(try hub.read { try $0.accounts() }.map(\.email) == ["eve@example.org"])
        #expect(throws: StoreError.notFound(kind: "admin", id: admin.id)) { try hub.read { try $0.account(admin.id) } }
    }

    @Test func `with a new password keeps only the session it was set in`() throws {
        let account = try add("ada@example.org", .admin)
        let sessions = try (0..<3).map { _ in
            try hub.write { try $0.startSession(ofAccount: account.id, address: "192.0.2.7", userAgent: "", at: 200) }
        }
        try hub.write {
            try $0.setPassword(ofAccount: account.id, hash: "$argon2id$new", keepingSession: sessions[1].session.id, by: .ada, at: 210)
        }
        #expect(try hub.read { try $0.passwordHash(ofAccount: account.id) } == "$argon2id$new")
        #expect(try hub.read { try $0.sessions(ofAccount: account.id, at: 210) } == [sessions[1].session])
    }

    @Test func `leaves no password hash in the audit log`() throws {
        let account = try add("ada@example.org", .admin)
        try hub.write { try $0.setPassword(ofAccount: account.id, hash: "$argon2id$new", by: .ada, at: 210) }
        let entries = try hub.read { try $0.auditEntries(target: "admin/ada@example.org", limit: 10) }
        #expect(entries.map(\.action) == ["admin.set_password", "admin.add"])
        #expect(!entries.contains { "\($0)".contains("argon2id") })
    }

    private func add(_ email: String, _ role: Account.Role) throws -> Account {
        try hub.write { try $0.addAccount(email: email, passwordHash: "$argon2id$sample", role: role, by: .ada, at: 100) }
    }
}

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

    @Test func `takes a token for a day`() throws {
        let token = try hub.write { try $0.issueSetupToken(at: 1_000) }
        #expect(try hub.read { try $0.isSetupToken(token, at: UnixTime(seconds: 1_000 + 86_399)) })
        #expect(throws: StoreError.tokenRefused) { try makeAdmin(token, at: UnixTime(seconds: 1_000 + 86_400)) }
    }

    @Test func `takes the newest token only`() throws {
        let old = try hub.write { try $0.issueSetupToken(at: 1_000) }
        _ = try hub.write { try $0.issueSetupToken(at: 1_001) }
        #expect(throws: StoreError.tokenRefused) { try makeAdmin(old, at: 1_002) }
    }

    @Test func `with a bad email leaves the token good`() throws {
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
