// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import Store

struct `An API token` {
    let hub: TemporaryHub

    init() throws { hub = try TemporaryHub() }

    @Test func `is found by its secret until it expires or is removed`() throws {
        let (secret, token) = try add(expiresAt: 2_000)
        #expect(try hub.read { try $0.apiToken(secret, at: 1_999) } == token)
        #expect(try hub.read { try $0.apiToken(secret, at: 2_000) } == nil)
        try hub.write { try $0.removeAPIToken(token.id, by: .ada, at: 1_500) }
        #expect(try hub.read { try $0.apiToken(secret, at: 1_600) } == nil)
        #expect(throws: StoreError.notFound(kind: "token", id: token.id)) { try hub.write { try $0.removeAPIToken(token.id, by: .ada, at: 1_600) } }
    }

    /// The row of the account says so, whatever became of the token's own.
    @Test(arguments: ["disabled = 1", "role = 'viewer'"])
    func `does nothing for an owner who is no longer an admin`(change: String) throws {
        let (secret, token) = try hub.write {
            let ada = try $0.addAccount(email: "ada@example.org", passwordHash: "x", role: .admin, by: .ada, at: 100)
            return try $0.addAPIToken(name: "backup", scopes: [.read], expiresAt: nil, owner: ada, by: .ada, at: 1_000)
        }
        #expect(try hub.read { try $0.apiToken(secret, at: 1_001) } == token)
        try hub.write { try $0.connection.execute("UPDATE accounts SET \(change)") }
        #expect(try hub.read { try $0.apiToken(secret, at: 1_001) } == nil)
    }

    @Test func `keeps its scopes and shows only its end`() throws {
        let (secret, token) = try add(expiresAt: nil)
        #expect(token.scopes == [.read, .devices])
        #expect(secret.reveal().hasSuffix(token.hint))
        #expect(token.hint.count == 4)
        #expect(try hub.read { try $0.apiTokens() } == [token])
        let entry = try #require(try hub.read { try $0.auditEntries(limit: 1) }.first)
        #expect(!"\(entry)".contains(secret.reveal()))
    }

    @Test func `remembers its last use to the minute`() throws {
        let (_, token) = try add(expiresAt: nil)
        #expect(token.isUseDue(at: 1_001, from: "192.0.2.7"))
        try hub.write { try $0.noteUse(ofAPIToken: token.id, from: "192.0.2.7", at: 1_001) }
        let used = try #require(try hub.read { try $0.apiTokens() }.first)
        #expect(used.usedAt == 1_001)
        #expect(!used.isUseDue(at: 1_060, from: "192.0.2.7"))
        #expect(used.isUseDue(at: 1_061, from: "192.0.2.7"))
        #expect(used.isUseDue(at: 1_002, from: "192.0.2.8"))
    }

    @Test func `needs a name, a scope and an expiry in the future`() throws {
        let errors = fieldErrors { _ = try hub.write { try $0.addAPIToken(name: "", scopes: [], expiresAt: 1_000, owner: nil, by: .ada, at: 1_000) } }
        #expect(errors?.map(\.field) == ["name", "scopes", "expires_at"])
    }

    private func add(expiresAt: UnixTime?) throws -> (secret: SecretToken, token: APIToken) {
        try hub.write { try $0.addAPIToken(name: "backup", scopes: [.read, .devices], expiresAt: expiresAt, owner: nil, by: .ada, at: 1_000) }
    }
}
