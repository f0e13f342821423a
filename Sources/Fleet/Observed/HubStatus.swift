// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// The reported state of the engine and the reconciler at one point in time. The status feed makes it; pages and commands read it.
public struct HubStatus: Sendable {
    /// The result of the newest applied change.
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

    /// The number of packets from one peer to another that were dropped for one reason.
    public struct PairDrop: Sendable {
        public var reason: DropReason
        /// The sender; nil for the hub's own packets, or if it is unknown.
        public var from: PublicKey?
        /// The receiver; nil for the hub, or if the packet was dropped before it was known.
        public var to: PublicKey?
        public var count: UInt64
        /// The time of the last drop.
        public var lastAt: UnixTime

        public init(reason: DropReason, from: PublicKey?, to: PublicKey?, count: UInt64, lastAt: UnixTime) {
            self.reason = reason
            self.from = from
            self.to = to
            self.count = count
            self.lastAt = lastAt
        }
    }

    /// How often a rule decided: packets that it refused, and connections that it allowed.
    public struct Hits: Equatable, Sendable {
        /// Counted since the hub started, or since the rule is there.
        public var count: UInt64
        /// Nil if the count is 0.
        public var lastAt: UnixTime?

        public init(count: UInt64 = 0, lastAt: UnixTime? = nil) { (self.count, self.lastAt) = (count, lastAt) }
    }

    /// What rules decided.
    public struct RuleHits: Equatable, Sendable {
        /// By the ids of the rules.
        public var rules: [Int64: Hits]
        /// Packets that no rule matched, if the end of the list refuses them, and connections if it allows them.
        public var end: Hits
        /// Connections that had to make room for others.
        public var evictedFlows: UInt64

        public init(rules: [Int64: Hits] = [:], end: Hits = Hits(), evictedFlows: UInt64 = 0) {
            (self.rules, self.end, self.evictedFlows) = (rules, end, evictedFlows)
        }
    }

    /// A sentence about what is wrong with the engine; nil while it works.
    public var problem: Phrase?
    public var lastApply: Apply?
    /// The peers by key. Includes keys seen in earlier runs and keys that are no longer peers.
    public var peers: [PublicKey: PeerSight]
    /// Drops of the whole engine, with or without a known peer.
    public var drops: [DropReason: UInt64]
    /// Drops where at least one peer is known, most frequent first.
    public var pairDrops: [PairDrop]
    /// What rules decided since the hub started.
    public var ruleHits = RuleHits()
    /// Keys that two machines seem to use alternately, with their last endpoints.
    public var contestedKeys: [PublicKey: [Endpoint]]
    /// Datagrams that the engine received, and those of them that passed every check. All others are drops with `DropReason.isReceipt`
    /// (WG-Q-4).
    public var datagramsReceived: UInt64
    public var datagramsAccepted: UInt64
    /// Packets lost in the kernel's sockets, by counter name, such as "udp_rcvbuf_errors".
    public var socketLosses: [String: UInt64]
    /// Handshakes that led to nothing. Nil unless it was asked for, or without a running hub.
    public var evidence: Evidence?
    public var workers: Int
    /// The engine's listening address, such as "[::]:51820". Its port is used for endpoints without one.
    public var listen: Endpoint?
    /// Addresses of this host, in order of how likely devices can reach them.
    public var hostAddresses: [IPAddress]
    /// Networks and single addresses of this host. The networks of devices must not overlap them.
    public var hostNetworks: [IPPrefix]
    /// The way to the hub's host; nil on a hub without one.
    public var gateway: Gateway?

    public init(
        problem: Phrase? = nil, lastApply: Apply? = nil, peers: [PublicKey: PeerSight] = [:], drops: [DropReason: UInt64] = [:],
        pairDrops: [PairDrop] = [], contestedKeys: [PublicKey: [Endpoint]] = [:], datagramsReceived: UInt64 = 0,
        datagramsAccepted: UInt64 = 0, socketLosses: [String: UInt64] = [:], evidence: Evidence? = nil, workers: Int = 0,
        listen: Endpoint? = nil, hostAddresses: [IPAddress] = [], hostNetworks: [IPPrefix] = [], gateway: Gateway? = nil
    ) {
        self.problem = problem
        self.lastApply = lastApply
        self.peers = peers
        self.drops = drops
        self.pairDrops = pairDrops
        self.contestedKeys = contestedKeys
        self.datagramsReceived = datagramsReceived
        self.datagramsAccepted = datagramsAccepted
        self.socketLosses = socketLosses
        self.evidence = evidence
        self.workers = workers
        self.listen = listen
        self.hostAddresses = hostAddresses
        self.hostNetworks = hostNetworks
        self.gateway = gateway
    }

    /// The port that devices use if an endpoint has none.
    public var hubPort: UInt16 { listen?.port ?? 51820 }

    /// Drops of packets from or to one peer.
    public func pairDrops(of key: PublicKey) -> [PairDrop] { pairDrops.filter { $0.from == key || $0.to == key } }

    /// A copy with values from earlier runs where the current run has none. Used by commands that run next to the hub or without it.
    public func remembering(_ remembered: [PublicKey: PeerSight], of keys: [PublicKey]) -> HubStatus {
        var status = self
        for key in keys {
            guard let seen = remembered[key] else { continue }
            status.peers[key] = status.peers[key]?.filled(from: seen) ?? seen
        }
        return status
    }
}

/// A key that two machines use because both have the file of one device. Each ends the other's session.
public struct ContestedKey: Sendable {
    public let device: Device
    /// The last endpoints of the two machines.
    public let endpoints: [Endpoint]
    /// What the hub does about it.
    public let policy: CopiedKeyPolicy

    public init(device: Device, endpoints: [Endpoint], policy: CopiedKeyPolicy) {
        self.device = device
        self.endpoints = endpoints
        self.policy = policy
    }

    /// Nil if only one machine uses the key of the device, as far as the hub knows.
    public init?(_ device: Device, in overview: Overview) {
        guard let endpoints = overview.status.contestedKeys[device.publicKey] else { return nil }
        self.init(device: device, endpoints: endpoints, policy: device.settings(over: overview.defaults).copiedKey)
    }

    /// What is wrong and how to fix it.
    public var sentence: Phrase {
        let places = Phrase.all(of: endpoints.map(\.description))
        let seen: Phrase =
            switch policy {
            case .tell: "Two machines seem to use this key in turn, at \(places). Each ends the other's session."
            case .keep: "Two machines seem to use this key, at \(places). The hub serves the network that it knew first and refuses the other."
            case .suspend: "Two machines seem to use this key, at \(places). The hub suspends the device."
            }
        return [seen, "Add a device for the second one, and give it a file of its own."].joined()
    }
}

extension HubStatus {
    /// An address of this host to dial instead of `endpoint`, if that seems to be the address of a host that has moved: a public address that the
    /// host does not have, while it has another public one of that family. Nil where a router may translate the address: the host has a private
    /// address too, and devices connect.
    public func address(insteadOf endpoint: HostPort, at now: UnixTime) -> IPAddress? {
        guard let address = IPAddress(endpoint.host), !address.isPrivate, !hostAddresses.contains(address) else { return nil }
        let own = hostAddresses.filter { $0.isV4 == address.isV4 }
        guard let other = own.first(where: { !$0.isPrivate }) else { return nil }
        return own.contains(where: \.isPrivate) && isHeard(at: now) ? nil : other
    }

    /// True if a device was heard within three minutes.
    func isHeard(at now: UnixTime) -> Bool {
        peers.values.contains { $0.lastHeardAt.map { now.seconds(since: $0) <= 180 } ?? false }
    }
}
