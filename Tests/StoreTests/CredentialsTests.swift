// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Testing

@testable import Store

/// Somebody's proof is being checked, which takes time, while somebody else changes the account.
struct `A sign-in under way` {
    let hub: TemporaryHub
    let account: Account

    init() throws {
        hub = try TemporaryHub()
        account = try hub.write {
            _ = try $0.addAccount(email: "eve@example.org", passwordHash: "x", role: .admin, by: .ada, at: 100)
            return try $0.addAccount(email: "ada@example.org", passwordHash: "old", role: .admin, by: .ada, at: 100)
        }
        try hub.write { try $0.setTOTP(.generate(), ofAccount: account.id, usedStep: 0, by: .ada, at: 100) }
    }

    private static let changes = ["password", "app", "app gone", "passkey", "all factors", "disabled", "removed", "new hash"]

    private func make(_ change: String) throws {
        try hub.write {
            let (id, now) = (account.id, 200 as UnixTime)
            switch change {
            case "password": try $0.setPassword(ofAccount: id, hash: "new", by: .ada, at: now)
            case "app": try $0.setTOTP(.generate(), ofAccount: id, usedStep: 0, by: .ada, at: now)
            case "app gone": try $0.removeTOTP(ofAccount: id, by: .ada, at: now)
            case "passkey": try addPasskey($0)
            case "all factors": try $0.removeSecondFactors(ofAccount: id, by: .ada, at: now)
            case "disabled": try $0.setDisabled(ofAccount: id, true, by: .ada, at: now)
            case "removed": try $0.removeAccount(id, by: .ada, at: now)
            default: _ = try $0.refreshPasswordHash(of: $0.credentials(ofAccount: id), to: "old, hashed again")
            }
        }
    }

    private func addPasskey(_ transaction: WriteTransaction) throws {
        try transaction.connection.execute(
            """
            INSERT INTO passkeys SELECT 'passkeypasskeyp2', id, x'01', 'hub', -8, zeroblob(32), 0, 'key', 200, NULL FROM accounts WHERE id = ?
            """, [.text(account.id)])
    }

    private func credentials() throws -> Credentials { try hub.read { try $0.credentials(ofAccount: account.id) } }

    private func start(_ credentials: Credentials) throws -> SecretToken {
        try hub.write { try $0.startSession(provedBy: credentials, address: "192.0.2.7", userAgent: "", at: 210).token }
    }

    private func count(_ table: String) throws -> Int64? {
        try hub.read { try $0.connection.first("SELECT count(*) FROM \(table)") { try $0.integer() } }
    }

    @Test(arguments: changes)
    func `starts nothing if the account has changed`(change: String) throws {
        let proved = try credentials()
        try make(change)
        #expect(throws: StoreError.outdatedSignIn) { _ = try start(proved) }
        #expect(throws: StoreError.outdatedSignIn) { _ = try hub.write { try $0.startPendingLogin(provedBy: proved, at: 210) } }
        #expect(try count("sessions") == 0 && count("pending_logins") == 0)
    }

    @Test func `goes on after changes that concern no proof`() throws {
        let proved = try credentials()
        _ = try hub.write { try $0.makeRecoveryCodes(ofAccount: account.id, by: .ada, at: 200) }
        try hub.write { try $0.setRole(ofAccount: account.id, .viewer, by: .ada, at: 200) }
        let token = try start(proved)
        #expect(try hub.read { try $0.session(token, at: 211)?.account.role } == .viewer)
    }

    /// The parameters of the hash have risen. Somebody signs in with the old password while it is being changed.
    @Test func `does not bring back the old password with a new hash`() throws {
        let proved = try credentials()
        try make("password")
        #expect(throws: StoreError.outdatedSignIn) { _ = try hub.write { try $0.refreshPasswordHash(of: proved, to: "old, hashed again") } }
        #expect(try hub.read { try $0.passwordHash(ofAccount: account.id) } == "new")
    }

    @Test func `goes on with the new hash of the same password`() throws {
        let renewed = try hub.write { try $0.refreshPasswordHash(of: try $0.credentials(ofAccount: account.id), to: "old, hashed again") }
        #expect(renewed.passwordHash == "old, hashed again")
        _ = try start(renewed)
    }

    @Test(arguments: ["password", "all factors", "disabled", "other sessions"])
    func `does not get to its second step if the first one was taken back`(change: String) throws {
        let pending = try hub.write { try $0.startPendingLogin(ofAccount: account.id, at: 190) }
        if change == "other sessions" { try hub.write { try $0.endSessions(ofAccount: account.id) } } else { try make(change) }
        if change == "disabled" { try hub.write { try $0.setDisabled(ofAccount: account.id, false, by: .ada, at: 205) } }
        #expect(try hub.read { try $0.pendingLogin(pending, at: 210) } == nil)
        #expect(try !hub.write { try $0.endPendingLogin(pending) })
    }

    @Test func `finishes its first step once`() throws {
        let pending = try hub.write { try $0.startPendingLogin(ofAccount: account.id, at: 190) }
        #expect(try hub.write { try $0.endPendingLogin(pending) })
        #expect(try !hub.write { try $0.endPendingLogin(pending) })
    }
}
