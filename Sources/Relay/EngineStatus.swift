// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The state of the engine at one time. A value that never changes.
public struct EngineStatus: Sendable {
    /// The newest generation whose changes all apply.
    public var appliedGeneration: Int64
    /// Where the sockets listen.
    public var listen: Endpoint
    public var workers: Int
    /// The selected peers, in no particular order.
    public var peers: [PeerStatus]
    /// Drops by reason, over all peers since the start. Reasons that never occurred are left out.
    public var drops: [DropReason: UInt64]
    /// The same counts by pair of peers, for drops where at least one known peer still exists.
    public var pairDrops: [PairDrop]
    /// Drops of known peers that are missing in `pairDrops` because there were too many pairs.
    public var unlistedDrops: UInt64
    /// Datagrams, and packets that the host sent into the tunnel.
    public var datagramsReceived: UInt64
    /// The received messages that passed every check; all others are drops with `DropReason.isReceipt` (WG-Q-4).
    public var datagramsAccepted: UInt64
    /// Messages to be sent: accepted packets to other peers and the hub's own messages. Each is sent, staged or dropped (WG-Q-4).
    public var datagramsRouted: UInt64
    public var datagramsSent: UInt64
    /// Datagrams that the kernel dropped because a socket's queue was full.
    public var socketLosses: UInt64
    /// Keys that two machines seem to use.
    public var contestedKeys: [ContestedKey]
    /// The last sources of handshakes that belong to no peer.
    public var strangers: [Stranger] = []
    /// When the last datagram of any kind arrived, in Unix seconds; nil if none did since the engine started.
    public var lastDatagram: Int64?
    /// How often each rule decided, by its id. Rules that never did are there with a count of 0.
    public var ruleHits: [Int64: RuleHits] = [:]
    /// How often the end of the list of rules decided.
    public var endHits = RuleHits()
    /// Flows that had to make room for others before they ended.
    public var evictedFlows: UInt64 = 0

    /// `pairDrops`, counted for each of the two peers.
    var dropsByPeer: [PublicKey: [DropReason: UInt64]] {
        var drops: [PublicKey: [DropReason: UInt64]] = [:]
        for pair in pairDrops {
            for key in Set([pair.from, pair.to].compactMap { $0 }) { drops[key, default: [:]][pair.reason, default: 0] += pair.count }
        }
        return drops
    }
}

/// Someone whose handshakes belong to no peer.
public struct Stranger: Sendable, Equatable {
    /// Where the last one came from.
    public var source: Endpoint
    /// `.badMac1` if it was made for another hub's key, `.unknownInitiator` if no peer has the sender's key.
    public var reason: DropReason
    /// When it arrived, in Unix seconds.
    public var lastAt: Int64
}

/// A key that two machines used in turns within the last ten minutes. Each handshake of one ends the other's keypair.
public struct ContestedKey: Sendable, Equatable {
    public var publicKey: PublicKey
    /// The last endpoints of the two machines.
    public var endpoints: [Endpoint]
}

/// How many packets from one peer to another were dropped for one reason.
public struct PairDrop: Sendable, Equatable {
    /// The reason.
    public var reason: DropReason
    /// The sender; nil for the hub, or when unknown.
    public var from: PublicKey?
    /// The intended receiver; nil for the hub, or when it was not determined.
    public var to: PublicKey?
    /// Counted since the engine started, or since both peers were added.
    public var count: UInt64
    /// When the last packet was dropped, in Unix seconds.
    public var lastAt: Int64
}

/// One peer's status in the engine.
public struct PeerStatus: Sendable, Equatable {
    public var configuration: PeerConfiguration
    public var endpoint: Endpoint?
    /// When the last handshake completed, in Unix seconds; nil if none did since the engine started (WG-U-5b).
    public var lastHandshake: Int64?
    /// When the last packet arrived that proves a session with the peer, in Unix seconds. An initiation proves none: its sender may be
    /// unable to read the answer.
    public var lastReceived: Int64?
    /// When the last data packet (not a keepalive) arrived from the peer, in Unix seconds.
    public var lastDataReceived: Int64?
    /// Initiations that the hub answered since the last session was confirmed, and when it answered the last one, in Unix seconds.
    public var answered: UInt32 = 0
    public var answeredAt: Int64?
    /// Initiations that the hub sent since the peer was last heard and that led to no session, and when it sent the first and the last one.
    public var called: UInt32 = 0
    public var calledSince: Int64?
    public var calledAt: Int64?
    /// Bytes of WireGuard messages received from and sent to the peer (WG-X-7).
    public var receivedBytes: UInt64
    public var sentBytes: UInt64
    public var hasKeypair: Bool
    /// The greatest timestamp of its initiations, twelve bytes; nil if none arrived.
    public var greatestTimestamp: [UInt8]?
    /// The timestamp of the hub's last initiation to it, twelve bytes; nil if none was sent.
    public var timestampSent: [UInt8]?
    /// The number of packets that wait for a handshake.
    public var staged: Int
    /// Drops of packets from or to the peer, by reason.
    public var drops: [DropReason: UInt64]

    /// The peer's public key, which identifies it.
    public var publicKey: PublicKey { configuration.publicKey }
}
