// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

@testable import Store

@Suite struct `The sessions of a device` {
    let hub: TemporaryHub
    let device: Device

    init() throws {
        hub = try TemporaryHub()
        device = try hub.add(.sample("laptop"))
    }

    @Test func `continue while handshakes follow each other from one endpoint`() throws {
        for at in stride(from: Int64(1_000), through: 2_200, by: 120) { try note(at, "203.0.113.5:40000") }
        #expect(try sessions() == [OnlinePeriod(beganAt: 1_000, heardAt: 2_200, endpoint: Endpoint("203.0.113.5:40000")!)])
    }

    @Test func `begin again after a gap, and from a new endpoint`() throws {
        try note(1_000, "203.0.113.5:40000")
        try note(1_191, "203.0.113.5:40000")
        try note(1_200, "[2001:db8::7]:5000")
        #expect(try sessions().map(\.beganAt) == [1_200, 1_191, 1_000])
        #expect(try sessions().map(\.endpoint) == ["[2001:db8::7]:5000", "203.0.113.5:40000", "203.0.113.5:40000"].map { Endpoint($0)! })
    }

    @Test func `are kept up to the limit, newest first`() throws {
        for number in 0..<Int64(50) { try note(1_000 + number, "203.0.113.5:\(40_000 + number)") }
        #expect(try sessions().map(\.beganAt) == (0..<Int64(OnlinePeriod.limit)).map { UnixTime(seconds: 1_049 - $0) })
        #expect(try hub.read { try $0.connection.first("SELECT count(*) FROM device_sessions") { try $0.integer() } } == 20)
    }

    @Test func `are none if the device was never heard`() throws {
        try hub.write { try $0.recordOnlinePeriods(of: [PeerSight(publicKey: device.publicKey), .sample(PrivateKey.generate().publicKey)]) }
        #expect(try sessions().isEmpty)
    }

    private func sessions() throws -> [OnlinePeriod] { try hub.read { try $0.onlinePeriods(ofDevice: device.id) } }

    private func note(_ at: Int64, _ endpoint: String) throws {
        let seen = PeerSight(publicKey: device.publicKey, endpoint: Endpoint(endpoint), lastHandshakeAt: UnixTime(seconds: at))
        try hub.write { try $0.recordOnlinePeriods(of: [seen]) }
    }
}
