// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import COpenSSL

/// `AEAD` on libcrypto's EVP: one context per direction, the cipher named once.
/// Setting key and nonce for each packet costs 34 ns more than one context per key would (463 against 428 ns for 64 bytes),
/// naming the cipher each time 340 ns more; so the contexts belong to the thread and not to the sessions.
/// Not an owner type itself: Swift 6.3.1 cannot compile a public ~Copyable struct with a ~Copyable enum inside for release.
struct AEADOpenSSL {
    private let sealing: OpaquePointer
    private let opening: OpaquePointer

    /// Nil if this OpenSSL has no ChaCha20-Poly1305.
    init?() {
        guard let cipher = Self.fetchCipher() else { return nil }
        defer { EVP_CIPHER_free(cipher) }
        guard let sealing = Self.context(cipher, isSealing: true) else { return nil }
        guard let opening = Self.context(cipher, isSealing: false) else {
            EVP_CIPHER_CTX_free(sealing)
            return nil
        }
        self.sealing = sealing
        self.opening = opening
    }

    static var isAvailable: Bool {
        let cipher = fetchCipher()
        EVP_CIPHER_free(cipher)
        return cipher != nil
    }

    private static func fetchCipher() -> OpaquePointer? { EVP_CIPHER_fetch(nil, "ChaCha20-Poly1305", nil) }

    private static func context(_ cipher: OpaquePointer, isSealing: Bool) -> OpaquePointer? {
        guard let context = EVP_CIPHER_CTX_new() else { return nil }
        if EVP_CipherInit_ex(context, cipher, nil, nil, nil, isSealing ? 1 : 0) == 1 { return context }
        EVP_CIPHER_CTX_free(context)
        return nil
    }

    /// Frees the contexts, which wipes the last key; the value is dead after it.
    func free() {
        EVP_CIPHER_CTX_free(sealing)
        EVP_CIPHER_CTX_free(opening)
    }

    func seal(key: UnsafePointer<UInt8>, counter: UInt64, at bytes: UnsafeMutableRawPointer, byteCount: Int) {
        let text = bytes.assumingMemoryBound(to: UInt8.self)
        var written: Int32 = 0
        let sealed = withBytes(of: ChaCha20Poly1305.nonce(counter)) { nonce in
            // SAFETY: the caller gives byteCount + 16 writable bytes; a stream cipher writes as many bytes as it reads.
            EVP_EncryptInit_ex(sealing, nil, nil, key, nonce) == 1
                && EVP_EncryptUpdate(sealing, text, &written, text, Int32(byteCount)) == 1
                && EVP_EncryptFinal_ex(sealing, text + byteCount, &written) == 1
                && EVP_CIPHER_CTX_ctrl(sealing, EVP_CTRL_AEAD_GET_TAG, Int32(AEAD.tagByteCount), text + byteCount) == 1
        }
        precondition(sealed, "OpenSSL could not encrypt; going on would send a packet in the clear")
    }

    func open(key: UnsafePointer<UInt8>, counter: UInt64, at bytes: UnsafeMutableRawPointer, byteCount: Int) -> Bool {
        let text = bytes.assumingMemoryBound(to: UInt8.self)
        var written: Int32 = 0
        let opened = withBytes(of: ChaCha20Poly1305.nonce(counter)) { nonce in
            // SAFETY: the caller gives byteCount + 16 readable bytes; a stream cipher writes as many bytes as it reads.
            EVP_DecryptInit_ex(opening, nil, nil, key, nonce) == 1
                && EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_AEAD_SET_TAG, Int32(AEAD.tagByteCount), text + byteCount) == 1
                && EVP_DecryptUpdate(opening, text, &written, text, Int32(byteCount)) == 1
                && EVP_DecryptFinal_ex(opening, text + byteCount, &written) == 1
        }
        if !opened {
            // EVP decrypts before it knows whether the tag fits.
            wipe(UnsafeMutableRawBufferPointer(start: bytes, count: byteCount))
        }
        return opened
    }
}
