// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

@testable import WireGuard

/// Two sides with fixed keys, and the parts of them that receive the bytes.
private struct Pair {
    let identity = Identity(privateKey: PrivateKey([UInt8](repeating: 0x11, count: 32))!)
    let other = Identity(privateKey: PrivateKey([UInt8](repeating: 0x22, count: 32))!)
    let checker: CookieChecker
    /// Our side, with a pending initiation, so that responses and cookie replies have something to answer.
    let waiting: PeerHandshake

    init() {
        let ours = identity
        checker = CookieChecker(identity: ours)
        var peer = PeerHandshake(publicKey: other.publicKey, presharedKey: nil)
        withUnsafeTemporaryAllocation(byteCount: Initiation.byteCount, alignment: 16) {
            _ = peer.createInitiation(
                identity: ours, localIndex: 1, ephemeral: PrivateKey([UInt8](repeating: 0x33, count: 32))!, timestamp: .zero.next,
                now: Instant(nanoseconds: 1), to: $0.baseAddress!)
        }
        waiting = peer
    }
}

private let pair = Pair()
private let source = Endpoint(address: .v4(IPv4Address(bits: 0xC000_0201)), port: 51820)
private let now = Instant(nanoseconds: 2)

/// Nothing unauthentic changes a peer: the bytes are never sealed with the right keys, so all must be refused.
func fuzzDatagram(_ bytes: [UInt8]) {
    // A copy of exactly this length, so that the address sanitizer sees reads past the end.
    bytes.withUnsafeBytes { buffer in
        guard let base = buffer.baseAddress, let type = try? MessageType.read(base, byteCount: buffer.count) else { return }
        switch type {
        case .initiation: takeInitiation(base)
        case .response: takeResponse(base)
        case .cookieReply:
            var peer = pair.waiting
            let isTaken = (try? peer.consume(cookieReply: base, now: now)) != nil
            precondition(!isTaken, "a forged cookie reply was accepted")
        case .transport: precondition(buffer.count >= Transport.overhead)
        }
    }
}

private func takeInitiation(_ base: UnsafeRawPointer) {
    checkMacs(base, byteCount: Initiation.byteCount)
    guard let opened = try? pair.identity.open(initiation: base) else { return }
    var peer = PeerHandshake(publicKey: opened.remote, presharedKey: nil)
    guard let accepted = try? peer.accept(opened, initiation: base, identity: pair.identity, now: now) else { return }
    withUnsafeTemporaryAllocation(byteCount: Response.byteCount, alignment: 16) {
        _ = peer.createResponse(
            to: accepted, localIndex: 2, ephemeral: PrivateKey([UInt8](repeating: 0x44, count: 32))!, now: now, to: $0.baseAddress!)
    }
}

private func takeResponse(_ base: UnsafeRawPointer) {
    checkMacs(base, byteCount: Response.byteCount)
    var peer = pair.waiting
    guard (try? peer.consume(response: base, identity: pair.identity, now: now)) == nil else { return }
    precondition(peer.pendingIndex == 1, "a response that was refused ended the handshake")
}

/// Either mac may be valid. The reply to any message starts with the index of its sender.
private func checkMacs(_ base: UnsafeRawPointer, byteCount: Int) {
    let secret = Bytes32(repeating: 0x55)
    _ = pair.checker.hasValidMac1(base, byteCount: byteCount)
    _ = pair.checker.hasValidMac2(base, byteCount: byteCount, source: source, secret: secret)
    withUnsafeTemporaryAllocation(byteCount: CookieReply.byteCount, alignment: 16) { reply in
        let message = reply.baseAddress!
        pair.checker.writeReply(
            to: base, byteCount: byteCount, source: source, secret: secret, nonce: XChaCha20Poly1305.Nonce(repeating: 0x66), into: message)
        precondition((try? MessageType.read(message, byteCount: reply.count)) == .cookieReply)
        precondition(UnsafeRawPointer(message).uint32LE(at: 4) == base.uint32LE(at: 4))
    }
}
