// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The ChaCha20-Poly1305 of the packet path (RFC 8439): in place, no additional data, no allocation per packet.
/// The nonce is four zero bytes and the counter, little endian (WG-F-8).
///
///     at                         at + byteCount
///     | plaintext or ciphertext  | tag, 16 bytes |
///
/// A value belongs to one thread. It keeps no state of a keypair: the key is passed with each packet.
public struct AEAD: ~Copyable {
    public static let tagByteCount = 16

    private enum Library {
        #if canImport(CIPsecMB)
            case ipsecMB(AEADIPsecMB)
        #endif
        case openssl(AEADOpenSSL)
        case sodium
    }
    private let library: Library

    /// Stops the process if `implementation` is not available; check `isAvailable` first.
    public init(_ implementation: AEADImplementation) {
        switch implementation {
        case .ipsecMB:
            #if canImport(CIPsecMB)
                guard let ipsecMB = AEADIPsecMB() else {
                    preconditionFailure("libipsec-mb does not know this processor; choose another implementation")
                }
                library = .ipsecMB(ipsecMB)
            #else
                preconditionFailure("this program was built without libipsec-mb; choose another implementation")
            #endif
        case .openssl:
            guard let openssl = AEADOpenSSL() else {
                preconditionFailure("OpenSSL offers no ChaCha20-Poly1305 here; choose another implementation")
            }
            library = .openssl(openssl)
        case .sodium:
            Sodium.start()
            library = .sodium
        }
    }

    deinit {
        switch library {
        #if canImport(CIPsecMB)
            case .ipsecMB(let ipsecMB): ipsecMB.free()
        #endif
        case .openssl(let openssl): openssl.free()
        case .sodium: break
        }
    }

    /// Encrypts `byteCount` bytes in place and writes the tag after them; `key` has 32 bytes.
    public func seal(key: UnsafePointer<UInt8>, counter: UInt64, at bytes: UnsafeMutableRawPointer, byteCount: Int) {
        switch library {
        #if canImport(CIPsecMB)
            case .ipsecMB(let ipsecMB): ipsecMB.seal(key: key, counter: counter, at: bytes, byteCount: byteCount)
        #endif
        case .openssl(let openssl): openssl.seal(key: key, counter: counter, at: bytes, byteCount: byteCount)
        case .sodium: AEADSodium.seal(key: key, counter: counter, at: bytes, byteCount: byteCount)
        }
    }

    /// Decrypts `byteCount` bytes in place, not counting the tag that follows them; `key` has 32 bytes. False if the tag is wrong; the
    /// bytes are then zero.
    public func open(key: UnsafePointer<UInt8>, counter: UInt64, at bytes: UnsafeMutableRawPointer, byteCount: Int) -> Bool {
        switch library {
        #if canImport(CIPsecMB)
            case .ipsecMB(let ipsecMB): ipsecMB.open(key: key, counter: counter, at: bytes, byteCount: byteCount)
        #endif
        case .openssl(let openssl): openssl.open(key: key, counter: counter, at: bytes, byteCount: byteCount)
        case .sodium: AEADSodium.open(key: key, counter: counter, at: bytes, byteCount: byteCount)
        }
    }
}
