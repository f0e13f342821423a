// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The cookie that a peer under load sent us, and the mac1 that the cookie must answer (whitepaper 5.4.7; WG-M-2, WG-M-9).
struct CookieJar: Sendable {
    private var cookie: (value: Bytes16, receivedAt: Instant)?
    private var unansweredMac1: Bytes16?

    /// Writes mac1, and mac2 if there is a fresh cookie, else zeros (WG-M-2, WG-M-3). `mac1At` is the length of what mac1 covers.
    mutating func writeMacs(to message: UnsafeMutableRawPointer, mac1At: Int, mac1Key: Bytes32, now: Instant) {
        let mac1 = BLAKE2s.mac16(key: mac1Key, UnsafeRawBufferPointer(start: message, count: mac1At))
        message.storeBytes(of: mac1, toByteOffset: mac1At, as: Bytes16.self)
        unansweredMac1 = mac1
        var mac2 = Bytes16(repeating: 0)
        if let cookie, now - cookie.receivedAt < Constants.cookieLifetime {
            mac2 = BLAKE2s.mac16(key: cookie.value, UnsafeRawBufferPointer(start: message, count: mac1At + 16))
        }
        message.storeBytes(of: mac2, toByteOffset: mac1At + 16, as: Bytes16.self)
    }

    /// Decrypts a cookie reply. False unless it answers the last mac1 that we sent; only one reply per mac1 is accepted.
    mutating func take(reply message: UnsafeRawPointer, cookieKey: Bytes32, now: Instant) -> Bool {
        guard let mac1 = unansweredMac1 else { return false }
        var value = Bytes16(repeating: 0)
        let sealed = UnsafeRawBufferPointer(start: message + CookieReply.sealedCookie, count: 32)
        let nonce = (message + CookieReply.nonce).loadUnaligned(as: XChaCha20Poly1305.Nonce.self)
        let isAuthentic = withMutableBytes(of: &value) { output in
            withUnsafeBytes(of: mac1) {
                XChaCha20Poly1305.open(key: cookieKey, nonce: nonce, ciphertext: sealed, authenticating: $0, into: output)
            }
        }
        guard isAuthentic else { return false }
        cookie = (value, now)
        unansweredMac1 = nil
        return true
    }
}
