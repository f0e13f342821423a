// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// The running chaining key and hash of a Noise handshake (whitepaper 5.4; WG-N-1).
struct SymmetricState: Sendable, BitwiseCopyable {
    private(set) var chainingKey: Bytes32
    private(set) var hash: Bytes32

    /// ck0 and Hash(ck0
    ///
    /// identifier), the same for every handshake.
    static let initial: SymmetricState = {
        let chainingKey = Array(Constants.construction.utf8).withUnsafeBytes { BLAKE2s.hash($0) }
        let hash = Array(Constants.identifier.utf8).withUnsafeBytes { BLAKE2s.hash(chainingKey, $0) }
        return SymmetricState(chainingKey: chainingKey, hash: hash)
    }()

    /// The state from which both sides start; `responder` is the responder's static key.
    init(responder: PublicKey) {
        self = .initial
        mix(responder.bytes)
    }

    private init(chainingKey: Bytes32, hash: Bytes32) {
        self.chainingKey = chainingKey
        self.hash = hash
    }

    /// h = Hash(h || bytes)
    mutating func mix(_ bytes: Bytes32) { hash = BLAKE2s.hash(hash, bytes) }
    mutating func mix(_ bytes: UnsafeRawBufferPointer) { hash = BLAKE2s.hash(hash, bytes) }

    /// Mixes an ephemeral public key into both the chaining key and the hash.
    mutating func mix(ephemeral: PublicKey) {
        mix(ephemeral.bytes)
        chainingKey = withUnsafeBytes(of: ephemeral.bytes) { HKDF.derive1(chainingKey: chainingKey, input: $0) }
    }

    /// ck = KDF1(ck, secret)
    mutating func mixKey(_ secret: Bytes32) {
        chainingKey = withUnsafeBytes(of: secret) { HKDF.derive1(chainingKey: chainingKey, input: $0) }
    }

    /// (ck, k) = KDF2(ck, secret); returns k.
    mutating func mixKeyAndDerive(_ secret: Bytes32) -> Bytes32 {
        let (next, key) = withUnsafeBytes(of: secret) { HKDF.derive2(chainingKey: chainingKey, input: $0) }
        chainingKey = next
        return key
    }

    /// (ck, t, k) = KDF3(ck, psk), then mixes t into the hash; returns k.
    mutating func mixPresharedKey(_ psk: Bytes32) -> Bytes32 {
        let (next, mixed, key) = withUnsafeBytes(of: psk) { HKDF.derive3(chainingKey: chainingKey, input: $0) }
        chainingKey = next
        mix(mixed)
        return key
    }

    /// Encrypts `plaintext` with the hash as associated data, writes ciphertext and tag, and mixes both into the hash.
    mutating func seal(_ key: Bytes32, _ plaintext: UnsafeRawBufferPointer, to output: UnsafeMutableRawPointer) {
        withUnsafeBytes(of: hash) {
            ChaCha20Poly1305.seal(key: key, counter: 0, plaintext: plaintext, authenticating: $0, into: output)
        }
        mix(UnsafeRawBufferPointer(start: output, count: plaintext.count + ChaCha20Poly1305.tagByteCount))
    }

    /// Decrypts what `seal` wrote; false when the tag is wrong. Updates the hash only on success.
    mutating func open(_ key: Bytes32, _ sealed: UnsafeRawBufferPointer, to output: UnsafeMutableRawPointer) -> Bool {
        let isAuthentic = withUnsafeBytes(of: hash) {
            ChaCha20Poly1305.open(key: key, counter: 0, ciphertext: sealed, authenticating: $0, into: output)
        }
        if isAuthentic { mix(sealed) }
        return isAuthentic
    }

    /// The transport keys (a, b) = KDF2(ck, nothing): the initiator sends with a (WG-N-6).
    func split() -> (initiator: Bytes32, responder: Bytes32) {
        HKDF.derive2(chainingKey: chainingKey, input: UnsafeRawBufferPointer(start: nil, count: 0))
    }
}
