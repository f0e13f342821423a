// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// What the engine and the reconciler say about themselves at one moment. The status feed makes it; pages and commands read it.
public struct HubStatus: Sendable {
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

    /// How often packets from one peer to another were dropped for one reason.
    public struct PairDrop: Sendable {
        public var reason: DropReason
        /// Nil for the hub's own packets, or when nobody could tell.
        public var from: PublicKey?
        /// Nil for the hub, and for a packet that did not come so far.
        public var to: PublicKey?
        public var count: UInt64
        /// When the last one was dropped.
        public var lastAt: UnixTime

        public init(reason: DropReason, from: PublicKey?, to: PublicKey?, count: UInt64, lastAt: UnixTime) {
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
    public var peers: [PublicKey: PeerSight]
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
        problem: Phrase? = nil, lastApply: Apply? = nil, peers: [PublicKey: PeerSight] = [:], drops: [DropReason: UInt64] = [:],
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
    public var hubPort: UInt16 { listen?.port ?? 51820 }

    /// Drops of packets from or to one peer.
    public func pairDrops(of key: PublicKey) -> [PairDrop] { pairDrops.filter { $0.from == key || $0.to == key } }

    /// The same with what earlier runs remembered where this one knows nothing: for commands that ask beside the hub, or without one.
    public func remembering(_ remembered: [PublicKey: PeerSight], of keys: [PublicKey]) -> HubStatus {
        var status = self
        for key in keys {
            guard let seen = remembered[key] else { continue }
            status.peers[key] = status.peers[key]?.filled(from: seen) ?? seen
        }
        return status
    }
}

/// Two machines with the file of one device: each ends the other's session.
public struct ContestedKey: Sendable {
    public let device: Device
    /// Where the two were last seen.
    public let endpoints: [Endpoint]

    public init(device: Device, endpoints: [Endpoint]) {
        self.device = device
        self.endpoints = endpoints
    }

    /// What is wrong and what to do.
    public var sentence: Phrase {
        let places = Phrase.all(of: endpoints.map(\.description))
        return [
            "Two machines seem to use this key in turn, at \(places). Each ends the other's session.",
            "Add a device for the second one, and give it a file of its own.",
        ].joined()
    }
}
