// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Support
import Testing
import WireGuard

private let secret = Bytes32(repeating: 0x66)
private let source4 = Endpoint("192.0.2.1:51820")!
private let source6 = Endpoint("[2001:db8::1]:51820")!

/// The answer of a hub under load.
private func cookieReply(
    of hub: Side, to message: [UInt8], source: Endpoint = source4, secret: Bytes32 = secret, nonce: [UInt8] = Array(0..<24)
) -> [UInt8] {
    var reply = [UInt8](repeating: 0, count: 64)
    CookieChecker(identity: hub.identity).writeReply(
        to: message, byteCount: message.count, source: source, secret: secret, nonce: .init(exactly: nonce)!, into: &reply)
    return reply
}

private func hasValidMac2(_ message: [UInt8], at hub: Side, source: Endpoint = source4, secret: Bytes32 = secret) -> Bool {
    CookieChecker(identity: hub.identity).hasValidMac2(message, byteCount: message.count, source: source, secret: secret)
}

private let noMac = [UInt8](repeating: 0, count: 16)

struct `A cookie` {
    @Test func `WG-M-2 is not used before one was received: mac2 is zero`() throws {
        let pair = Pair()
        let initiation = try #require(pair.device.initiation())
        #expect(Array(initiation[132...]) == noMac)
        #expect(!hasValidMac2(initiation, at: pair.hub))
        #expect(Array(try pair.hub.response(to: initiation).message[76...]) == noMac)
    }

