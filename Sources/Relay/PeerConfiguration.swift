// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The engine's settings for one peer. The reconciler compares them; equal configurations need no change.
public struct PeerConfiguration: Equatable, Sendable {
    public var publicKey: PublicKey
    public var presharedKey: PresharedKey?
    /// The peer's own addresses: it may send packets from them and receives packets to them. Packets from any other source are dropped
    /// (Documentation/contract.md section 1).
    public var ownedPrefixes: [IPPrefix]
    /// The addresses that this peer may reach.
    public var allowedIPs: [IPPrefix]
    /// The keepalive interval; `.zero` means off.
    public var persistentKeepalive: Duration
    /// The largest inner packet for this peer in bytes; nil means no limit.
    public var mtu: Int?
    /// A disabled peer keeps its prefixes but cannot connect: its keypairs end, its handshakes are refused, and packets from or to it are
    /// dropped (`DropReason.peerDisabled`).
    public var isEnabled: Bool
    /// Whether the hub keeps to the first network when two machines use the peer's key: it then refuses handshakes from others
    /// (`DropReason.copiedKey`).
    public var keepsFirstNetwork: Bool

    public init(
        publicKey: PublicKey, presharedKey: PresharedKey? = nil, ownedPrefixes: [IPPrefix], allowedIPs: [IPPrefix],
        persistentKeepalive: Duration = .zero, mtu: Int? = nil, isEnabled: Bool = true, keepsFirstNetwork: Bool = false
    ) {
        self.publicKey = publicKey
        self.presharedKey = presharedKey
        self.ownedPrefixes = ownedPrefixes
        self.allowedIPs = allowedIPs
        self.persistentKeepalive = persistentKeepalive
        self.mtu = mtu
        self.isEnabled = isEnabled
        self.keepsFirstNetwork = keepsFirstNetwork
    }
}

/// What is remembered about a peer across restarts: its endpoint, the newest timestamp that must not be accepted again (WG-T-6), and the
/// newest timestamp sent to it, which the peer will not accept again (WG-T-5).
public struct PeerMemory: Equatable, Sendable {
    public var endpoint: Endpoint?
    /// The newest timestamp received from the peer: twelve bytes of TAI64N.
    public var greatestTimestamp: [UInt8]?
    /// The timestamp of the hub's last initiation to the peer, in the same form.
    public var timestampSent: [UInt8]?

    public init(endpoint: Endpoint? = nil, greatestTimestamp: [UInt8]? = nil, timestampSent: [UInt8]? = nil) {
        self.endpoint = endpoint
        self.greatestTimestamp = greatestTimestamp
        self.timestampSent = timestampSent
    }
}

/// One change of the engine's configuration.
public enum PeerChange: Equatable, Sendable {
    case add(PeerConfiguration, PeerMemory)
    /// Changes anything except the public key. Keypairs continue, unless the peer is now disabled.
    case update(PeerConfiguration)
    case remove(PublicKey)

    /// The key of the removed peer; nil for other changes.
    public var removedKey: PublicKey? {
        if case .remove(let key) = self { key } else { nil }
    }
}

/// The result of `Engine.apply`.
public struct ApplyReport: Equatable, Sendable {
    public var changedPeers: Int
    /// Whether the hub's own addresses changed.
    public var hubMoved: Bool
    /// Whether the rules changed.
    public var rulesChanged: Bool
    /// Keypairs that ended because their peer was removed or disabled.
    public var keypairsDropped: Int
    public var duration: Duration
    /// Peers that could not be added because the engine is full (WG-C-9). Try again after other peers were removed.
    public var withoutRoom: Int

    public init(
        changedPeers: Int, hubMoved: Bool = false, rulesChanged: Bool = false, keypairsDropped: Int, duration: Duration, withoutRoom: Int = 0
    ) {
        self.changedPeers = changedPeers
        self.hubMoved = hubMoved
        self.rulesChanged = rulesChanged
        self.keypairsDropped = keypairsDropped
        self.duration = duration
        self.withoutRoom = withoutRoom
    }
}
