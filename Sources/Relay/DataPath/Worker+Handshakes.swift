// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import WireGuard

/// The door for handshake messages: what passes waits for the control side (Documentation/protocol.md section 5).
extension Worker {
    /// Lets a handshake message in whose sender knows our key, and under load only one whose sender can receive where it says it is (WG-M-1 to WG-M-8).
    mutating func admit(_ bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train) throws(DropReason) {
        guard checker.hasValidMac1(bytes, byteCount: byteCount) else { throw .badMac1 }
        guard shared.queue.isUnderLoad(now: now) else {
            return try enqueue(bytes, byteCount: byteCount, train, isUnderLoad: false)
        }
        guard let source = train.source.endpoint else { throw .shortOrUnknownType }
        let secret = shared.cookieSecret.current(now: now)
        guard checker.hasValidMac2(bytes, byteCount: byteCount, source: source, secret: secret) else {
            sendCookie(for: bytes, byteCount: byteCount, train, source, secret)
            throw .cookieSent
        }
        try enqueue(bytes, byteCount: byteCount, train, isUnderLoad: true)
    }

    /// Lets a cookie reply in that names an index of ours: it has no mac1, and strangers must not fill the queue with it (WG-M-9).
    func admitCookie(_ bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train) throws(DropReason) {
        guard shared.indices.slot(for: UnsafeRawPointer(bytes).uint32LE(at: CookieReply.receiver)) != nil else { throw .cookieReplyUnusable }
        try enqueue(bytes, byteCount: byteCount, train, isUnderLoad: false)
    }

    private mutating func sendCookie(
        for bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train, _ source: Endpoint, _ secret: CookieSecret.Value
    ) {
        withUnsafeTemporaryAllocation(byteCount: CookieReply.byteCount, alignment: 16) { reply in
            checker.writeReply(
                to: bytes, byteCount: byteCount, source: source, secret: secret, nonce: CookieSecret.nonce(), into: reply.baseAddress!)
            egress.send(
                message: reply.baseAddress!, byteCount: CookieReply.byteCount, on: Path(remote: train.source, local: train.local), peer: nil,
                trafficClass: 0, now: now)
        }
    }

    private func enqueue(
        _ bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train, isUnderLoad: Bool
    ) throws(DropReason) {
        var message = HandshakeQueue.Message(
            bytes: InlineArray(repeating: 0), byteCount: byteCount, path: Path(remote: train.source, local: train.local), isUnderLoad: isUnderLoad)
        withUnsafeMutableBytes(of: &message.bytes) { $0.baseAddress!.copyMemory(from: bytes, byteCount: byteCount) }
        guard shared.queue.append(message) else { throw .handshakeQueueFull }
    }
}
