// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Testing

@testable import Store

struct `An observation` {
    let hub: TemporaryHub
    let key: PublicKey

    init() throws {
        hub = try TemporaryHub()
        key = try hub.add(.sample("laptop")).publicKey
    }

    @Test func `reads back as it was recorded last`() throws {
        try record(.sample(key), .sample(key, receivedBytes: 99))
        #expect(try hub.read { try $0.observations() } == [key: .sample(key, receivedBytes: 99)])
    }

    @Test func `may consist of the key alone`() throws {
        try record(PeerSight(publicKey: key))
        #expect(try hub.read { try $0.observations() } == [key: PeerSight(publicKey: key)])
    }

    @Test func `never replaces a timestamp with an older one`() throws {
        let greatest = [UInt8](repeating: 2, count: 12)
        try record(.sample(key, timestamp: greatest), .sample(key, timestamp: [UInt8](repeating: 1, count: 12)), .sample(key, timestamp: nil))
        let observation = try #require(try hub.read { try $0.observations()[key] })
        #expect(observation.greatestTimestamp == greatest)
        #expect(observation.timestampSent == greatest)
    }

    @Test func `of a key that no device has is ignored`() throws {
        try record(.sample(PrivateKey.generate().publicKey))
        #expect(try hub.read { try $0.observations() }.isEmpty)
    }

    @Test func `is not part of desired state`() throws {
        let before = try hub.read { try $0.generation() }
        try record(.sample(key))
        #expect(try hub.read { try $0.generation() } == before)
    }

    @Test func `is removed with its device`() throws {
        try record(.sample(key))
        try hub.change { try $0.removeDevice(try #require(try $0.device(publicKey: key)).id) }
        #expect(try hub.read { try $0.observations() }.isEmpty)
    }

    @Test func `of a handshake with a new key proves that the device has the file with that key, and no newer one`() throws {
        let device = try #require(try hub.read { try $0.device(publicKey: key) })
        try record(PeerSight(publicKey: key))
        #expect(try hub.read { try $0.device(device.id) }.fetchedAt == nil)
        try record(PeerSight(publicKey: key, lastHandshakeAt: 500))
        let first = try #require(try hub.read { try $0.devices() }.first)
        #expect(first.fetchedAt == 500 && first.fetchedConfigRevision == device.configRevision && !first.isConfigStale)

        let new = PrivateKey.generate()
        try hub.change { try $0.replaceKey(ofDevice: device.id, publicKey: new.publicKey, privateKey: new) }
        try hub.change {
            var edited = try $0.device(device.id)
            edited.overrides.mtu = .own(1280)
            try $0.update(edited)
        }
        try record(PeerSight(publicKey: new.publicKey, lastHandshakeAt: 700), PeerSight(publicKey: new.publicKey, lastHandshakeAt: 800))
        let second = try #require(try hub.read { try $0.devices() }.first)
        #expect(second.fetchedAt == 700 && second.fetchedConfigRevision == second.fileRevisions.key)
        #expect(OutdatedFile(of: second)?.sentence.description == "MTU changed: works as it is.")
    }

    private func record(_ observations: PeerSight...) throws { try hub.write { try $0.recordObservations(observations) } }
}
