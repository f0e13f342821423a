// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

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

    @Test func `needs an email address that no other has`() throws {
        _ = try add("ada@example.org", .admin)
        #expect(fieldErrors { _ = try add("ADA@example.org", .viewer) }?.map(\.field) == ["email"])
    }

    @Test(arguments: ["", "ada", "@example.org", "ada@", "a@b@c", "a b@c", "a\n@c", "\(String(repeating: "a", count: 250))@b.org"])
    func `is refused for an invalid email address`(email: String) {
        #expect(fieldErrors { _ = try add(email, .admin) }?.map(\.field) == ["email"])
    }

    @Test(arguments: [
        ("ada\u{202E}gro.elpmaxe@", "U+202E RIGHT-TO-LEFT OVERRIDE"), ("a\u{200B}da@example.org", "U+200B ZERO WIDTH SPACE"),
        ("ada@example.org\u{200E}", "U+200E LEFT-TO-RIGHT MARK"), ("ada\u{1B}@example.org", "U+001B"),
    ])
    func `is refused for an email with a character that nobody sees, by its name`(email: String, label: String) {
        let errors = fieldErrors { _ = try add(email, .admin) }
        #expect(errors?.map(\.message.description) == ["The email address contains the invisible character \(label). Remove it."])
    }

    @Test func `cannot be removed while it is the last admin who can sign in`() throws {
        let admin = try add("ada@example.org", .admin)
        _ = try add("viewer@example.org", .viewer)
        let disabled = try add("old@example.org", .admin)
        try hub.write { try $0.setDisabled(ofAccount: disabled.id, true, by: .ada, at: 200) }
        #expect(throws: StoreError.lastAdmin) { try hub.write { try $0.removeAccount(admin.id, by: .ada, at: 200) } }
        #expect(throws: StoreError.lastAdmin) { try hub.write { try $0.setRole(ofAccount: admin.id, .viewer, by: .ada, at: 200) } }
        #expect(throws: StoreError.lastAdmin) { try hub.write { try $0.setDisabled(ofAccount: admin.id, true, by: .ada, at: 200) } }
        #expect(try hub.read { try $0.account(admin.id) } == admin)
    }

    @Test func `can be removed if there is another admin`() throws {
        let admin = try add("ada@example.org", .admin)
        _ = try add("eve@example.org", .admin)
        try hub.write { try $0.removeAccount(admin.id, by: .ada, at: 200) }
        #expect(try hub.read { try $0.accounts() }.map(\.email) == ["eve@example.org"])
        #expect(throws: StoreError.notFound(kind: "admin", id: admin.id)) { try hub.read { try $0.account(admin.id) } }
    }

    @Test(arguments: ["removed", "disabled", "made a viewer"])
    func `loses its API tokens when it is`(what: String) throws {
        let (eve, bob) = (try add("eve@example.org", .admin), try add("bob@example.org", .admin))
        let tokens = try [eve, bob].map { account in
            try hub.write {
                try $0.addAPIToken(name: "script", scopes: [.devices], expiresAt: nil, owner: account, by: Author(name: account.email), at: 200)
            }
        }
        try hub.write {
            switch what {
            case "removed": try $0.removeAccount(eve.id, by: .ada, at: 210)
            case "disabled": try $0.setDisabled(ofAccount: eve.id, true, by: .ada, at: 210)
            default: try $0.setRole(ofAccount: eve.id, .viewer, by: .ada, at: 210)
            }
        }
        #expect(try hub.read { try $0.apiToken(tokens[0].secret, at: 220) } == nil)
        #expect(try hub.read { try $0.apiToken(tokens[1].secret, at: 220) } == tokens[1].token)
        #expect(try hub.read { try $0.auditEntries(limit: 2) }.contains { $0.action == "token.remove" && $0.target == "token/\(tokens[0].token.id)" })
    }

    @Test(arguments: ["removed", "disabled", "made a viewer"])
    func `loses its one-time links when it is`(what: String) throws {
        let device = try hub.add(.sample("laptop"))
        let (eve, bob) = (try add("eve@example.org", .admin), try add("bob@example.org", .admin))
        let links = try [eve, bob].map { account in
            try hub.write { try $0.makeLink(toDevice: device.id, by: Author(name: account.email), at: 200).token }
        }
        try hub.write {
            switch what {
            case "removed": try $0.removeAccount(eve.id, by: .ada, at: 210)
            case "disabled": try $0.setDisabled(ofAccount: eve.id, true, by: .ada, at: 210)
            default: try $0.setRole(ofAccount: eve.id, .viewer, by: .ada, at: 210)
            }
        }
        #expect(try hub.read { try $0.device(ofLink: links[0], at: 220) } == nil)
        #expect(try hub.read { try $0.device(ofLink: links[1], at: 220) } != nil)
        #expect(try hub.read { try $0.auditEntries(limit: 2) }.contains { $0.action == "link.revoke" && $0.target == "device/\(device.id)" })
    }

    @Test func `with a new password keeps only the session that set it`() throws {
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
