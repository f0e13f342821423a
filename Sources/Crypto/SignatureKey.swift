// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import COpenSSL
import CSodium

/// A public key that verifies passkey signatures, with COSE's names (RFC 9053 2).
public struct SignatureKey: Hashable, Sendable {
    /// The raw value is COSE's number.
    public enum Algorithm: Int64, Sendable, CaseIterable {
        /// ECDSA on P-256 with SHA-256.
        case es256 = -7
        /// Ed25519 (RFC 8032).
        case edDSA = -8
    }

    /// The signature algorithm.
    public let algorithm: Algorithm
    /// P-256: the coordinates x and y, 32 bytes each. Ed25519: 32 bytes.
    public let bytes: [UInt8]

    /// Nil when the bytes are not a valid key: the length is wrong, the point is not on the curve, or it has small order.
    public init?(_ algorithm: Algorithm, _ bytes: [UInt8]) {
        self.algorithm = algorithm
        self.bytes = bytes
        switch algorithm {
        case .es256: guard bytes.count == 64, Self.withP256(bytes, { _ in true }) == true else { return nil }
        case .edDSA: guard bytes.count == 32, Self.isEd25519Point(bytes) else { return nil }
        }
    }

    /// True when `signature` is a valid signature of `message` by this key. ECDSA signatures are in DER, as in WebAuthn.
    public func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch algorithm {
        case .es256: Self.withP256(bytes) { Self.verify(signature, of: message, $0) } ?? false
        case .edDSA:
            // SAFETY: the signature has the 64 bytes and the key the 32 that the function reads.
            signature.count == Int(crypto_sign_BYTES) && crypto_sign_verify_detached(signature, message, UInt64(message.count), bytes) == 0
        }
    }

    private static func verify(_ signature: [UInt8], of message: [UInt8], _ key: OpaquePointer) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// The bytes before the uncompressed point of a P-256 key in a SubjectPublicKeyInfo (RFC 5480 2).
    private static let p256Prefix: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
        0x03, 0x42, 0x00, 0x04,
    ]

    /// Calls `body` with the key; nil when libcrypto finds that the point is not on the curve.
    private static func withP256<Result>(_ point: [UInt8], _ body: (OpaquePointer) -> Result) -> Result? {
        let encoded = p256Prefix + point
        return encoded.withUnsafeBufferPointer { buffer -> Result? in
            // SAFETY: d2i_PUBKEY reads at most the given number of bytes and moves only this copy of their address.
            var position = buffer.baseAddress
            guard let key = d2i_PUBKEY(nil, &position, buffer.count) else {
                ERR_clear_error()
                return nil
            }
            defer { EVP_PKEY_free(key) }
            return body(key)
        }
    }

    /// On the curve, in its main subgroup, and canonical.
    private static func isEd25519Point(_ bytes: [UInt8]) -> Bool {
        Sodium.start()
        return crypto_core_ed25519_is_valid_point(bytes) == 1
    }
}
