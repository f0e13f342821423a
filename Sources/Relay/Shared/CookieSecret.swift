// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Synchronization
import WireGuard

/// The secret for our cookies, shared by all workers and renewed every two minutes (WG-C-6, WG-M-7).
final class CookieSecret: Sendable {
    typealias Value = Bytes32

    private let state = Mutex<(secret: Value, until: Instant)>((Value(repeating: 0), Instant(nanoseconds: 0)))

    func current(now: Instant) -> Value {
        state.withLock { state in
            if now >= state.until {
                state.secret = Value(exactly: SecureRandom.bytes(32))!
                state.until = now + Constants.cookieSecretLifetime
            }
            return state.secret
        }
    }

    /// A random nonce for a cookie reply.
    static func nonce() -> XChaCha20Poly1305.Nonce {
        var nonce = XChaCha20Poly1305.Nonce(repeating: 0)
        withUnsafeMutableBytes(of: &nonce) { SecureRandom.fill($0) }
        return nonce
    }
}
