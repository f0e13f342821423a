// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// Encrypts small secrets for storage: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) under one 32-byte key.
///
/// A sealed value is `version 1
/// key id 4
/// nonce 24
/// ciphertext
/// tag 16`. The key id identifies the key, so that a wrong key file is distinguished from damage. `context` names where the value is
/// stored; a value moved elsewhere cannot be opened.
public struct SecretBox: Sendable, CustomStringConvertible {
    /// Why a sealed value cannot be opened.
    public enum OpenError: Error, Equatable {
        /// It was sealed with another key, which has this id in hexadecimal.
        case otherKey(id: String)
        /// It was changed, truncated, or moved from its original place.
        case damaged
    }

    /// The length of a key in bytes.
    public static let keyByteCount = Int(crypto_aead_xchacha20poly1305_ietf_KEYBYTES)

    private static let version: UInt8 = 1
    private static let nonceByteCount = Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
    private static let tagByteCount = Int(crypto_aead_xchacha20poly1305_ietf_ABYTES)
    private static let headerByteCount = 1 + 4

    private let key: LockedBytes
    private let identifier: [UInt8]

    /// Nil unless the key has exactly 32 bytes.
    public init?(key bytes: [UInt8]) {
        guard bytes.count == Self.keyByteCount else { return nil }
        self.key = LockedBytes(bytes)
        self.identifier = Array(Digest.sha256(Array("hairpin key id".utf8) + bytes).prefix(4))
    }

    /// A fresh random key.
    public static func generateKey() -> [UInt8] { SecureRandom.bytes(keyByteCount) }

    /// Eight hexadecimal digits that identify the key and reveal nothing else about it.
    public var keyID: String { Hex.encode(identifier) }

    /// The key itself, for its file and for backups. The caller must wipe it.
    public func revealKey() -> [UInt8] { key.withBytes { Array(UnsafeBufferPointer(start: $0, count: Self.keyByteCount)) } }

    public var description: String { "SecretBox(key \(keyID))" }

    /// The id of the key that sealed a value; nil when it is not a sealed value.
    public static func keyID(of sealed: [UInt8]) -> String? {
        sealed.count >= headerByteCount && sealed[0] == version ? Hex.encode(sealed[1..<headerByteCount]) : nil
    }

    /// Encrypts `secret` for `context` with a new random nonce.
    public func seal(_ secret: [UInt8], for context: String) -> [UInt8] {
        let header = [Self.version] + identifier
        let nonce = SecureRandom.bytes(Self.nonceByteCount)
        let associated = header + Array(context.utf8)
        let sealed = [UInt8](unsafeUninitializedCapacity: secret.count + Self.tagByteCount) { buffer, filled in
            // SAFETY: the buffer has room for ciphertext and tag; the other pointers are lent for the call with their own counts.
            key.withBytes { key in
                _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
                    buffer.baseAddress!, nil, secret, UInt64(secret.count), associated, UInt64(associated.count), nil, nonce, key)
            }
            filled = buffer.count
        }
        return header + nonce + sealed
    }

    /// Decrypts a value that was sealed for `context`. Throws `.otherKey` or `.damaged`.
    public func open(_ sealed: [UInt8], for context: String) throws(OpenError) -> [UInt8] {
        let bodyStart = Self.headerByteCount + Self.nonceByteCount
        guard sealed.count >= bodyStart + Self.tagByteCount, sealed[0] == Self.version else { throw .damaged }
        let header = Array(sealed[..<Self.headerByteCount])
        guard header[1...].elementsEqual(identifier) else { throw .otherKey(id: Hex.encode(header[1...])) }
        let nonce = Array(sealed[Self.headerByteCount..<bodyStart])
        let body = Array(sealed[bodyStart...])
        let associated = header + Array(context.utf8)
        var opened = false
        let secret = [UInt8](unsafeUninitializedCapacity: body.count) { buffer, filled in
            // SAFETY: the plaintext is shorter than `body` by the tag, so the buffer holds it.
            let result = key.withBytes { key in
                crypto_aead_xchacha20poly1305_ietf_decrypt(
                    buffer.baseAddress!, nil, nil, body, UInt64(body.count), associated, UInt64(associated.count), nonce, key)
            }
            opened = result == 0
            filled = opened ? body.count - Self.tagByteCount : 0
        }
        guard opened else { throw .damaged }
        return secret
    }
}
