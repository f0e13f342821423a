// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The result of a handshake: the keys of one keypair and the index that each side uses for it (whitepaper 5.4.5).
public struct NewKeypair: Sendable {
    public var send: Bytes32
    public var receive: Bytes32
    /// Our index, which the peer writes as receiver.
    public let localIndex: UInt32
    /// The peer's index, which we write as receiver.
    public let remoteIndex: UInt32
    /// True when we initiated the handshake. The initiator renews by time and confirms the keypair by sending first (WG-S-9, WG-S-13).
    public let isInitiator: Bool
    public let createdAt: Instant

    /// The age of the keypair, which limits its use.
    public var age: KeypairAge { KeypairAge(isInitiator: isInitiator, createdAt: createdAt) }

    /// Overwrites both keys.
    public mutating func wipe() {
        Crypto.wipe(&send)
        Crypto.wipe(&receive)
    }
}
