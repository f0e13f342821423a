// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@testable import Store

struct `A secret token` {
    @Test func `has the form hub, kind, 43 digits and a checksum of 6`() throws {
        let text = SecretToken.generate(.api).reveal()
        #expect(text.wholeMatch(of: /hub_api_[0-9A-Za-z]{49}/) != nil)
        #expect(SecretToken(text, kind: .api)?.reveal() == text)
        #expect(SecretToken.generate(.api).reveal() != text)
    }

    @Test func `of one kind is none of another`() {
        #expect(SecretToken(SecretToken.generate(.session).reveal(), kind: .api) == nil)
    }

    @Test func `with any character changed is none`() {
        let text = Array(SecretToken.generate(.link).reveal())
        for position in text.indices {
            var changed = text
            changed[position] = changed[position] == "a" ? "b" : "a"
            guard changed != text else { continue }
            #expect(SecretToken(String(changed), kind: .link) == nil, "position \(position)")
        }
        #expect(SecretToken(String(text.dropLast()), kind: .link) == nil)
        #expect(SecretToken("", kind: .link) == nil)
        #expect(SecretToken("hub_link_é", kind: .link) == nil)
    }

    @Test func `prints nothing but its kind`() {
        #expect("\(SecretToken.generate(.setup))" == "SecretToken(setup, hidden)")
    }

    // 2^256 - 1 and 62 by hand, and the check value of the CRC catalogue.
    @Test func `counts in base 62 and checks with CRC-32`() {
        #expect(SecretToken.base62([0, 62], digitCount: 3) == "010")
        #expect(SecretToken.base62([UInt8](repeating: 0, count: 32), digitCount: 43) == String(repeating: "0", count: 43))
        #expect(SecretToken.base62([UInt8](repeating: 255, count: 4), digitCount: 6) == "4gfFC3")
        #expect(CRC32.checksum("123456789".utf8) == 0xCBF4_3926)
    }
}

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

    @Test func `needs a name, a scope and an expiry to come`() throws {
        let errors = fieldErrors { _ = try hub.write { try $0.addAPIToken(name: "", scopes: [], expiresAt: 1_000, by: .ada, at: 1_000) } }
        #expect(errors?.map(\.field) == ["name", "scopes", "expires_at"])
    }

    private func add(expiresAt: UnixTime?) throws -> (secret: SecretToken, token: APIToken) {
        try hub.write { try $0.addAPIToken(name: "backup", scopes: [.read, .devices], expiresAt: expiresAt, by: .ada, at: 1_000) }
    }
}

struct `A one-time link` {
    let hub: TemporaryHub
    let device: Device

    init() throws {
        hub = try TemporaryHub()
        device = try hub.add(.sample("laptop"))
    }

    @Test func `opens once, however often it is looked at`() throws {
        let token = try hub.write { try $0.makeLink(toDevice: device.id, by: .ada, at: 1_000) }
        for _ in 0..<3 { #expect(try hub.read { try $0.device(ofLink: token, at: 1_001) } == device) }
        #expect(try hub.write { try $0.useLink(token, from: "192.0.2.9", at: 1_002) } == device)
        #expect(throws: StoreError.tokenRefused) { try hub.write { try $0.useLink(token, from: "192.0.2.9", at: 1_003) } }
        let entry = try #require(try hub.read { try $0.auditEntries(limit: 1) }.first)
        #expect(entry.action == "link.use")
        #expect(entry.author == Author(name: "link", address: "192.0.2.9"))
    }

    @Test func `lives for a quarter of an hour at most`() throws {
        let token = try hub.write { try $0.makeLink(toDevice: device.id, validFor: 1_000_000, by: .ada, at: 1_000) }
        #expect(try hub.read { try $0.device(ofLink: token, at: 1_899) } != nil)
        #expect(throws: StoreError.tokenRefused) { try hub.write { try $0.useLink(token, from: nil, at: 1_900) } }
    }

    @Test func `goes with its device`() throws {
        let token = try hub.write { try $0.makeLink(toDevice: device.id, by: .ada, at: 1_000) }
        try hub.change { try $0.removeDevice(device.id) }
        #expect(try hub.read { try $0.device(ofLink: token, at: 1_001) } == nil)
    }
}
