// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Testing

@testable import Store

/// What opens nothing any more, even if a row of it is left in the database.
struct `Access that has ended` {
    private let hub: TemporaryHub
    private let ada: Account
    private let now = UnixTime(seconds: 1_000)

    init() throws {
        hub = try TemporaryHub()
        ada = try hub.write { try $0.addAccount(email: "ada@example.org", passwordHash: "x", role: .admin, by: .ada, at: 100) }
    }

    /// Disables the account without the rest of what that ends, as a crash or another version might.
    private func disableRow() throws { try hub.write { _ = try $0.connection.execute("UPDATE accounts SET disabled = 1") } }

    private func recoveryCodesLeft() throws -> Int { try hub.read { try $0.secondFactors(ofAccount: ada.id).recoveryCodesLeft } }

    @Test func `is a session of a disabled account`() throws {
        let token = try hub.write { db in
            try db.startSession(provedBy: db.credentials(ofAccount: ada.id), address: "", userAgent: "", at: now).token
        }
        #expect(try hub.read { try $0.session(token, at: now) } != nil)
        try disableRow()
        #expect(try hub.read { try $0.session(token, at: now) } == nil)
        #expect(try hub.read { try $0.sessions(ofAccount: ada.id, at: now) }.isEmpty)
    }

    @Test func `is the first step of a sign-in to a disabled account`() throws {
        let token = try hub.write { try $0.startPendingLogin(provedBy: $0.credentials(ofAccount: ada.id), at: now) }
        #expect(try hub.read { try $0.pendingLogin(token, at: now) } == ada)
        try disableRow()
        #expect(try hub.read { try $0.pendingLogin(token, at: now) } == nil)
    }

    /// Also one of the future, after the clock was set back.
    @Test func `is a confirmation of another time`() throws {
        let session = try hub.write { db in
            try db.startSession(provedBy: db.credentials(ofAccount: ada.id), address: "", userAgent: "", at: now).session
        }
        let isConfirmed = [-1, 0, 1, Session.confirmationLifetime, Session.confirmationLifetime + 1].map {
            session.isConfirmed(at: now.adding(seconds: $0))
        }
        #expect(isConfirmed == [false, true, true, true, false])
    }

    @Test func `is a recovery code once there are newer ones, or no factor is left`() throws {
        try hub.write { try $0.setTOTP(.generate(), ofAccount: ada.id, usedStep: 0, by: .ada, at: now) }
        let make = { try hub.write { try $0.makeRecoveryCodes(ofAccount: ada.id, by: .ada, at: now) } }
        let use = { (code: String) in try hub.write { try $0.useRecoveryCode(code, ofAccount: ada.id, from: nil, at: now) } }
        let old = try make()
        let new = try make()
        #expect(try recoveryCodesLeft() == 10)
        #expect(try !use(old[0]))
        #expect(try use(new[0]))
        #expect(try !use(new[0]))
        #expect(try recoveryCodesLeft() == 9)
        try hub.write { try $0.removeTOTP(ofAccount: ada.id, by: .ada, at: now) }
        #expect(try recoveryCodesLeft() == 0)
        #expect(try !use(new[1]))
    }

    @Test func `is a passkey that was removed, and the log names it`() throws {
        let point = try #require(SignatureKey(.edDSA, [0x58] + [UInt8](repeating: 0x66, count: 31)))
        let passkey = try hub.write {
            try $0.addPasskey(
                ofAccount: ada.id, credentialID: [1], relyingParty: "example.org", key: point, counter: 0, name: "blue key", by: .ada, at: now)
            return try $0.passkeys(ofAccount: ada.id)[0]
        }
        try hub.write { try $0.removePasskey(passkey.id, ofAccount: ada.id, by: .ada, at: now) }
        #expect(try hub.read { try $0.passkey(credentialID: [1]) } == nil)
        let entry = try #require(try hub.read { try $0.auditEntries(limit: 9) }.first { $0.action == "passkey.remove" })
        #expect(entry.author.name == Author.ada.name)
        #expect(entry.before == #"{"passkey":"blue key"}"#)
    }

    @Test func `is a set-up address that was used, and no row of it is left`() throws {
        let fresh = try TemporaryHub()
        let token = try fresh.write { try $0.issueSetupToken(at: now) }
        let rows = { try fresh.read { try FilledHub.rows(of: "setup_tokens", $0) } }
        #expect(try rows().count == 1)
        let make = { try fresh.write { try $0.makeFirstAdmin(token: token, email: "bob@example.org", passwordHash: "x", from: nil, at: now) } }
        #expect(try make().role == .admin)
        #expect(try rows() == [])
        #expect(throws: StoreError.setupClosed) { try make() }
    }
}
