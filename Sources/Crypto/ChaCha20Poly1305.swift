// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// ChaCha20-Poly1305 (RFC 8439) for the fields of handshake messages: separate buffers, and the running hash authenticated with them.
/// The nonce is four zero bytes and the counter, little endian (WG-F-8). Packets go through `AEAD` instead.
public enum ChaCha20Poly1305 {
    public static let tagByteCount = 16

    /// Writes ciphertext and tag, `plaintext.count + 16` bytes, to `output`, which may be the address of the plaintext.
    public static func seal(
        key: Bytes32, counter: UInt64, plaintext: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawPointer
    ) {
        Sodium.start()
        withBytes(of: key) { key in
            withBytes(of: nonce(counter)) { nonce in
                // SAFETY: the caller gives plaintext.count + 16 writable bytes, the others are buffers with their counts.
                _ = crypto_aead_chacha20poly1305_ietf_encrypt(
                    output.assumingMemoryBound(to: UInt8.self), nil, plaintext.address, UInt64(plaintext.count),
                    data.address, UInt64(data.count), nil, nonce, key)
            }
        }
    }

    /// Writes the plaintext, `ciphertext.count - 16` bytes, to `output`. `ciphertext` ends with its tag.
    /// False if it is shorter than a tag or does not match key, counter and data; the output must then not be used.
    public static func open(
        key: Bytes32, counter: UInt64, ciphertext: UnsafeRawBufferPointer, authenticating data: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawPointer
    ) -> Bool {
        guard ciphertext.count >= tagByteCount, let sealed = ciphertext.address else { return false }
        Sodium.start()
        return withBytes(of: key) { key in
            withBytes(of: nonce(counter)) { nonce in
                // SAFETY: the caller gives ciphertext.count - 16 writable bytes, the others are buffers with their counts.
                crypto_aead_chacha20poly1305_ietf_decrypt(
                    output.assumingMemoryBound(to: UInt8.self), nil, nil, sealed, UInt64(ciphertext.count),
                    data.address, UInt64(data.count), nonce, key) == 0
            }
        }
    }

    /// The nonce of WireGuard's messages, as it lies in memory.
    @inline(__always)
    static func nonce(_ counter: UInt64) -> InlineArray<12, UInt8> {
        InlineArray { $0 < 4 ? 0 : UInt8(truncatingIfNeeded: counter &>> UInt64(8 &* ($0 &- 4))) }
    }
}

extension UnsafeRawBufferPointer {
    /// The address for C; nil for an empty buffer without an address.
    var address: UnsafePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}
