// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Relay
import Store

/// From the Store's words to the engine's: the only place where a device becomes a peer (Documentation/contract.md section 1).
enum Translation {
    /// What the engine should know of a device; nil while it is disabled or expired, since then there is no peer.
    static func peer(of device: Device, over defaults: Defaults, presharedKey: PresharedKey?, now: UnixTime) -> PeerConfiguration? {
        guard device.isActive(at: now) else { return nil }
        let settings = device.settings(over: defaults)
        return PeerConfiguration(
            publicKey: device.publicKey, presharedKey: presharedKey, ownedPrefixes: device.ownedPrefixes, allowedIPs: settings.allowedIPs,
            persistentKeepalive: .seconds(Int64(settings.persistentKeepalive)), mtu: settings.mtu)
    }

    /// What the hub answers to inside the tunnels.
    static func addresses(of hub: Hub) -> [IPAddress] { [hub.ipv4, hub.ipv6].compactMap { $0 } }

    /// What an earlier run learned of a device's key.
    static func memory(of observation: Observation?) -> PeerMemory {
        PeerMemory(
            endpoint: observation?.endpoint, greatestTimestamp: observation?.greatestTimestamp, timestampSent: observation?.timestampSent)
    }

    /// What the Store should remember of a peer. `before` is what it remembered when this run began: byte counts go on from there,
    /// and what this run has not seen yet stays.
    static func observation(of peer: PeerStatus, before: Observation?) -> Observation {
        Observation(
            publicKey: peer.publicKey, endpoint: peer.endpoint ?? before?.endpoint,
            lastHandshakeAt: peer.lastHandshake.map { UnixTime(seconds: $0) } ?? before?.lastHandshakeAt,
            greatestTimestamp: peer.greatestTimestamp ?? before?.greatestTimestamp, timestampSent: peer.timestampSent ?? before?.timestampSent,
            receivedBytes: (before?.receivedBytes ?? 0) + Int64(clamping: peer.receivedBytes),
            sentBytes: (before?.sentBytes ?? 0) + Int64(clamping: peer.sentBytes),
            lastSeenAt: peer.lastReceived.map { UnixTime(seconds: $0) } ?? before?.lastSeenAt,
            lastDataAt: peer.lastDataReceived.map { UnixTime(seconds: $0) } ?? before?.lastDataAt)
    }
}