    @Test(arguments: [source4, source6])
    func `WG-M-2 is in mac2 of the next initiation`(source: Endpoint) throws {
        let pair = Pair()
        try pair.device.take(cookieReply: cookieReply(of: pair.hub, to: try #require(pair.device.initiation()), source: source))
        let next = try #require(pair.device.initiation(at: .seconds(6)))
        #expect(hasValidMac2(next, at: pair.hub, source: source))
    }

    @Test func `WG-M-3 is in mac2 of the next response too`() throws {
        let pair = Pair()
        let first = try pair.hub.response(to: try #require(pair.device.initiation(at: .seconds(1))), at: .seconds(1)).message
        try pair.hub.take(cookieReply: cookieReply(of: pair.device, to: first))
        let next = try pair.hub.response(to: try #require(pair.device.initiation(at: .seconds(6))), at: .seconds(6)).message
        #expect(hasValidMac2(next, at: pair.device))
    }

    /// Mac(secret, address || port): the port in network order, 4 or 16 bytes of address.
    @Test(arguments: [(source4, "c0000201 ca6c"), (source6, "20010db8000000000000000000000001 ca6c")])
    func `WG-M-7 is the mac of address and port`(source: Endpoint, covered: String) throws {
        let pair = Pair()
        try pair.device.take(cookieReply: cookieReply(of: pair.hub, to: try #require(pair.device.initiation()), source: source))
        let cookie = Naive.mac(Array(secret), hex(covered))
        let next = try #require(pair.device.initiation(at: .seconds(6)))
        #expect(Array(next[132...]) == Naive.mac(cookie, Array(next[..<132])))
    }

    @Test(arguments: ["192.0.2.1:51821", "192.0.2.2:51820", "[::ffff:192.0.2.1]:51820"])
    func `WG-M-7 is invalid from another address or port`(other: String) throws {
        let pair = Pair()
        try pair.device.take(cookieReply: cookieReply(of: pair.hub, to: try #require(pair.device.initiation())))
        let next = try #require(pair.device.initiation(at: .seconds(6)))
        #expect(!hasValidMac2(next, at: pair.hub, source: try #require(Endpoint(other))))
    }

    @Test func `WG-M-7 is invalid after the secret changed`() throws {
        let pair = Pair()
        try pair.device.take(cookieReply: cookieReply(of: pair.hub, to: try #require(pair.device.initiation())))
        let next = try #require(pair.device.initiation(at: .seconds(6)))
        #expect(!hasValidMac2(next, at: pair.hub, secret: Bytes32(repeating: 0x67)))
    }

    @Test(arguments: [(114_999, true), (115_000, false), (200_000, false)])
    func `WG-C-6 is used for 115 seconds`(milliseconds: Int, isUsed: Bool) throws {
        let pair = Pair()
        try pair.device.take(cookieReply: cookieReply(of: pair.hub, to: try #require(pair.device.initiation())), at: .seconds(10))
        let next = try #require(pair.device.initiation(at: .seconds(10) + .milliseconds(milliseconds)))
        #expect((Array(next[132...]) != noMac) == isUsed)
    }
}

struct `A cookie reply` {
    /// Made like the recorded handshake, with HChaCha20 from its draft. The secret is 66, 32 times; the nonce 00 to 17.
    @Test(arguments: [
        (source4, "1794adc223fbe03ab6898de2ad11972299be8bec37b1680880906e5f7a0501e6", "f72d2da88c03a53de80fd7ff5bb832df"),
        (source6, "ad0a8528228dddd8725321010556dc9d77969e558d299d8a5b6566f91aa14c1f", "e79468948e3fc4acdd2ed58a51f2d220"),
    ])
    func `WG-M-8 has the expected bytes`(source: Endpoint, sealed: String, mac2: String) throws {
        let key = { (byte: UInt8) in PrivateKey(Array(repeating: byte, count: 32))! }
        let pair = Pair(device: key(0x11), hub: key(0x22))
        let timestamp = try #require(Timestamp(hex("400000006553f10a 1d000000")))
        let initiation = try #require(pair.device.initiation(index: 0x0102_0304, ephemeral: key(0x33), timestamp: timestamp))
        let reply = cookieReply(of: pair.hub, to: initiation, source: source)
        #expect(reply == hex("03000000 04030201 000102030405060708090a0b0c0d0e0f1011121314151617") + hex(sealed))
        try pair.device.take(cookieReply: reply)
        let next = try #require(pair.device.initiation(index: 0x0102_0304, ephemeral: key(0x33), timestamp: timestamp))
        #expect(Array(next[132...]) == hex(mac2))
    }

    @Test func `WG-M-8 goes to the sender of the message`() throws {
        let pair = Pair()
        let initiation = try #require(pair.device.initiation(index: 0x0102_0304))
        #expect(Array(cookieReply(of: pair.hub, to: initiation)[4..<8]) == hex("04030201"))
        let response = try pair.hub.response(to: initiation, index: 0x0A0B_0C0D).message
        #expect(Array(cookieReply(of: pair.device, to: response)[4..<8]) == hex("0d0c0b0a"))
    }

    @Test func `WG-M-9 is accepted once`() throws {
        let pair = Pair()
        let initiation = try #require(pair.device.initiation())
        try pair.device.take(cookieReply: cookieReply(of: pair.hub, to: initiation))
        let second = cookieReply(of: pair.hub, to: initiation, secret: Bytes32(repeating: 0x67), nonce: Array(1...24))
        #expect(throws: DropReason.cookieReplyUnusable) { try pair.device.take(cookieReply: second) }
        #expect(hasValidMac2(try #require(pair.device.initiation(at: .seconds(6))), at: pair.hub))
    }

    @Test func `WG-M-9 is accepted again after the next message`() throws {
        let pair = Pair()
        try pair.device.take(cookieReply: cookieReply(of: pair.hub, to: try #require(pair.device.initiation())))
        let next = try #require(pair.device.initiation(at: .seconds(6)))
        try pair.device.take(cookieReply: cookieReply(of: pair.hub, to: next, secret: Bytes32(repeating: 0x67)))
        #expect(hasValidMac2(try #require(pair.device.initiation(at: .seconds(12))), at: pair.hub, secret: Bytes32(repeating: 0x67)))
    }

    @Test func `WG-M-9 is refused if nothing was sent`() throws {
        let pair = Pair()
        let reply = cookieReply(of: pair.hub, to: Array(repeating: 0, count: 148))
        #expect(throws: DropReason.cookieReplyUnusable) { try pair.device.take(cookieReply: reply) }
    }

    @Test func `WG-M-9 is refused if it answers an earlier message`() throws {
        let pair = Pair()
        let reply = cookieReply(of: pair.hub, to: try #require(pair.device.initiation(at: .seconds(1))))
        _ = pair.device.initiation(at: .seconds(6))
        #expect(throws: DropReason.cookieReplyUnusable) { try pair.device.take(cookieReply: reply) }
    }

    @Test func `WG-M-8 is refused from another hub`() throws {
        let pair = Pair()
        let stranger = Side(privateKey: .generate(), other: pair.device.identity.publicKey)
        let reply = cookieReply(of: stranger, to: try #require(pair.device.initiation()))
        #expect(throws: DropReason.cookieReplyUnusable) { try pair.device.take(cookieReply: reply) }
    }

    @Test func `WG-M-9 is refused for every flipped bit, and the original is still accepted`() throws {
        let pair = Pair()
        let reply = cookieReply(of: pair.hub, to: try #require(pair.device.initiation()))
        for bit in 8 * 8..<64 * 8 {
            var forged = reply
            forged[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: DropReason.cookieReplyUnusable, "bit \(bit)") { try pair.device.take(cookieReply: forged) }
        }
        try pair.device.take(cookieReply: reply)
    }

    @Test func `WG-M-10 does not change the pending handshake`() throws {
        let pair = Pair()
        let initiation = try #require(pair.device.initiation(index: 7))
        try pair.device.take(cookieReply: cookieReply(of: pair.hub, to: initiation))
        #expect(pair.device.other.pendingIndex == 7)
        let (response, keys) = try pair.hub.response(to: initiation)
        let deviceKeys = try pair.device.take(response: response)
        #expect(agree(keys, deviceKeys))
    }
}
