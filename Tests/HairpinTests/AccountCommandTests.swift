// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Net
import Store
import Testing

@testable import hairpin

/// `hairpin admin` and `hairpin token`, as a person or a script runs them.
struct `The accounts on the command line` {
    private let program: Program
    private static let password = "a kettle of fresh snow"

    init() throws { program = try Program() }

    private func database() throws -> Database { try DataOptions.parse(["--data", program.data, "--root", Program.root]).open() }

    private func create(_ email: String = "ada@example.org", password: String = Self.password, role: String = "admin") throws -> Program.Result {
        try program.run("admin", "create", "--email", email, "--role", role, input: "\(password)\n")
    }

    @Test func `begin with an admin, and the set-up address is gone`() throws {
        try database().writeSetupAddress("http://127.0.0.1/setup")
        let result = try create()
        #expect(result.status == 0, "\(result.error)")
        #expect(result.error == "ada@example.org may sign in.\n")
        #expect(result.output == "")
        #expect(!FileManager.default.fileExists(atPath: program.data + "/setup-url"))
        let account = try #require(try database().read { try $0.accounts() }.first)
        #expect(account.role == .admin)
        let hash = try database().read { try $0.passwordHash(ofAccount: account.id) }
        #expect(PasswordHash.verify(Self.password, against: hash))
    }

    @Test(arguments: ["short", "ada@example.org", "password1234", ""])
    func `refuse a bad password`(password: String) throws {
        let result = try create(password: password)
        #expect(result.status == 1)
        #expect(result.error.hasPrefix("hairpin: "))
        #expect(try database().read { try $0.accounts() }.isEmpty)
    }

    @Test func `need a password`() throws {
        let result = try program.run("admin", "create", "--email", "ada@example.org")
        #expect(result.status == 1)
        #expect(result.error == "hairpin: There is no password on standard input. Send it as one line.\n")
    }

    @Test func `are listed for people and for programs`() throws {
        _ = try create()
        _ = try create("bob@example.org", role: "viewer")
        #expect(try program.run("admin", "list").output == "ada@example.org  admin   no  no\nbob@example.org  viewer  no  no\n")
        let json = try program.run("admin", "list", "--json").output
        #expect(
            json == #"[{"email":"ada@example.org","role":"admin","disabled":false,"second_factor":false},"#
                + #"{"email":"bob@example.org","role":"viewer","disabled":false,"second_factor":false}]"# + "\n")
    }

    /// Gives Ada a session, a second factor and failed attempts.
    private func fill() throws -> (account: Account, session: SecretToken) {
        _ = try create()
        let now = UnixTime.now()
        return try database().write { db in
            let account = try db.accounts()[0]
            try db.setTOTP(.generate(), ofAccount: account.id, usedStep: 0, by: .system, at: now)
            // The last of them just now, so the next one must wait for half a minute.
            for number in 0..<10 { _ = try db.takeLoginAttempt([.codes(email: account.email)], at: now.adding(seconds: Int64(number - 9) * 60)) }
            return (account, try db.startSession(provedBy: db.credentials(ofAccount: account.id), address: "", userAgent: "", at: now).token)
        }
    }

    private func wait(_ account: Account) throws -> Int64? {
        try database().read { try $0.loginWait([.codes(email: account.email)], at: UnixTime.now()) }
    }

    @Test(arguments: [false, true])
    func `get a new password, which ends sessions and waits, and keeps second factors unless asked`(removes: Bool) throws {
        let (account, session) = try fill()
        #expect(try wait(account) != nil)
        let words = ["admin", "reset-password", "--email", account.email] + (removes ? ["--remove-second-factors"] : [])
        let result = try program.runAlone(words + ["--data", program.data, "--root", Program.root], input: "three wet dogs on a hill\n")
        #expect(result.status == 0, "\(result.error)")
        let database = try database()
        #expect(try database.read { try $0.session(session, at: UnixTime.now()) } == nil)
        #expect(try database.read { try $0.account(account.id).hasSecondFactor } == !removes)
        #expect(try wait(account) == nil)
        #expect(PasswordHash.verify("three wet dogs on a hill", against: try database.read { try $0.passwordHash(ofAccount: account.id) }))
        let entries = try database.read { try $0.auditEntries(limit: 20) }
        #expect(entries.first { $0.action == "admin.set_password" }?.author == Author(name: "command line"))
    }

    @Test func `are unlocked`() throws {
        let (account, session) = try fill()
        #expect(try program.run("admin", "unlock", "--email", account.email).error == "ada@example.org may try again at once.\n")
        #expect(try wait(account) == nil)
        #expect(try database().read { try $0.session(session, at: UnixTime.now()) } != nil)
    }

    @Test(
        arguments: [
            (["write"], [.read, .devices, .settings]), (["read"], [.read]), (["metrics", "read"], [.metrics, .read]),
            (["devices"], [.devices]),
        ] as [([String], Set<TokenScope>)])
    func `get tokens with the scopes that were asked for`(words: [String], scopes: Set<TokenScope>) throws {
        let arguments = ["token", "create", "--name", "script", "--days", "2"] + words.flatMap { ["--scope", $0] }
        let result = try program.runAlone(arguments + ["--data", program.data, "--root", Program.root])
        #expect(result.status == 0, "\(result.error)")
        #expect(result.error == "")
        let secret = try #require(SecretToken(result.output.trimmingCharacters(in: .newlines), kind: .api))
        let now = UnixTime.now()
        let token = try #require(try database().read { try $0.apiToken(secret, at: now) })
        #expect(token.scopes == scopes)
        #expect(try database().read { try $0.apiToken(secret, at: now.adding(seconds: 2 * 86_400 + 10)) } == nil)
        #expect(try database().read { try $0.apiToken(secret, at: now.adding(seconds: 2 * 86_400 - 60)) } != nil)
        // The log names it and does not hold it.
        let log = try program.run("audit", "list", "--json").output
        #expect(log.contains("token.add"))
        #expect(!log.contains(secret.reveal()))
    }
}
