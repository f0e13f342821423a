// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// Diffie-Hellman on Curve25519 (RFC 7748).
public enum X25519 {
    /// The shared secret, which the caller must wipe. Nil when it is all zeros, which happens with public keys of low order; the handshake
    /// must then fail (WG-N-8).
    public static func agree(_ privateKey: PrivateKey, _ publicKey: PublicKey) -> Bytes32? {
        Sodium.start()
        var secret = Bytes32(repeating: 0)
        let result = withMutableBytes(of: &secret) { secret in
            withBytes(of: privateKey.bytes) { scalar in
                withBytes(of: publicKey.bytes) { point in crypto_scalarmult_curve25519(secret, scalar, point) }
            }
        }
        // libsodium refuses known points of low order and every product that is zero.
        return result == 0 ? secret : nil
    }

    /// The public half of a private key: its product with the base point.
    ///
    /// libsodium has a table of the base point's multiples only for Ed25519, which halves the cost. So the product is computed there and
    /// converted. Most calls are for the ephemeral key of a handshake.
    static func publicKey(of privateKey: PrivateKey) -> PublicKey {
        Sodium.start()
        var product = Bytes32(repeating: 0)
        let result = withMutableBytes(of: &product) { product in
            withBytes(of: privateKey.bytes) { scalar in crypto_scalarmult_ed25519_base(product, scalar) }
        }
        precondition(result == 0, "a clamped scalar is not a multiple of the group's order, so its product is not the neutral point")
        return PublicKey(bytes: Edwards25519.u(of: product))
    }
}
