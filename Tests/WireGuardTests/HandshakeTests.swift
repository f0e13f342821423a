// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Support
import Testing
import WireGuard

struct `A handshake` {
    @Test(arguments: [nil, PresharedKey.generate()])
    func `WG-N-6 gives both sides the same two keys`(presharedKey: PresharedKey?) throws {
        let pair = Pair(presharedKey: presharedKey)
        let initiation = try #require(pair.device.initiation(index: 7))
        let (response, hubKeys) = try pair.hub.response(to: initiation, index: 9)
        let deviceKeys = try pair.device.take(response: response)
        #expect(agree(hubKeys, deviceKeys))
        #expect(deviceKeys.isInitiator)
        #expect(deviceKeys.localIndex == 7)
        #expect(!hubKeys.isInitiator)
        #expect(hubKeys.localIndex == 9)
        #expect(Array(hubKeys.send) != Array(hubKeys.receive))
    }

    @Test func `WG-I-4 dates the session by the message that made it`() throws {
        let pair = Pair()
        let (response, hubKeys) = try pair.hub.response(to: try #require(pair.device.initiation(at: .seconds(3))), at: .seconds(4))
        #expect(hubKeys.createdAt == .at(.seconds(4)))
        #expect(try pair.device.take(response: response, at: .seconds(5)).createdAt == .at(.seconds(5)))
    }

    @Test func `WG-N-2 gives different keys each time`() throws {
        let pair = Pair()
        let (_, first) = try pair.hub.response(to: try #require(pair.device.initiation(at: .seconds(1))), at: .seconds(1))
        let (_, second) = try pair.hub.response(to: try #require(pair.device.initiation(at: .seconds(6))), at: .seconds(6))
        #expect(Array(first.send) != Array(second.send))
    }

    @Test(arguments: [nil, PresharedKey.generate()])
    func `agrees with a naive initiator`(presharedKey: PresharedKey?) throws {
        let pair = Pair(presharedKey: presharedKey)
        let naive = NaiveInitiator(
            privateKey: pair.device.identity.privateKey, responder: pair.hub.identity.publicKey, presharedKey: presharedKey)
        let timestamp = Timestamp.at(.seconds(5))
        let initiation = naive.initiation(index: [1, 2, 3, 4], timestamp: timestamp.bytes)
        let (response, keys) = try pair.hub.response(to: initiation, index: 0x0A0B_0C0D)
        #expect(pair.hub.other.greatestTimestamp == timestamp)
        #expect(keys.remoteIndex == 0x0403_0201)
        #expect(Array(response[0..<12]) == hex("02000000 0d0c0b0a 01020304"))
        let naiveKeys = try #require(naive.keys(from: response))
        #expect(naiveKeys.send == Array(keys.receive))
        #expect(naiveKeys.receive == Array(keys.send))
        #expect(Array(response[60...]) == Naive.macs(Array(response[..<60]), receiver: naive.publicKey))
    }

    @Test(arguments: [nil, PresharedKey.generate()])
    func `agrees with a naive responder`(presharedKey: PresharedKey?) throws {
        let pair = Pair(presharedKey: presharedKey)
        let naive = NaiveResponder(privateKey: pair.hub.identity.privateKey, presharedKey: presharedKey)
        let initiation = try #require(pair.device.initiation(at: .seconds(5), index: 0x0A0B_0C0D))
        #expect(Array(initiation[0..<8]) == hex("01000000 0d0c0b0a"))
        #expect(Array(initiation[116...]) == Naive.macs(Array(initiation[..<116]), receiver: Array(pair.hub.identity.publicKey.bytes)))
        let answer = try #require(naive.response(to: initiation, index: [1, 2, 3, 4]))
        #expect(answer.timestamp == Timestamp.at(.seconds(5)).bytes)
        let keys = try pair.device.take(response: answer.message)
        #expect(answer.send == Array(keys.receive))
        #expect(answer.receive == Array(keys.send))
        #expect(keys.remoteIndex == 0x0403_0201)
    }

    @Test func `WG-L-3 uses a new preshared key from the next one on`() throws {
        let pair = Pair()
        let initiation = try #require(pair.device.initiation())
        let new = PresharedKey.generate()
        pair.hub.other.presharedKey = new.bytes
        pair.device.other.presharedKey = new.bytes
        let (response, hubKeys) = try pair.hub.response(to: initiation)
        #expect(agree(hubKeys, try pair.device.take(response: response)))
    }

    @Test func `WG-N-5 fails at the response when the preshared keys differ`() throws {
        let pair = Pair(presharedKey: .generate())
        pair.hub.other.presharedKey = PresharedKey.generate().bytes
        let (response, _) = try pair.hub.response(to: try #require(pair.device.initiation()))
        #expect(throws: DropReason.badHandshakeTag) { try pair.device.take(response: response) }
    }

    @Test func `WG-N-10 names its sender before anything in it is trusted`() throws {
        let pair = Pair()
        let initiation = try #require(pair.device.initiation(index: 0x0102_0304))
        let opened = try initiation.withUnsafeBytes { try pair.hub.identity.open(initiation: $0.baseAddress!) }
        #expect(opened.remote == pair.device.identity.publicKey)
        #expect(opened.sender == 0x0102_0304)
    }

    @Test func `WG-N-10 is refused when the sender only claims a key`() throws {
        let pair = Pair()
        let liar = NaiveInitiator(
            privateKey: .generate(), publicKey: Array(pair.device.identity.publicKey.bytes), responder: pair.hub.identity.publicKey)
        #expect(throws: DropReason.badHandshakeTag) {
            try pair.hub.accept(liar.initiation(index: [0, 0, 0, 0], timestamp: Timestamp.at(.seconds(1)).bytes))
        }
    }

    @Test func `is refused by a hub with another key`() throws {
        let pair = Pair()
        let stranger = Identity(privateKey: .generate())
        let initiation = try #require(pair.device.initiation())
        #expect(throws: DropReason.badHandshakeTag) {
            try initiation.withUnsafeBytes { bytes in try stranger.open(initiation: bytes.baseAddress!) }
        }
    }
}

struct `A handshake's state` {
    @Test func `WG-N-11 accepts a response only after an initiation`() throws {
        let pair = Pair()
        let (response, _) = try pair.hub.response(to: try #require(pair.device.initiation()))
        pair.device.other.clearPending()
        #expect(pair.device.other.pendingIndex == nil)
        #expect(throws: DropReason.responseWithoutState) { try pair.device.take(response: response) }
    }

    @Test func `WG-N-11 accepts a response only for the index of the last initiation`() throws {
        let pair = Pair()
        let (late, _) = try pair.hub.response(to: try #require(pair.device.initiation(at: .seconds(1), index: 7)))
        let retry = try #require(pair.device.initiation(at: .seconds(6), index: 8))
        #expect(pair.device.other.pendingIndex == 8)
        #expect(throws: DropReason.responseWithoutState) { try pair.device.take(response: late) }
        let (response, keys) = try pair.hub.response(to: retry, at: .seconds(6))
        #expect(agree(keys, try pair.device.take(response: response)))
    }

    @Test func `WG-N-11 refuses a late response to an initiation whose index was reused`() throws {
        let pair = Pair()
        let (late, _) = try pair.hub.response(to: try #require(pair.device.initiation(at: .seconds(1), index: 7)))
        _ = pair.device.initiation(at: .seconds(6), index: 7)
        #expect(throws: DropReason.badHandshakeTag) { try pair.device.take(response: late) }
    }

    @Test func `WG-N-12 accepts a response once`() throws {
        let pair = Pair()
        let (response, _) = try pair.hub.response(to: try #require(pair.device.initiation()))
        _ = try pair.device.take(response: response)
        #expect(pair.device.other.pendingIndex == nil)
        #expect(throws: DropReason.responseWithoutState) { try pair.device.take(response: response) }
    }

    @Test func `WG-N-11 survives a bad response`() throws {
        let pair = Pair()
        let (response, keys) = try pair.hub.response(to: try #require(pair.device.initiation()))
        var forged = response
        forged[50] ^= 1
        #expect(throws: DropReason.badHandshakeTag) { try pair.device.take(response: forged) }
        #expect(agree(keys, try pair.device.take(response: response)))
    }

    @Test func `WG-N-13 is overwritten by the other side's initiation, and one retry completes a session`() throws {
        let pair = Pair()
        let ofDevice = try #require(pair.device.initiation(index: 1))
        let ofHub = try #require(pair.hub.initiation(index: 2))
        let (responseOfHub, _) = try pair.hub.response(to: ofDevice, index: 3)
        let (responseOfDevice, _) = try pair.device.response(to: ofHub, index: 4)
        #expect(throws: DropReason.responseWithoutState) { try pair.device.take(response: responseOfHub) }
        #expect(throws: DropReason.responseWithoutState) { try pair.hub.take(response: responseOfDevice) }
        let retry = try #require(pair.hub.initiation(at: .seconds(6), index: 5))
        let (response, deviceKeys) = try pair.device.response(to: retry, at: .seconds(6), index: 6)
        #expect(agree(deviceKeys, try pair.hub.take(response: response)))
    }

    @Test func `WG-S-14 lets a device that lost its keys connect at once`() throws {
        let pair = Pair()
        let (response, _) = try pair.hub.response(to: try #require(pair.device.initiation(at: .seconds(1))))
        _ = try pair.device.take(response: response)
        let restarted = Side(privateKey: pair.device.identity.privateKey, other: pair.hub.identity.publicKey)
        let (answer, keys) = try pair.hub.response(to: try #require(restarted.initiation(at: .seconds(2))), at: .seconds(2))
        #expect(agree(keys, try restarted.take(response: answer)))
    }
}
