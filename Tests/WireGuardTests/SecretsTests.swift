// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Testing

@testable import WireGuard

struct `A secret of a handshake` {
    /// 0xA7, 32 times, in each format that could show it.
    private static let key = PrivateKey(Array(repeating: 0xA7, count: 32))!
    private static let traces = [Array(key.bytes).description, "167, 167", "a7a7", "A7A7", "p6en", key.revealBase64()]

    private func expectHidden<Value>(_ value: Value) {
        var dumped = ""
        dump(value, to: &dumped)
        for text in ["\(value)", String(reflecting: value), "\([value])", "\(Optional(value) as Any)", dumped] {
            #expect(!Self.traces.contains { text.contains($0) }, "\(text)")
        }
    }

    @Test func `is hidden when a key is printed`() {
        #expect("\(Self.key)" == "PrivateKey(hidden)")
        #expect("\(PresharedKey(Array(Self.key.bytes))!)" == "PresharedKey(hidden)")
        expectHidden(Self.key)
        expectHidden(PresharedKey(Array(Self.key.bytes))!)
    }

    @Test func `is hidden when an identity, a peer or a session is printed`() {
        let identity = Identity(privateKey: Self.key)
        expectHidden(identity)
        var peer = PeerHandshake(publicKey: PrivateKey.generate().publicKey, presharedKey: PresharedKey(Array(Self.key.bytes)))
        peer.prepare(identity)
        expectHidden(peer)
        expectHidden(
            NewKeypair(
                send: Self.key.bytes, receive: Self.key.bytes, localIndex: 1, remoteIndex: 2, isInitiator: true, createdAt: .at(.seconds(1))))
    }

    @Test func `WG-N-14 is zero in a session that was wiped`() throws {
        let pair = Pair()
        var (_, keys) = try pair.hub.response(to: try #require(pair.device.initiation()))
        keys.wipe()
        #expect(Array(keys.send) == zeros)
        #expect(Array(keys.receive) == zeros)
    }

    @Test func `WG-N-14 is zero in an initiation that was opened, accepted and wiped`() throws {
        let pair = Pair()
        let initiation = try #require(pair.device.initiation())
        var opened = try initiation.withUnsafeBytes { try pair.hub.identity.open(initiation: $0.baseAddress!) }
        #expect(Array(opened.state.chainingKey) != zeros)
        opened.wipe()
        #expect(Array(opened.state.chainingKey) == zeros)
        #expect(Array(opened.state.hash) == zeros)
        var accepted = try pair.hub.accept(initiation)
        #expect(Array(accepted.state.chainingKey) != zeros)
        accepted.wipe()
        #expect(Array(accepted.state.chainingKey) == zeros)
        #expect(Array(accepted.state.hash) == zeros)
    }

    /// Searches for the ephemeral key in the bytes of the peer, which contain the pending handshake.
    @Test func `WG-N-14 is gone from a peer whose handshake ended`() throws {
        let pair = Pair()
        let ephemeral = PrivateKey.generate()
        let initiation = try #require(pair.device.initiation(ephemeral: ephemeral))
        #expect(bytes(of: &pair.device.other, contain: ephemeral))
        _ = try pair.device.take(response: try pair.hub.response(to: initiation).message)
        #expect(!bytes(of: &pair.device.other, contain: ephemeral))
    }

    @Test func `WG-N-14 is gone from a peer that gave a handshake up or began another`() {
        let pair = Pair()
        let (first, second) = (PrivateKey.generate(), PrivateKey.generate())
        _ = pair.device.initiation(ephemeral: first)
        _ = pair.device.initiation(at: .seconds(6), ephemeral: second)
        #expect(!bytes(of: &pair.device.other, contain: first))
        pair.device.other.clearPending()
        #expect(!bytes(of: &pair.device.other, contain: second))
    }

    private let zeros = [UInt8](repeating: 0, count: 32)

    private func bytes(of peer: inout PeerHandshake, contain key: PrivateKey) -> Bool {
        let key = Array(key.bytes)
        return withUnsafeBytes(of: &peer) { bytes in
            (0...bytes.count - 32).contains { bytes[$0..<$0 + 32].elementsEqual(key) }
        }
    }
}
