// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// What the engine and the reconciler say about themselves at one moment. `hairpin` makes it; pages only read it.
public struct EngineSnapshot: Sendable {
    /// What the newest applied change did.
    public struct Apply: Sendable {
        public var changedPeers: Int
        public var sessionsDropped: Int
        public var microseconds: Int64

        public init(changedPeers: Int, sessionsDropped: Int, microseconds: Int64) {
            self.changedPeers = changedPeers
            self.sessionsDropped = sessionsDropped
            self.microseconds = microseconds
        }
    }

    /// One peer, by its public key. Bytes are counted over all time.
    public struct PeerState: Sendable {
        public var endpoint: Endpoint?
        /// Unix seconds; nil for never.
        public var lastHandshakeAt: Int64?
        /// Unix seconds of the last packet of any kind that authenticated; nil for never.
        public var lastReceivedAt: Int64?
        /// Unix seconds of the last packet that was no keepalive; nil while only handshakes and keepalives came.
        public var lastDataAt: Int64?
        /// Bytes that the hub received from the peer.
        public var receivedBytes: UInt64
        /// Bytes that the hub sent to the peer.
        public var sentBytes: UInt64

        public init(
            endpoint: Endpoint? = nil, lastHandshakeAt: Int64? = nil, lastReceivedAt: Int64? = nil, lastDataAt: Int64? = nil,
            receivedBytes: UInt64 = 0, sentBytes: UInt64 = 0
        ) {
            self.endpoint = endpoint
            self.lastHandshakeAt = lastHandshakeAt
            self.lastReceivedAt = lastReceivedAt
            self.lastDataAt = lastDataAt
            self.receivedBytes = receivedBytes
            self.sentBytes = sentBytes
        }
    }

    /// How often packets from one peer to another were dropped for one reason.
    public struct PairDrop: Sendable {
        public var reason: DropReason
        /// Nil for the hub's own packets, or when nobody could tell.
        public var from: PublicKey?
        /// Nil for the hub, and for a packet that did not come so far.
        public var to: PublicKey?
        public var count: UInt64
        /// When the last one was dropped, in Unix seconds.
        public var lastAt: Int64

        public init(reason: DropReason, from: PublicKey?, to: PublicKey?, count: UInt64, lastAt: Int64) {
            self.reason = reason
            self.from = from
            self.to = to
            self.count = count
            self.lastAt = lastAt
        }
    }

    /// Nil while the engine works, else a sentence that says what is wrong.
    public var problem: Phrase?
    public var lastApply: Apply?
    /// Keys that were seen in earlier runs, or are no peers now, are among them.
    public var peers: [PublicKey: PeerState]
    /// Of the whole engine, peers or not.
    public var drops: [DropReason: UInt64]
    /// Those of which at least one peer is known, the most frequent first.
    public var pairDrops: [PairDrop]
    /// Keys that two machines seem to use by turns, with where they were last seen.
    public var contestedKeys: [PublicKey: [Endpoint]]
    /// What the kernel's sockets lost, by the counter's name, such as "udp_rcvbuf_errors".
    public var socketLosses: [String: UInt64]
    public var workers: Int
    /// Where the engine listens, such as "[::]:51820"; the port completes endpoints that name none.
    public var listen: Endpoint?
    /// Addresses of this host, the likeliest to be dialled first.
    public var hostAddresses: [IPAddress]
    /// Networks of this host, and single addresses: what devices live in must overlap none of them.
    public var hostNetworks: [IPPrefix]

    public init(
        problem: Phrase? = nil, lastApply: Apply? = nil, peers: [PublicKey: PeerState] = [:], drops: [DropReason: UInt64] = [:],
        pairDrops: [PairDrop] = [], contestedKeys: [PublicKey: [Endpoint]] = [:], socketLosses: [String: UInt64] = [:], workers: Int = 0,
        listen: Endpoint? = nil, hostAddresses: [IPAddress] = [], hostNetworks: [IPPrefix] = []
    ) {
        self.problem = problem
        self.lastApply = lastApply
        self.peers = peers
        self.drops = drops
        self.pairDrops = pairDrops
        self.contestedKeys = contestedKeys
        self.socketLosses = socketLosses
        self.workers = workers
        self.listen = listen
        self.hostAddresses = hostAddresses
        self.hostNetworks = hostNetworks
    }

    /// The port that devices dial when an endpoint names none.
    var hubPort: UInt16 { listen?.port ?? 51820 }

    /// Drops of packets from or to one peer.
    func pairDrops(of key: PublicKey) -> [PairDrop] { pairDrops.filter { $0.from == key || $0.to == key } }
}
