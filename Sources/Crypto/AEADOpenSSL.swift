// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import COpenSSL

/// `AEAD` on libcrypto's EVP: one context per direction, with the cipher set once.
/// A context belongs to a thread, not to a keypair, and remembers its last key. Packets arrive in trains of one keypair, so all but the
/// first only set the nonce: 330 ns for 64 bytes, 375 with the key; setting the cipher each time would add 340.
/// Not an owner type: Swift 6.3.1 cannot compile a public ~Copyable struct with a ~Copyable enum inside for release.
struct AEADOpenSSL {
    private let sealing: UnsafeMutablePointer<Direction>
    private let opening: UnsafeMutablePointer<Direction>

    /// Nil if this OpenSSL has no ChaCha20-Poly1305.
    init?() {
        guard let cipher = Self.fetchCipher() else { return nil }
        defer { EVP_CIPHER_free(cipher) }
        guard let sealing = Direction(cipher, isSealing: true) else { return nil }
        guard let opening = Direction(cipher, isSealing: false) else {
            sealing.free()
            return nil
        }
        self.sealing = .allocate(capacity: 1)
        self.sealing.initialize(to: sealing)
        self.opening = .allocate(capacity: 1)
        self.opening.initialize(to: opening)
    }

    static var isAvailable: Bool {
        let cipher = fetchCipher()
        EVP_CIPHER_free(cipher)
        return cipher != nil
    }

    private static func fetchCipher() -> OpaquePointer? { EVP_CIPHER_fetch(nil, "ChaCha20-Poly1305", nil) }

    /// Frees the contexts and wipes their last keys; do not use the value afterwards.
    func free() {
        for direction in [sealing, opening] {
            direction.pointee.free()
            wipe(UnsafeMutableRawBufferPointer(start: direction, count: MemoryLayout<Direction>.size))
            direction.deallocate()
        }
    }

    func seal(key: UnsafePointer<UInt8>, counter: UInt64, at bytes: UnsafeMutableRawPointer, byteCount: Int) {
        let text = bytes.assumingMemoryBound(to: UInt8.self)
        // SAFETY: the caller gives byteCount + 16 writable bytes; a stream cipher writes as many bytes as it reads.
        let sealed =
            sealing.pointee.begin(key: key, counter: counter)
            && sealing.pointee.run(text, byteCount: byteCount)
            && EVP_CIPHER_CTX_get_params(sealing.pointee.context, sealing.pointee.tag(at: text + byteCount)) == 1
        precondition(sealed, "OpenSSL could not encrypt; continuing would send a packet in the clear")
    }

    func open(key: UnsafePointer<UInt8>, counter: UInt64, at bytes: UnsafeMutableRawPointer, byteCount: Int) -> Bool {
        let text = bytes.assumingMemoryBound(to: UInt8.self)
        // SAFETY: the caller gives byteCount + 16 readable bytes; a stream cipher writes as many bytes as it reads.
        let opened =
            opening.pointee.begin(key: key, counter: counter)
            && EVP_CIPHER_CTX_set_params(opening.pointee.context, opening.pointee.tag(at: text + byteCount)) == 1
            && opening.pointee.run(text, byteCount: byteCount)
        if !opened {
            // EVP decrypts before it knows whether the tag is valid.
            wipe(UnsafeMutableRawBufferPointer(start: bytes, count: byteCount))
        }
        return opened
    }
}

/// A context that encrypts or decrypts.
private struct Direction {
    let context: OpaquePointer
    private let isSealing: Bool
    /// The context's current key, if any.
    private var key = Bytes32(repeating: 0)
    private var hasKey = false
    /// Describes the tag. Made once: if it were made for each packet, its words would be read while still in the processor's store queue,
    /// which makes packets of 64 bytes 5 % slower.
    private let tagParameters: UnsafeMutablePointer<OSSL_PARAM>

    init?(_ cipher: OpaquePointer, isSealing: Bool) {
        guard let context = EVP_CIPHER_CTX_new() else { return nil }
        guard EVP_CipherInit_ex2(context, cipher, nil, nil, isSealing ? 1 : 0, nil) == 1 else {
            EVP_CIPHER_CTX_free(context)
            return nil
        }
        tagParameters = .allocate(capacity: 2)
        hairpin_openssl_tag_parameters(tagParameters)
        self.context = context
        self.isSealing = isSealing
    }

    func free() {
        EVP_CIPHER_CTX_free(context)
        tagParameters.deallocate()
    }

    /// Prepares the context for a packet. Sets the key only if it differs from the last one.
    mutating func begin(key: UnsafePointer<UInt8>, counter: UInt64) -> Bool {
        // SAFETY: the caller gives 32 bytes.
        let wanted = UnsafeRawPointer(key).loadUnaligned(as: Bytes32.self)
        let isKnown = hasKey && Self.words(wanted) == Self.words(self.key)
        hasKey = withBytes(of: ChaCha20Poly1305.nonce(counter)) { nonce in
            EVP_CipherInit_ex2(context, nil, isKnown ? nil : key, nonce, isSealing ? 1 : 0, nil) == 1
        }
        if !isKnown { self.key = wanted }
        return hasKey
    }

    /// Encrypts or decrypts in place, then computes or compares the tag.
    func run(_ text: UnsafeMutablePointer<UInt8>, byteCount: Int) -> Bool {
        var written: Int32 = 0
        return EVP_CipherUpdate(context, text, &written, text, Int32(byteCount)) == 1
            && EVP_CipherFinal_ex(context, text + byteCount, &written) == 1
    }

    /// The parameters that name the tag at `address`.
    func tag(at address: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<OSSL_PARAM> {
        tagParameters.pointee.data = UnsafeMutableRawPointer(address)
        return tagParameters
    }

    private static func words(_ key: Bytes32) -> SIMD4<UInt64> { unsafeBitCast(key, to: SIMD4<UInt64>.self) }
}
