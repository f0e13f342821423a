// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The engine as it is now. A value; nothing in it moves on.
public struct EngineStatus: Sendable {
    /// The newest generation whose changes are all in force.
    public var appliedGeneration: Int64
    /// Where the sockets listen.
    public var listen: Endpoint
    public var workers: Int
    /// Those that were asked for, in no order.
    public var peers: [PeerStatus]
    /// Drops by reason, over all peers since the start; reasons that never happened are left out.
    public var drops: [DropReason: UInt64]
    public var datagramsReceived: UInt64
    public var datagramsSent: UInt64
    /// Datagrams that the kernel threw away because a socket's queue was full.
    public var socketLosses: UInt64
}

/// One peer as the engine sees it.
public struct PeerStatus: Sendable, Equatable {
    public var configuration: PeerConfiguration
    public var endpoint: Endpoint?
    /// When the last handshake completed (protocol.md U-5b), in Unix seconds; nil: never in this run.
    public var lastHandshake: Int64?
    /// When the peer was last heard: any authenticated packet; Unix seconds.
    public var lastReceived: Int64?
    /// Bytes of WireGuard messages from and to the peer (protocol.md X-7).
    public var receivedBytes: UInt64
    public var sentBytes: UInt64
    public var hasSession: Bool
    /// The greatest timestamp of its initiations, twelve bytes; nil when none came yet.
    public var greatestTimestamp: [UInt8]?
    /// Packets that wait for a handshake.
    public var staged: Int

    /// The peer's name.
    public var publicKey: PublicKey { configuration.publicKey }
}
