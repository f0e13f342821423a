// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@testable import Store

/// Rows that the database itself refuses, whatever program writes them.
struct `The schema` {
    let hub: TemporaryHub
    let account: Account

    init() throws {
        hub = try TemporaryHub()
        account = try hub.write { try $0.addAccount(email: "ada@example.org", passwordHash: "$argon2id$x", role: .admin, by: .ada, at: 100) }
        _ = try hub.write {
            try $0.startSession(ofAccount: account.id, address: "192.0.2.7", userAgent: "", at: 100)
        }
        _ = try hub.write { try $0.addAPIToken(name: "script", scopes: [.read, .devices], expiresAt: nil, owner: account, by: .ada, at: 100) }
    }

    @Test(arguments: [
        "UPDATE accounts SET role = 'owner'", "UPDATE accounts SET disabled = 2", "UPDATE accounts SET email = ''",
        "UPDATE accounts SET created_at = -1", "UPDATE sessions SET token_hash = x'00'", "UPDATE sessions SET csrf_secret = zeroblob(31)",
        "UPDATE sessions SET account_id = 'nobody'", "UPDATE sessions SET active_at = -1", "UPDATE sessions SET id = 'short'",
        "UPDATE api_tokens SET token_hash = zeroblob(33)", "UPDATE api_tokens SET hint = 'abcde'", "UPDATE api_tokens SET account_id = 'nobody'",
        "UPDATE api_tokens SET account_id = NULL", "UPDATE api_tokens SET created_by = 'ada'", "UPDATE api_tokens SET used_at = 7",
        "UPDATE api_token_scopes SET scope = 'everything'", "INSERT INTO api_token_scopes SELECT token_id, scope FROM api_token_scopes",
        "INSERT INTO api_token_scopes VALUES ('nothing', 'read')", "UPDATE access_rules SET audit_days = 36501",
        "UPDATE access_rules SET second_factor_required = -1", "UPDATE generation SET applied = desired + 1", "UPDATE generation SET desired = -1",
        "UPDATE generation SET one = 2", "UPDATE hub SET public_key = zeroblob(31)", "UPDATE hub SET ipv4 = zeroblob(16)",
        "UPDATE hub SET name = ''", "UPDATE secret_key SET key_id = 'ABCDEF01'", "INSERT INTO setup_tokens VALUES (zeroblob(31), 1)",
        "INSERT INTO login_attempts VALUES ('address:192.0.2.7', 0, 1)", "INSERT INTO pending_logins VALUES (zeroblob(32), 'nobody', 1)",
        "INSERT INTO departed_keys VALUES (1, zeroblob(33))", "INSERT INTO awaited_confirmations VALUES (0, 'ada', 1)",
        "INSERT INTO recovery_codes SELECT id, zeroblob(31) FROM accounts", "INSERT INTO totp SELECT id, x'00', -1, 1, NULL FROM accounts",
        "INSERT INTO passkeys SELECT 'passkeypasskeyp2', id, x'00', 'hub', -7, zeroblob(32), 0, 'key', 1, NULL FROM accounts",
        "INSERT INTO passkeys SELECT 'passkeypasskeyp2', id, x'00', 'hub', -257, zeroblob(32), 0, 'key', 1, NULL FROM accounts",
        "INSERT INTO passkeys SELECT 'passkeypasskeyp2', id, x'00', 'hub', -8, zeroblob(32), 4294967296, 'key', 1, NULL FROM accounts",
    ])
    func `refuses rows that the program assumes cannot exist`(sql: String) throws {
        #expect(throws: StoreError.self) { try hub.write { try $0.connection.execute(sql) } }
    }

    @Test(arguments: [
        "INSERT INTO observations (public_key, received_bytes, sent_bytes) SELECT public_key, -1, 0 FROM devices",
        "INSERT INTO observations (public_key, greatest_timestamp, received_bytes, sent_bytes) SELECT public_key, zeroblob(11), 0, 0 FROM devices",
        "INSERT INTO traffic SELECT id, 61, 1, zeroblob(4) FROM devices", "INSERT INTO traffic SELECT id, 60, 1, zeroblob(5) FROM devices",
        "INSERT INTO device_sessions SELECT id, 10, 9, '192.0.2.7:1' FROM devices",
        "INSERT INTO one_time_links SELECT 'linklinklinklin2', zeroblob(32), id, NULL, 'ada', 10, 9 FROM devices",
    ])
    func `refuses such rows of a device, too`(sql: String) throws {
        _ = try hub.change { try $0.add(.sample("laptop")) }
        #expect(throws: StoreError.self) { try hub.write { try $0.connection.execute(sql) } }
    }

    @Test func `deletes everything of an account with it`() throws {
        _ = try hub.write { try $0.connection.execute("DELETE FROM accounts") }
        for table in ["sessions", "api_tokens", "api_token_scopes"] {
            #expect(try hub.read { try !$0.connection.exists("SELECT 1 FROM \(table)") }, "\(table)")
        }
    }

    @Test func `has a key for every table and a type for every column`() throws {
        try hub.read { db in
            let tables = try db.connection.all("SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'", []) {
                try $0.text()
            }
            #expect(tables.count > 20)
            for table in tables {
                #expect(try db.connection.exists("SELECT 1 FROM pragma_table_info(?) WHERE pk = 1", [.text(table)]), "\(table)")
                #expect(try db.connection.exists("SELECT 1 FROM pragma_table_list WHERE name = ? AND strict = 1", [.text(table)]), "\(table)")
            }
        }
    }
}
