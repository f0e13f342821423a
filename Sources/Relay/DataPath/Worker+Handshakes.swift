// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import WireGuard

/// Filters handshake messages. Those that pass wait for the control side (Documentation/protocol.md section 5).
extension Worker {
    /// Admits a handshake message if its sender knows our key. Under load, the sender must also prove that it can receive at its source
    /// address (WG-M-1 to WG-M-8).
    mutating func admit(_ bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train) throws(DropReason) {
        guard checker.hasValidMac1(bytes, byteCount: byteCount) else {
            shared.strangers.note(.badMac1, train.source, now: now)
            throw .badMac1
        }
        guard shared.queue.asksForProof(now: now) else { return try enqueue(bytes, byteCount: byteCount, train, isProved: false) }
        guard let source = train.source.endpoint else { throw .shortOrUnknownType }
        let secret = shared.cookieSecret.current(now: now)
        guard checker.hasValidMac2(bytes, byteCount: byteCount, source: source, secret: secret) else {
            sendCookie(for: bytes, byteCount: byteCount, train, source, secret)
            throw .cookieSent
        }
        try enqueue(bytes, byteCount: byteCount, train, isProved: true)
    }

    /// Admits a cookie reply only if it names an index of ours, of a peer that may send one, and none of that peer waits. It has no mac1, and
    /// strangers must not be able to fill the queue with it (WG-M-9, WG-M-17).
    func admitCookie(_ bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train) throws(DropReason) {
        guard let peer = shared.peer(of: UnsafeRawPointer(bytes).uint32LE(at: CookieReply.receiver)),
            shared.peers.at(peer).pointee.cookie.takePlace()
        else { throw .cookieReplyUnusable }
        do throws(DropReason) { try enqueue(bytes, byteCount: byteCount, train, isProved: false) } catch {
            shared.peers.at(peer).pointee.cookie.giveBackPlace()
            throw error
        }
    }

    private mutating func sendCookie(
        for bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train, _ source: Endpoint, _ secret: CookieSecret.Value
    ) {
        withUnsafeTemporaryAllocation(byteCount: CookieReply.byteCount, alignment: 16) { reply in
            checker.writeReply(
                to: bytes, byteCount: byteCount, source: source, secret: secret, nonce: CookieSecret.nonce(), into: reply.baseAddress!)
            egress.send(cookie: reply.baseAddress!, on: Path(remote: train.source, local: train.local), now: now)
        }
    }

    private func enqueue(
        _ bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train, isProved: Bool
    ) throws(DropReason) {
        var message = HandshakeQueue.Message(
            bytes: InlineArray(repeating: 0), byteCount: byteCount, path: Path(remote: train.source, local: train.local), isProved: isProved)
        withUnsafeMutableBytes(of: &message.bytes) { $0.baseAddress!.copyMemory(from: bytes, byteCount: byteCount) }
        guard shared.queue.append(message) else { throw .handshakeQueueFull }
    }
}
