// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Support
import Testing

@testable import Store

/// A hub with at least one row in each table, and the secrets in them.
struct FilledHub {
    /// Long after the hub was made, so that the first audit entries are old.
    static let time: UnixTime = 10_000_000

    let hub: TemporaryHub
    let hubKey: PrivateKey
    let key = PrivateKey.generate()
    let presharedKey = PresharedKey.generate()
    /// Has both keys in the database.
    let laptop: Device
    /// Has a link with a key that the hub does not keep.
    let phone: Device
    let phoneKey: PrivateKey
    let link: SecretToken
    let account: Account
    let totp = TOTP.generate()

    init() throws {
        let time = Self.time
        hub = try TemporaryHub(defaults: Settings(endpoint: HostPort("hub.example.org:51820")))
        hubKey = try hub.read { try $0.hubPrivateKey() }
        // A set-up address can only be made before the first admin.
        _ = try hub.write { try $0.issueSetupToken(at: time) }
        let account = try hub.write { try $0.addAccount(email: "ada@example.org", passwordHash: "$argon2id$x", role: .admin, by: .ada, at: time) }
        let laptop = try hub.add(
            NewDevice(
                name: "laptop", publicKey: key.publicKey, privateKey: key, presharedKey: presharedKey, routes: ["192.0.2.0/24"],
                overrides: Overrides(mtu: .own(1400))))
        let first = try hub.add(.sample("phone"))
        // A key that a device gave up, and a change that waits to be confirmed.
        let phoneKey = PrivateKey.generate()
        let phone = try hub.change(at: time) { db in
            let phone = try db.replaceKey(ofDevice: first.id, publicKey: phoneKey.publicKey, privateKey: nil)
            try db.awaitConfirmation(until: time.adding(seconds: 1_000_000))
            let ssh = try #require(TransportService("tcp 22"))
            try db.setRules(RuleList([ServiceRule(.allow, from: .device(laptop.id), service: ssh, note: "ssh")], end: .deny))
            try db.link(
                LinkChange(first: [db.device(laptop.id)], second: [phone]),
                for: TimedGrant(endsAt: time.adding(seconds: 1_000_000), reason: "repair"))
            return phone
        }
        let sight = PeerSight.sample(laptop.publicKey)
        let totp = totp
        let link = try hub.write { db in
            try db.recordObservations([sight])
            try db.recordOnlinePeriods(of: [sight])
            try db.recordTraffic([(laptop.publicKey, TrafficCell(received: 700, sent: 80))], minute: 10)
            try db.noteConfigFetched(ofDevice: laptop.id, at: time)
            try db.recordSpokenPairs([(laptop.publicKey, phone.publicKey)], at: time)
            try db.askForLink(of: laptop, and: phone, forSeconds: 3600, reason: "more repairs", account: account.id, by: .ada, at: time)
            _ = try db.addExpectation(from: .device(laptop.id), to: .tag(Tag("servers")!), isReached: true, by: .ada, at: time)
            _ = try db.startSession(provedBy: db.credentials(ofAccount: account.id), address: "192.0.2.7", userAgent: "", at: time)
            _ = try db.startPendingLogin(provedBy: db.credentials(ofAccount: account.id), at: time)
            try db.setTOTP(totp, ofAccount: account.id, usedStep: 0, by: .ada, at: time)
            _ = try db.makeRecoveryCodes(ofAccount: account.id, by: .ada, at: time)
            _ = try db.addAPIToken(name: "script", scopes: [.read, .devices], expiresAt: nil, owner: account, by: .ada, at: time)
            _ = try db.takeLoginAttempt([.account(email: "eve@example.org")], at: time)
            // The base point of Ed25519 is a valid key.
            let point = try #require(SignatureKey(.edDSA, [0x58] + [UInt8](repeating: 0x66, count: 31)))
            try db.addPasskey(
                ofAccount: account.id, credentialID: [1, 2, 3], relyingParty: "hub.example.org", key: point, counter: 0, name: "blue key", by: .ada,
                at: time)
            return try db.makeLink(toDevice: phone.id, privateKey: phoneKey, by: .ada, at: time).token
        }
        // Old entries were removed, so the log has an anchor.
        try hub.write {
            try $0.setAuditDays(30, by: .ada, at: time)
            try $0.removeOldAuditEntries(at: time)
        }
        (self.account, self.laptop, self.phone, self.phoneKey, self.link) = (account, laptop, phone, phoneKey, link)
    }

    /// The rows of a table as text; columns in `hidden` are left out.
    static func rows(of table: String, besides hidden: Set<String> = [], _ db: ReadTransaction) throws -> [String] {
        let columns = try db.connection.all("SELECT name FROM pragma_table_info(?)", [.text(table)]) { try $0.text() }.filter { !hidden.contains($0) }
        return try db.connection.all("SELECT \(columns.map { "quote(\($0))" }.joined(separator: " || ',' || ")) FROM \(table)", []) { try $0.text() }
            .sorted()
    }

    static func tables(_ db: ReadTransaction) throws -> [String] {
        try db.connection.all("SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%' ORDER BY name", []) {
            try $0.text()
        }
    }
}
