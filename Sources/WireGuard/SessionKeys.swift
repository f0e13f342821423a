// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// What a finished handshake gives: the keys of one session and the names both sides call it by (whitepaper 5.4.5).
public struct SessionKeys: Sendable {
    public var send: Bytes32
    public var receive: Bytes32
    /// Our index: the peer writes it as receiver.
    public let localIndex: UInt32
    /// The peer's index: we write it as receiver.
    public let remoteIndex: UInt32
    /// The initiator rekeys by time and confirms the session by sending first (WG-S-9, WG-S-13).
    public let isInitiator: Bool
    public let createdAt: Instant

    /// Overwrites both keys.
    public mutating func wipe() {
        Crypto.wipe(&send)
        Crypto.wipe(&receive)
    }
}
