// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Relay
import Store

/// From the fleet's words to the engine's and back: the only place where a device becomes a peer and a peer's status a sight (Documentation/contract.md section 1).
enum Translation {
    /// What the engine should know of a device. One that is disabled or expired is a disabled peer, which keeps its addresses from others.
    static func peer(of device: Device, over defaults: Defaults, presharedKey: PresharedKey?, now: UnixTime) -> PeerConfiguration {
        let settings = device.settings(over: defaults)
        return PeerConfiguration(
            publicKey: device.publicKey, presharedKey: presharedKey, ownedPrefixes: device.ownedPrefixes, allowedIPs: settings.allowedIPs,
            persistentKeepalive: .seconds(Int64(settings.persistentKeepalive)), mtu: settings.mtu, isEnabled: device.isActive(at: now))
    }

    /// What the hub answers to inside the tunnels.
    static func addresses(of hub: Hub) -> [IPAddress] { [hub.ipv4, hub.ipv6].compactMap { $0 } }

    /// What an earlier run learned of a device's key.
    static func memory(of sight: PeerSight?) -> PeerMemory {
        PeerMemory(
            endpoint: sight?.endpoint, greatestTimestamp: sight?.greatestTimestamp, timestampSent: sight?.timestampSent)
    }

    /// What the Store should remember of a peer. `before` is what it remembered when this run began: byte counts go on from there,
    /// and what this run has not seen yet stays.
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

    /// Drops between two peers.
    static func drop(_ drop: PairDrop) -> HubStatus.PairDrop {
        HubStatus.PairDrop(reason: drop.reason, from: drop.from, to: drop.to, count: drop.count, lastAt: UnixTime(seconds: drop.lastAt))
    }

    /// What a running hub told a command about a peer, in this run alone.
    static func sight(of key: PublicKey, _ report: PeerReport) -> PeerSight {
        PeerSight(
            publicKey: key, endpoint: report.endpoint, lastHandshakeAt: report.lastHandshake.map { UnixTime(seconds: $0) },
            receivedBytes: Int64(clamping: report.receivedBytes), sentBytes: Int64(clamping: report.sentBytes),
            lastSeenAt: report.lastReceived.map { UnixTime(seconds: $0) })
    }
}
