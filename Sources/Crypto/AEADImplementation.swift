// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The libraries that `AEAD` can run on. They give the same bytes; they differ in speed.
public enum AEADImplementation: String, Sendable, CaseIterable {
    /// libcrypto's EVP. The default: the fastest that every machine has.
    case openssl
    /// libsodium.
    case sodium

    /// Whether the library offers ChaCha20-Poly1305 here. OpenSSL does not where it is configured for approved ciphers only.
    public var isAvailable: Bool {
        switch self {
        case .openssl: AEADOpenSSL.isAvailable
        case .sodium: true
        }
    }
}
