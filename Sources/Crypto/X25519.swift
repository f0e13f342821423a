// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// Diffie-Hellman on Curve25519 (RFC 7748).
public enum X25519 {
    /// The shared secret, which the caller wipes. Nil when it is all zero, as with each public key of low order:
    /// the handshake must then fail (protocol.md N-8).
    public static func agree(_ privateKey: PrivateKey, _ publicKey: PublicKey) -> Bytes32? {
        Sodium.start()
        var secret = Bytes32(repeating: 0)
        let result = withMutableBytes(of: &secret) { secret in
            withBytes(of: privateKey.bytes) { scalar in
                withBytes(of: publicKey.bytes) { point in crypto_scalarmult_curve25519(secret, scalar, point) }
            }
        }
        // libsodium refuses the points of low order it knows and every product that is zero.
        return result == 0 ? secret : nil
    }
}
