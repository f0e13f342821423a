// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Testing

@testable import WireGuard

/// Two sides that know each other, and the bytes between them.
struct Pair {
    var hub: Identity
    var device: Identity
    var deviceAtHub: Peer
    var hubAtDevice: Peer

    init(presharedKey: PresharedKey? = nil) {
        hub = Identity(privateKey: .generate())
        device = Identity(privateKey: .generate())
        deviceAtHub = Peer(publicKey: device.publicKey, presharedKey: presharedKey, identity: hub)
        hubAtDevice = Peer(publicKey: hub.publicKey, presharedKey: presharedKey, identity: device)
    }

    /// An initiation of the device.
    mutating func initiation(at seconds: UInt64 = 1, index: UInt32 = 7) -> [UInt8] {
        var message = [UInt8](repeating: 0, count: 148)
        let sent = message.withUnsafeMutableBytes {
            hubAtDevice.createInitiation(
                identity: device, localIndex: index, ephemeral: .generate(), timestamp: Timestamp(unixNanoseconds: seconds * 1_000_000_000),
                now: .init(nanoseconds: seconds * 1_000_000_000), to: $0.baseAddress!)
        }
        precondition(sent)
        return message
    }

    /// The hub's answer, or why there is none.
    mutating func respond(to initiation: [UInt8], at seconds: UInt64 = 1, index: UInt32 = 9) throws(DropReason) -> ([UInt8], SessionKeys) {
        let now = Instant(nanoseconds: seconds * 1_000_000_000)
        var response = [UInt8](repeating: 0, count: 92)
        let message = UnsafeMutableRawPointer.allocate(byteCount: 148, alignment: 8)
        defer { message.deallocate() }
        message.copyMemory(from: initiation, byteCount: 148)
        let opened = try hub.open(initiation: message)
        let accepted = try deviceAtHub.accept(opened, initiation: message, now: now)
        let keys = response.withUnsafeMutableBytes {
            deviceAtHub.createResponse(to: accepted, localIndex: index, ephemeral: .generate(), now: now, to: $0.baseAddress!)
        }
        return (response, keys!)
    }
}

@Suite struct `A handshake` {
    @Test(arguments: [nil, PresharedKey.generate()])
    func `gives both sides the same two keys`(presharedKey: PresharedKey?) throws {
        var pair = Pair(presharedKey: presharedKey)
        let initiation = pair.initiation()
        let (response, hubKeys) = try pair.respond(to: initiation)
        let deviceKeys = try response.withUnsafeBytes { bytes throws(DropReason) in
            try pair.hubAtDevice.consume(response: bytes.baseAddress!, identity: pair.device, now: .init(nanoseconds: 1))
        }
        #expect(Array(hubKeys.send) == Array(deviceKeys.receive))
        #expect(Array(hubKeys.receive) == Array(deviceKeys.send))
        #expect(hubKeys.localIndex == 9 && hubKeys.remoteIndex == 7 && !hubKeys.isInitiator)
        #expect(deviceKeys.localIndex == 7 && deviceKeys.remoteIndex == 9 && deviceKeys.isInitiator)
    }

    @Test func `T-3 a replayed initiation is dropped and changes nothing`() throws {
        var pair = Pair()
        let initiation = pair.initiation(at: 5)
        _ = try pair.respond(to: initiation, at: 5)
        let seen = pair.deviceAtHub.greatestTimestamp
        #expect(throws: DropReason.timestampReplay) { try pair.respond(to: initiation, at: 6) }
        #expect(pair.deviceAtHub.greatestTimestamp == seen)
    }

    @Test func `N-12 a second copy of a response is dropped`() throws {
        var pair = Pair()
        let (response, _) = try pair.respond(to: pair.initiation())
        _ = try response.withUnsafeBytes { bytes throws(DropReason) in
            try pair.hubAtDevice.consume(response: bytes.baseAddress!, identity: pair.device, now: .init(nanoseconds: 1))
        }
        #expect(throws: DropReason.responseWithoutState) {
            try response.withUnsafeBytes { bytes throws(DropReason) in
                try pair.hubAtDevice.consume(response: bytes.baseAddress!, identity: pair.device, now: .init(nanoseconds: 1))
            }
        }
    }
}
