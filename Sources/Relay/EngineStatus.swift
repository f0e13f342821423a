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
    /// The same by pair of peers, for drops where at least one of them is known and still there.
    public var pairDrops: [PairDrop]
    /// Drops of known peers that are missing in `pairDrops` because there were too many pairs.
    public var unlistedDrops: UInt64
    public var datagramsReceived: UInt64
    /// Of those, messages that passed every check on receipt; all others are drops with `DropReason.isReceipt` (WG-Q-4).
    public var datagramsAccepted: UInt64
    /// What should have left: accepted packets to other peers and the hub's own messages. Sent, staged, or dropped (WG-Q-4).
    public var datagramsRouted: UInt64
    public var datagramsSent: UInt64
    /// Datagrams that the kernel threw away because a socket's queue was full.
    public var socketLosses: UInt64
    /// Keys that two machines seem to use.
    public var contestedKeys: [ContestedKey]

    /// `pairDrops` by each of the two.
    var dropsByPeer: [PublicKey: [DropReason: UInt64]] {
        var drops: [PublicKey: [DropReason: UInt64]] = [:]
        for pair in pairDrops {
            for key in Set([pair.from, pair.to].compactMap { $0 }) { drops[key, default: [:]][pair.reason, default: 0] += pair.count }
        }
        return drops
    }
}

/// A key with which two machines take turns, within the last ten minutes. Each ends the other's session.
public struct ContestedKey: Sendable, Equatable {
    public var publicKey: PublicKey
    /// Where the two were last seen.
    public var endpoints: [Endpoint]
}

/// How often packets from one peer to another were dropped for one reason.
public struct PairDrop: Sendable, Equatable {
    /// Why.
    public var reason: DropReason
    /// Whose packet it was; nil for one of the hub's own, or when nobody could tell.
    public var from: PublicKey?
    /// Who would have got it; nil for the hub, and where the packet did not come so far.
    public var to: PublicKey?
    /// Since the engine started, or since both peers were there.
    public var count: UInt64
    /// When the last one was dropped, in Unix seconds.
    public var lastAt: Int64
}

/// One peer as the engine sees it.
public struct PeerStatus: Sendable, Equatable {
    public var configuration: PeerConfiguration
    public var endpoint: Endpoint?
    /// When the last handshake completed (WG-U-5b), in Unix seconds; nil: never in this run.
    public var lastHandshake: Int64?
    /// When the peer was last heard: any authenticated packet; Unix seconds.
    public var lastReceived: Int64?
    /// When it sent data, not a keepalive, last; Unix seconds.
    public var lastDataReceived: Int64?
    /// Bytes of WireGuard messages from and to the peer (WG-X-7).
    public var receivedBytes: UInt64
    public var sentBytes: UInt64
    public var hasSession: Bool
    /// The greatest timestamp of its initiations, twelve bytes; nil when none came yet.
    public var greatestTimestamp: [UInt8]?
    /// The timestamp of the hub's last initiation to it, twelve bytes; nil when there was none yet.
    public var timestampSent: [UInt8]?
    /// Packets that wait for a handshake.
    public var staged: Int
    /// Drops of packets from or to the peer, by reason.
    public var drops: [DropReason: UInt64]

    /// The peer's name.
    public var publicKey: PublicKey { configuration.publicKey }
}
