// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Relay
import Store

/// Converts between the fleet's types and the engine's. Only here does a device become a peer and a peer's status a sight
/// (Documentation/contract.md section 1).
enum Translation {
    /// The engine's configuration of a device. A disabled or expired device becomes a disabled peer, which keeps its addresses reserved.
    static func peer(of device: Device, over defaults: Defaults, presharedKey: PresharedKey?, now: UnixTime) -> PeerConfiguration {
        let settings = device.settings(over: defaults)
        return PeerConfiguration(
            publicKey: device.publicKey, presharedKey: presharedKey, ownedPrefixes: device.ownedPrefixes, allowedIPs: settings.allowedIPs,
            persistentKeepalive: .seconds(Int64(settings.persistentKeepalive)), mtu: settings.mtu, isEnabled: device.isActive(at: now))
    }

    /// What earlier runs learned about a device's key.
    static func memory(of sight: PeerSight?) -> PeerMemory {
        PeerMemory(
            endpoint: sight?.endpoint, greatestTimestamp: sight?.greatestTimestamp, timestampSent: sight?.timestampSent)
    }

    /// What to store about a peer. `before` is what was stored when this run began: byte counts are added to it, and values that this run
    /// has not seen yet are kept.
    static func sight(of peer: PeerStatus, before: PeerSight?) -> PeerSight {
        PeerSight(
            publicKey: peer.publicKey, endpoint: peer.endpoint ?? before?.endpoint,
            lastHandshakeAt: peer.lastHandshake.map { UnixTime(seconds: $0) } ?? before?.lastHandshakeAt,
            greatestTimestamp: peer.greatestTimestamp ?? before?.greatestTimestamp, timestampSent: peer.timestampSent ?? before?.timestampSent,
            receivedBytes: (before?.receivedBytes ?? 0) + Int64(clamping: peer.receivedBytes),
            sentBytes: (before?.sentBytes ?? 0) + Int64(clamping: peer.sentBytes),
            lastSeenAt: peer.lastReceived.map { UnixTime(seconds: $0) } ?? before?.lastSeenAt,
            lastDataAt: peer.lastDataReceived.map { UnixTime(seconds: $0) } ?? before?.lastDataAt)
    }

    /// Converts a count of drops between two peers.
    static func drop(_ drop: PairDrop) -> HubStatus.PairDrop {
        HubStatus.PairDrop(reason: drop.reason, from: drop.from, to: drop.to, count: drop.count, lastAt: UnixTime(seconds: drop.lastAt))
    }

    /// What a running hub reported to a command about a peer, for this run only.
    static func sight(of key: PublicKey, _ report: PeerReport) -> PeerSight {
        PeerSight(
            publicKey: key, endpoint: report.endpoint, lastHandshakeAt: report.lastHandshake.map { UnixTime(seconds: $0) },
            receivedBytes: Int64(clamping: report.receivedBytes), sentBytes: Int64(clamping: report.sentBytes),
            lastSeenAt: report.lastReceived.map { UnixTime(seconds: $0) })
    }
}
