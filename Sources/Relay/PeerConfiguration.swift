// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// What the engine should know of a peer. Equal configurations need no change (the reconciler compares them).
public struct PeerConfiguration: Equatable, Sendable {
    public var publicKey: PublicKey
    public var presharedKey: PresharedKey?
    /// Addresses whose packets this peer sends and receives; a packet from elsewhere is dropped (Documentation/contract.md section 1).
    public var ownedPrefixes: [IPPrefix]
    /// What this peer may reach.
    public var allowedIPs: [IPPrefix]
    /// `.zero` is off.
    public var persistentKeepalive: Duration
    /// Largest inner packet towards this peer; nil: no limit of ours.
    public var mtu: Int?

    public init(
        publicKey: PublicKey, presharedKey: PresharedKey? = nil, ownedPrefixes: [IPPrefix], allowedIPs: [IPPrefix],
        persistentKeepalive: Duration = .zero, mtu: Int? = nil
    ) {
        self.publicKey = publicKey
        self.presharedKey = presharedKey
        self.ownedPrefixes = ownedPrefixes
        self.allowedIPs = allowedIPs
        self.persistentKeepalive = persistentKeepalive
        self.mtu = mtu
    }
}

/// What was learned of a peer in an earlier run: where it was, the newest handshake that must not be accepted again (WG-T-6), and the
/// newest that was sent to it, which it will not accept again (WG-T-5).
public struct PeerMemory: Equatable, Sendable {
    public var endpoint: Endpoint?
    /// The twelve bytes of a TAI64N timestamp.
    public var greatestTimestamp: [UInt8]?
    /// The same of the hub's own last initiation to it.
    public var timestampSent: [UInt8]?

    public init(endpoint: Endpoint? = nil, greatestTimestamp: [UInt8]? = nil, timestampSent: [UInt8]? = nil) {
        self.endpoint = endpoint
        self.greatestTimestamp = greatestTimestamp
        self.timestampSent = timestampSent
    }
}

/// One step from what the engine has to what it should have.
public enum PeerChange: Equatable, Sendable {
    case add(PeerConfiguration, PeerMemory)
    /// Everything but the public key may differ; the session lives on.
    case update(PeerConfiguration)
    case remove(PublicKey)

    /// The key of the peer that leaves; nil for other changes.
    public var removedKey: PublicKey? {
        if case .remove(let key) = self { key } else { nil }
    }
}

/// What `Engine.apply` did.
public struct ApplyReport: Equatable, Sendable {
    public var changedPeers: Int
    /// Whether the hub's own addresses are others than before.
    public var hubMoved: Bool
    /// Sessions that ended because their peer was removed.
    public var sessionsDropped: Int
    public var duration: Duration
    /// Peers that could not be added because the engine holds as many as it can (WG-C-9); they are worth another try when others left.
    public var withoutRoom: Int

    public init(changedPeers: Int, hubMoved: Bool = false, sessionsDropped: Int, duration: Duration, withoutRoom: Int = 0) {
        self.changedPeers = changedPeers
        self.hubMoved = hubMoved
        self.sessionsDropped = sessionsDropped
        self.duration = duration
        self.withoutRoom = withoutRoom
    }
}
