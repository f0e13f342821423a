// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), whose 24-byte nonce may be random. Used for cookie replies (whitepaper 5.4.7).
public enum XChaCha20Poly1305 {
    public typealias Nonce = InlineArray<24, UInt8>

    /// The bytes that encryption adds; the caller stores the nonce.
    public static let tagByteCount = 16

    /// Writes the ciphertext and then the tag, `plaintext.count + 16` bytes, to `output`, which may be where the plaintext is.
    public static func seal(
        key: Bytes32, nonce: Nonce, plaintext: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawPointer
    ) {
        Sodium.start()
        withBytes(of: key) { key in
            withBytes(of: nonce) { nonce in
                // SAFETY: the caller gives plaintext.count + 16 writable bytes, the others are buffers with their counts.
                _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
                    output.assumingMemoryBound(to: UInt8.self), nil, plaintext.address, UInt64(plaintext.count),
                    data.address, UInt64(data.count), nil, nonce, key)
            }
        }
    }

    /// Writes the plaintext, `ciphertext.count - 16` bytes, to `output`. `ciphertext` ends with its tag.
    /// False if it is shorter than a tag or does not match key, nonce and data; the output must then not be used.
    public static func open(
        key: Bytes32, nonce: Nonce, ciphertext: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawPointer
    ) -> Bool {
        guard ciphertext.count >= tagByteCount, let sealed = ciphertext.address else { return false }
        Sodium.start()
        return withBytes(of: key) { key in
            withBytes(of: nonce) { nonce in
                // SAFETY: the caller gives ciphertext.count - 16 writable bytes, the others are buffers with their counts.
                crypto_aead_xchacha20poly1305_ietf_decrypt(
                    output.assumingMemoryBound(to: UInt8.self), nil, nil, sealed, UInt64(ciphertext.count),
                    data.address, UInt64(data.count), nonce, key) == 0
            }
        }
    }
}
