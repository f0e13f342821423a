// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// Checks the macs of received handshake messages and writes cookie replies (whitepaper 5.3, 5.4.7; WG-M-1 to WG-M-8).
/// Each value belongs to one thread. The caller passes the cookie secret, so that all threads share it.
public struct CookieChecker: Sendable {
    private let mac1Key: Bytes32
    private let cookieKey: Bytes32

    public init(identity: Identity) {
        mac1Key = identity.mac1Key
        cookieKey = identity.cookieKey
    }

    /// Whether mac1 is valid, which means that the sender knows our public key (WG-M-1). The caller has checked the length.
    public func hasValidMac1(_ message: UnsafeRawPointer, byteCount: Int) -> Bool {
        let covered = byteCount - 32
        let expected = BLAKE2s.mac16(key: mac1Key, UnsafeRawBufferPointer(start: message, count: covered))
        return constantTimeEqual(expected, (message + covered).loadUnaligned(as: Bytes16.self))
    }

    /// Whether mac2 is valid, which means that the sender can receive at `source` (WG-M-2, WG-M-7).
    public func hasValidMac2(_ message: UnsafeRawPointer, byteCount: Int, source: Endpoint, secret: Bytes32) -> Bool {
        let covered = byteCount - 16
        let expected = BLAKE2s.mac16(key: cookie(for: source, secret), UnsafeRawBufferPointer(start: message, count: covered))
        return constantTimeEqual(expected, (message + covered).loadUnaligned(as: Bytes16.self))
    }

    /// Writes a cookie reply of 64 bytes to an initiation or response (WG-M-8).
    public func writeReply(
        to message: UnsafeRawPointer, byteCount: Int, source: Endpoint, secret: Bytes32, nonce: XChaCha20Poly1305.Nonce,
        into reply: UnsafeMutableRawPointer
    ) {
        reply.storeLE(MessageType.cookieReply.rawValue, at: 0)
        reply.storeLE(message.uint32LE(at: Initiation.sender), at: CookieReply.receiver)
        reply.storeBytes(of: nonce, toByteOffset: CookieReply.nonce, as: XChaCha20Poly1305.Nonce.self)
        let mac1 = UnsafeRawBufferPointer(start: message + (byteCount - 32), count: 16)
        withUnsafeBytes(of: cookie(for: source, secret)) {
            XChaCha20Poly1305.seal(key: cookieKey, nonce: nonce, plaintext: $0, authenticating: mac1, into: reply + CookieReply.sealedCookie)
        }
    }

    /// Mac(secret, address || port), the port in network order (WG-M-7, WG-F-7).
    private func cookie(for source: Endpoint, _ secret: Bytes32) -> Bytes16 {
        withUnsafeTemporaryAllocation(byteCount: 18, alignment: 8) { buffer in
            let bytes = buffer.baseAddress!
            let count: Int
            switch source.address {
            case .v4(let address):
                bytes.storeBE(address.bits, at: 0)
                count = 4
            case .v6(let address):
                bytes.storeBE(address.high, at: 0)
                bytes.storeBE(address.low, at: 8)
                count = 16
            }
            bytes.storeBE(source.port, at: count)
            return BLAKE2s.mac16(key: secret, UnsafeRawBufferPointer(start: bytes, count: count + 2))
        }
    }
}
