// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The libraries that `AEAD` can use. Their results are equal; their speed differs.
public enum AEADImplementation: String, Sendable, CaseIterable {
    /// Intel's multi-buffer library: by far the fastest, on x86-64.
    case ipsecMB = "ipsec-mb"
    /// libcrypto's EVP: the fastest that is available on every machine.
    case openssl
    /// libsodium.
    case sodium

    /// Whether the library offers ChaCha20-Poly1305 here. OpenSSL does not when it is restricted to approved ciphers.
    public var isAvailable: Bool {
        switch self {
        case .ipsecMB:
            #if canImport(CIPsecMB)
                AEADIPsecMB.isAvailable
            #else
                false
            #endif
        case .openssl: AEADOpenSSL.isAvailable
        case .sodium: true
        }
    }

    /// The first of `allCases` that is available and passes its self-test.
    public static var fastest: AEADImplementation { allCases.first { $0.isAvailable && $0.passesSelfTest } ?? .sodium }

    /// Whether the library agrees with libsodium's one-shot calls and refuses a wrong tag, at lengths around its block sizes. Takes a few
    /// microseconds; run it before traffic.
    public var passesSelfTest: Bool {
        let aead = AEAD(self)
        let key = Bytes32 { UInt8(truncatingIfNeeded: $0 &* 7) }
        return [0, 1, 15, 16, 63, 64, 65, 255, 256, 257, 512, 1420].allSatisfy { count in
            let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 13) }
            var sealed = plain + [UInt8](repeating: 0, count: AEAD.tagByteCount)
            var expected = sealed
            return expected.withUnsafeMutableBytes { expected in
                sealed.withUnsafeMutableBytes { sealed in
                    withBytes(of: key) { secret in
                        plain.withUnsafeBytes {
                            ChaCha20Poly1305.seal(
                                key: key, counter: 7, plaintext: $0, authenticating: UnsafeRawBufferPointer(start: nil, count: 0),
                                into: expected.baseAddress!)
                        }
                        aead.seal(key: secret, counter: 7, at: sealed.baseAddress!, byteCount: count)
                        guard sealed.elementsEqual(expected) else { return false }
                        guard aead.open(key: secret, counter: 7, at: sealed.baseAddress!, byteCount: count),
                            sealed.prefix(count).elementsEqual(plain)
                        else { return false }
                        expected[count] ^= 1
                        return !aead.open(key: secret, counter: 7, at: expected.baseAddress!, byteCount: count)
                    }
                }
            }
        }
    }
}
