// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Testing

@testable import Store

struct `A one-time link` {
    let hub: TemporaryHub
    let device: Device

    init() throws {
        hub = try TemporaryHub()
        device = try hub.add(.sample("laptop"))
    }

    @Test func `opens once, however often it is viewed`() throws {
        let token = try hub.write { try $0.makeLink(toDevice: device.id, by: .ada, at: 1_000).token }
        for _ in 0..<3 { #expect(try hub.read { try $0.device(ofLink: token, at: 1_001)?.device } == device) }
        #expect(try hub.write { try $0.useLink(token, from: "192.0.2.9", at: 1_002).device } == device)
        #expect(throws: StoreError.tokenRefused) { _ = try hub.write { try $0.useLink(token, from: "192.0.2.9", at: 1_003) } }
        let entry = try #require(try hub.read { try $0.auditEntries(limit: 1) }.first)
        #expect(entry.action == "link.use")
        #expect(entry.author == Author(name: "link", address: "192.0.2.9"))
    }

    @Test func `is valid for seven days at most`() throws {
        let token = try hub.write { try $0.makeLink(toDevice: device.id, validFor: 1_000_000, by: .ada, at: 1_000).token }
        #expect(try hub.read { try $0.device(ofLink: token, at: 605_799) } != nil)
        #expect(throws: StoreError.tokenRefused) { _ = try hub.write { try $0.useLink(token, from: nil, at: 605_800) } }
        #expect(try hub.read { try $0.links(toDevice: device.id, at: 605_800) } == [])
        try hub.write { try $0.removeExpiredLinks(at: 605_800) }
        #expect(try hub.read { try !$0.hasExpiredLinks(at: 605_800) })
    }

    @Test func `of an hour ends when the clock is set back by more than a few minutes`() throws {
        let token = try hub.write { try $0.makeLink(toDevice: device.id, validFor: 3_600, by: .ada, at: 100_000).token }
        #expect(try hub.read { try $0.device(ofLink: token, at: 99_700) } != nil)
        #expect(try hub.read { try $0.device(ofLink: token, at: 99_699) } == nil)
    }

    @Test func `is removed with its device`() throws {
        let token = try hub.write { try $0.makeLink(toDevice: device.id, by: .ada, at: 1_000).token }
        try hub.change { try $0.removeDevice(device.id) }
        #expect(try hub.read { try $0.device(ofLink: token, at: 1_001) } == nil)
    }

    @Test func `is listed and can be revoked, by its own device only`() throws {
        let other = try hub.add(.sample("phone"))
        let (token, link) = try hub.write { try $0.makeLink(toDevice: device.id, validFor: 300, by: .ada, at: 1_000) }
        #expect(try hub.read { try $0.links(toDevice: device.id, at: 1_001) } == [link])
        #expect(link.expiresAt == 1_300)
        #expect(throws: StoreError.self) { try hub.write { try $0.revokeLink(link.id, toDevice: other.id, by: .ada, at: 1_001) } }
        try hub.write { try $0.revokeLink(link.id, toDevice: device.id, by: .ada, at: 1_002) }
        #expect(throws: StoreError.tokenRefused) { _ = try hub.write { try $0.useLink(token, from: nil, at: 1_003) } }
    }

    @Test func `contains a key that the hub does not keep, sealed and only while it is valid`() throws {
        let key = PrivateKey.generate()
        let own = try hub.add(.sample("own", publicKey: key.publicKey))
        let token = try hub.write { try $0.makeLink(toDevice: own.id, privateKey: key, by: .ada, at: 1_000).token }
        #expect(try hub.fileBytes().range(of: Data([UInt8](key.bytes))) == nil)
        #expect(try hub.write { try $0.useLink(token, from: nil, at: 1_001).privateKey } == key)
        let late = try hub.write { try $0.makeLink(toDevice: own.id, privateKey: key, by: .ada, at: 1_002).token }
        try hub.change { _ = try $0.replaceKey(ofDevice: own.id, publicKey: PrivateKey.generate().publicKey, privateKey: nil) }
        #expect(try hub.write { try $0.useLink(late, from: nil, at: 1_003).privateKey } == nil)
    }
}
