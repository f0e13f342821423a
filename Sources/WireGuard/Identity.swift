// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// Our identity towards all peers: the static key and the keys derived from it, computed once (WG-M-3).
public struct Identity: Sendable {
    public let privateKey: PrivateKey
    public let publicKey: PublicKey
    /// The mac1 key of messages that we receive.
    let mac1Key: Bytes32
    /// The key that encrypts the cookies we send.
    let cookieKey: Bytes32

    public init(privateKey: PrivateKey) {
        self.privateKey = privateKey
        publicKey = privateKey.publicKey
        mac1Key = Self.mac1Key(of: publicKey)
        cookieKey = Self.cookieKey(of: publicKey)
    }

    /// Hash("mac1----" || key)
    static func mac1Key(of key: PublicKey) -> Bytes32 { labelled(Constants.labelMac1, key) }

    /// Hash("cookie--" || key)
    static func cookieKey(of key: PublicKey) -> Bytes32 { labelled(Constants.labelCookie, key) }

    private static func labelled(_ label: String, _ key: PublicKey) -> Bytes32 {
        (Array(label.utf8) + Array(key.bytes)).withUnsafeBytes { BLAKE2s.hash($0) }
    }

    /// Decrypts an initiation up to the sender's static key: e, es, static (WG-N-2, WG-N-3, WG-N-10). The caller has checked the lengths
    /// and mac1.
    /// Throws `.zeroSharedSecret` for an ephemeral key of low order, `.badHandshakeTag` when the decryption fails.
    public func open(initiation message: UnsafeRawPointer) throws(DropReason) -> OpenedInitiation {
        let ephemeral = PublicKey(at: message + Initiation.ephemeral)
        var state = SymmetricState(responder: publicKey)
        defer { wipe(&state) }
        state.mix(ephemeral: ephemeral)
        guard var shared = X25519.agree(privateKey, ephemeral) else { throw .zeroSharedSecret }
        defer { wipe(&shared) }
        var key = state.mixKeyAndDerive(shared)
        defer { wipe(&key) }
        var remote = Bytes32(repeating: 0)
        let sealed = UnsafeRawBufferPointer(start: message + Initiation.sealedStatic, count: 48)
        guard withMutableBytes(of: &remote, { state.open(key, sealed, to: $0) }) else { throw .badHandshakeTag }
        return OpenedInitiation(
            sender: message.uint32LE(at: Initiation.sender), remote: PublicKey(bytes: remote), ephemeral: ephemeral, state: state)
    }
}

/// An initiation that names its sender but has not yet proven it: the timestamp is still encrypted.
public struct OpenedInitiation: Sendable {
    /// The sender's index for this handshake.
    public let sender: UInt32
    /// The sender's static key, as the message claims it.
    public let remote: PublicKey
    let ephemeral: PublicKey
    private(set) var state: SymmetricState

    /// Overwrites the secrets (WG-N-14).
    public mutating func wipe() { Crypto.wipe(&state) }
}

extension PublicKey {
    /// Copies 32 bytes.
    init(at bytes: UnsafeRawPointer) {
        self.init(bytes: bytes.loadUnaligned(as: Bytes32.self))
    }
}
