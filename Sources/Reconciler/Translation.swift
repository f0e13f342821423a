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
            persistentKeepalive: .seconds(Int64(settings.persistentKeepalive)), mtu: settings.mtu, isEnabled: device.isActive(at: now),
            keepsFirstNetwork: settings.copiedKey == .keep)
    }

    /// The rules for the engine. `devices` holds at least the devices that the rules name.
    static func rules(_ list: RuleList, devices: [Device]) -> PeerRules {
        let members = RuleMembers(list, devices)
        let party = { (party: ServiceRule.Party) -> PeerRules.Party in
            switch party {
            case .any: .any
            case .hub: .hub
            case .internet: .internet
            case .prefix(let prefix): .prefix(prefix)
            case .device, .tag: .peers(members.places(of: party).map { devices[$0].publicKey }.sorted { $0.base64 < $1.base64 })
            }
        }
        guard !list.allowsAll else { return .none }
        let counting = list.rules.enumerated().filter(\.element.enabled)
        return PeerRules(
            counting.map { place, rule in
                PeerRules.Entry(
                    id: rule.id, number: place + 1, rule.action, from: party(rule.from), to: party(rule.to), service: rule.service)
            }, end: list.end)
    }

    /// How often each rule decided, and the end of the list.
    static func hits(_ status: EngineStatus) -> HubStatus.RuleHits {
        let hits = { (hits: RuleHits) in HubStatus.Hits(count: hits.count, lastAt: hits.lastAt.map { UnixTime(seconds: $0) }) }
        return HubStatus.RuleHits(rules: status.ruleHits.mapValues(hits), end: hits(status.endHits), evictedFlows: status.evictedFlows)
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

    /// Handshakes of these peers that led to nothing, and handshakes of strangers.
    static func evidence(_ status: EngineStatus) -> Evidence {
        Evidence(
            attempts: Dictionary(
                status.peers.map {
                    ($0.publicKey, attempts($0.answered, $0.answeredAt, called: $0.called, since: $0.calledSince, at: $0.calledAt))
                }
            ) { $1 },
            strangers: status.strangers.map(stranger), lastDatagramAt: status.lastDatagram.map { UnixTime(seconds: $0) })
    }

    /// The same from the reports of a running hub to a command, one for each key.
    static func evidence(_ reports: [(key: PublicKey, report: PeerReport)]) -> Evidence {
        Evidence(
            attempts: Dictionary(
                reports.map {
                    (
                        $0.key,
                        attempts(
                            $0.report.answered, $0.report.answeredAt, called: $0.report.called, since: $0.report.calledSince,
                            at: $0.report.calledAt)
                    )
                }
            ) { $1 },
            strangers: reports.first.map { $0.report.strangers.map(stranger) } ?? [],
            lastDatagramAt: reports.first?.report.lastDatagram.map { UnixTime(seconds: $0) })
    }

    private static func attempts(
        _ answered: UInt32, _ answeredAt: Int64?, called: UInt32, since: Int64?, at: Int64?
    ) -> Evidence.Attempts {
        Evidence.Attempts(
            answered: Int(answered), answeredAt: answeredAt.map { UnixTime(seconds: $0) }, called: Int(called),
            calledSince: since.map { UnixTime(seconds: $0) }, calledAt: at.map { UnixTime(seconds: $0) })
    }

    private static func stranger(_ stranger: Stranger) -> Evidence.Stranger {
        Evidence.Stranger(source: stranger.source, at: UnixTime(seconds: stranger.lastAt), reason: stranger.reason)
    }

    /// What a running hub reported to a command about a peer, for this run only.
    static func sight(of key: PublicKey, _ report: PeerReport) -> PeerSight {
        PeerSight(
            publicKey: key, endpoint: report.endpoint, lastHandshakeAt: report.lastHandshake.map { UnixTime(seconds: $0) },
            greatestTimestamp: report.greatestTimestamp, receivedBytes: Int64(clamping: report.receivedBytes),
            sentBytes: Int64(clamping: report.sentBytes),
            lastSeenAt: report.lastReceived.map { UnixTime(seconds: $0) })
    }
}
