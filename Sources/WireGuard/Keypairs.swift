// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The three keypairs of a peer and how they change roles (WG-S-3 to WG-S-6). We send with `current`, `previous` still decrypts late
/// packets, and `next` waits for its first packet.
///
/// Holds no keys: a `Name` identifies a keypair, for example by its position in the engine's memory. Each operation returns the keypairs
/// that it ends, in the order in which they must be removed; the caller wipes their keys.
public struct Keypairs<Name: Sendable>: Sendable {
    public private(set) var current: Name?
    public private(set) var previous: Name?
    public private(set) var next: Name?

    public init() {}

    /// All keypairs, the one we send with first.
    public var all: [Name] { [current, previous, next].compactMap { $0 } }

    /// Adds the keypair of a handshake that we answered. We must not send with it before its first packet arrives, so it becomes `next`.
    /// The keypair we send with does not change (WG-S-4).
    public mutating func addAsResponder(_ new: Name) -> [Name] {
        let ended = [next, previous].compactMap { $0 }
        previous = nil
        next = new
        return ended
    }

    /// Adds the keypair of a handshake that we initiated. We send with it at once. `next`, if there is one, becomes `previous`, because the
    /// peer may already send with it; otherwise `current` does (WG-S-3).
    public mutating func addAsInitiator(_ new: Name) -> [Name] {
        let ended = (next == nil ? [previous] : [previous, current]).compactMap { $0 }
        previous = next ?? current
        next = nil
        current = new
        return ended
    }

    /// Makes `next` current after its first packet arrived (WG-S-5). Does nothing when there is no `next`.
    public mutating func confirmNext() -> [Name] {
        guard let confirmed = next else { return [] }
        let ended = [previous].compactMap { $0 }
        previous = current
        current = confirmed
        next = nil
        return ended
    }

    /// Ends all keypairs: the peer was removed or disabled, or no handshake completed for nine minutes (WG-L-2, WG-I-4).
    public mutating func removeAll() -> [Name] {
        defer { self = Keypairs() }
        return all
    }
}

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
