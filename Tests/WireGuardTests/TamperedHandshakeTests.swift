// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Support
import Testing
import WireGuard

struct `A tampered handshake message` {
    /// Type and mac1 cover every bit up to mac2, which is checked only under load (WG-M-4).
    @Test func `WG-M-1 is refused for every bit of an initiation up to mac2`() throws {
        let pair = Pair()
        let checker = CookieChecker(identity: pair.hub.identity)
        let initiation = try #require(pair.device.initiation())
        #expect(checker.hasValidMac1(initiation, byteCount: 148))
        for bit in 0..<132 * 8 {
            #expect(!checker.hasValidMac1(flipped(initiation, bit), byteCount: 148), "bit \(bit)")
        }
    }

    @Test func `WG-M-1 is refused for every bit of a response up to mac2`() throws {
        let pair = Pair()
        let checker = CookieChecker(identity: pair.device.identity)
        let (response, _) = try pair.hub.response(to: try #require(pair.device.initiation()))
        #expect(checker.hasValidMac1(response, byteCount: 92))
        for bit in 0..<76 * 8 {
            #expect(!checker.hasValidMac1(flipped(response, bit), byteCount: 92), "bit \(bit)")
        }
    }

    /// With a new valid mac1, which anybody can compute who knows the hub's public key.
    @Test func `WG-N-3 is refused for every bit of an initiation's three fields, and the original is still accepted`() throws {
        let pair = Pair()
        let initiation = try #require(pair.device.initiation(at: .seconds(5)))
        _ = pair.hub.initiation(index: 77)
        for bit in 8 * 8..<116 * 8 {
            #expect(throws: DropReason.badHandshakeTag, "bit \(bit)") { try pair.hub.accept(flipped(initiation, bit), at: .seconds(5)) }
        }
        #expect(pair.hub.other.greatestTimestamp == .zero)
        #expect(pair.hub.other.pendingIndex == 77)
        _ = try pair.hub.accept(initiation, at: .seconds(5))
    }

    @Test func `WG-N-5 is refused for every bit of a response's receiver and two fields, and the original is still accepted`() throws {
        let pair = Pair()
        let (response, keys) = try pair.hub.response(to: try #require(pair.device.initiation()))
        for bit in 8 * 8..<60 * 8 {
            let reason: DropReason = bit < 12 * 8 ? .responseWithoutState : .badHandshakeTag
            #expect(throws: reason, "bit \(bit)") { try pair.device.take(response: flipped(response, bit)) }
        }
        #expect(agree(keys, try pair.device.take(response: response)))
    }

    @Test func `WG-M-4 is accepted if only mac2 is wrong`() throws {
        let pair = Pair()
        var initiation = try #require(pair.device.initiation())
        initiation[140] ^= 0xFF
        #expect(CookieChecker(identity: pair.hub.identity).hasValidMac1(initiation, byteCount: 148))
        var (response, keys) = try pair.hub.response(to: initiation)
        response[90] ^= 0xFF
        #expect(agree(keys, try pair.device.take(response: response)))
    }

    private func flipped(_ message: [UInt8], _ bit: Int) -> [UInt8] {
        var message = message
        message[bit / 8] ^= 1 << (bit % 8)
        return message
    }
}

struct `A public key of low order` {
    @Test(arguments: lowOrderPoints)
    func `WG-N-9 may be configured, but no initiation is ever written`(point: String) {
        let hub = Side(privateKey: .generate(), other: PublicKey(bytes: hex(point)))
        #expect(hub.initiation() == nil)
        #expect(!hub.other.isUsable)
        #expect(hub.other.pendingIndex == nil)
    }

    @Test(arguments: lowOrderPoints)
    func `WG-N-9 completes no handshake as an initiator`(point: String) {
        let hubKey = PrivateKey.generate()
        let hub = Side(privateKey: hubKey, other: PublicKey(bytes: hex(point)))
        let naive = NaiveInitiator(privateKey: .generate(), publicKey: hex(point), responder: hubKey.publicKey)
        let initiation = naive.initiation(index: [0, 0, 0, 0], timestamp: Timestamp.at(.seconds(1)).bytes)
        #expect(throws: DropReason.zeroSharedSecret) { try hub.accept(initiation) }
        #expect(hub.other.greatestTimestamp == .zero)
    }

    @Test(arguments: lowOrderPoints)
    func `WG-N-8 is refused as the ephemeral key of an initiation`(point: String) {
        let pair = Pair()
        let naive = NaiveInitiator(privateKey: pair.device.identity.privateKey, responder: pair.hub.identity.publicKey)
        let initiation = naive.initiation(index: [0, 0, 0, 0], timestamp: Timestamp.at(.seconds(1)).bytes, ephemeral: hex(point))
        #expect(throws: DropReason.zeroSharedSecret) { try pair.hub.accept(initiation) }
    }

    @Test(arguments: lowOrderPoints)
    func `WG-N-8 is refused as the ephemeral key of a response, and the handshake stays pending`(point: String) throws {
        let pair = Pair()
        let initiation = try #require(pair.device.initiation(index: 7))
        let naive = NaiveResponder(privateKey: pair.hub.identity.privateKey)
        let forged = try #require(naive.response(to: initiation, index: [0, 0, 0, 0], ephemeral: hex(point)))
        #expect(throws: DropReason.zeroSharedSecret) { try pair.device.take(response: forged.message) }
        #expect(pair.device.other.pendingIndex == 7)
        let (response, keys) = try pair.hub.response(to: initiation)
        #expect(agree(keys, try pair.device.take(response: response)))
    }
}
