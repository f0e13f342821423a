// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// `AEAD` on libsodium, which keeps no context.
enum AEADSodium {
    static func seal(key: UnsafePointer<UInt8>, counter: UInt64, at bytes: UnsafeMutableRawPointer, byteCount: Int) {
        let text = bytes.assumingMemoryBound(to: UInt8.self)
        withBytes(of: ChaCha20Poly1305.nonce(counter)) { nonce in
            // SAFETY: the caller gives byteCount + 16 writable bytes; libsodium allows both buffers to be the same.
            _ = crypto_aead_chacha20poly1305_ietf_encrypt(
                text, nil, text, UInt64(byteCount), nil, 0, nil, nonce, key)
        }
    }

    static func open(key: UnsafePointer<UInt8>, counter: UInt64, at bytes: UnsafeMutableRawPointer, byteCount: Int) -> Bool {
        let text = bytes.assumingMemoryBound(to: UInt8.self)
        return withBytes(of: ChaCha20Poly1305.nonce(counter)) { nonce in
            // SAFETY: the caller gives byteCount + 16 readable bytes. On failure libsodium fills the output with zeros.
            crypto_aead_chacha20poly1305_ietf_decrypt(
                text, nil, nil, text, UInt64(byteCount + AEAD.tagByteCount), nil, 0, nonce, key) == 0
        }
    }
}
