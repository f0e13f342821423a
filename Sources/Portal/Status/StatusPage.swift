// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Store
import Words

/// The hub itself: desired and applied, the engine, what it dropped.
struct StatusPage {
    static let page = Page(
        "status",
        """
        engine_problem database_trouble contested[href name sentence] change_state desired applied devices online uptime relayed any_drops drops[reason meaning count] any_pairs pairs[reason meaning from to last count]
        applied_at changed_peers sessions_dropped took public_key listens workers networks sockets[label value]
        """)

    let overview: Overview
    let startedAt: UnixTime
    let trouble: DatabaseTrouble?

    var values: [String: TemplateValue] {
        let engine = overview.status
        let generation = overview.generation
        let relayed = engine.peers.values.reduce((received: UInt64(0), sent: UInt64(0))) {
            ($0.received &+ UInt64(clamping: $1.receivedBytes), $0.sent &+ UInt64(clamping: $1.sentBytes))
        }
        return [
            "engine_problem": .phrase(engine.problem ?? ""),
            "database_trouble": .phrase(trouble?.phrase ?? ""),
            "contested": .list(
                overview.devices.compactMap { device in
                    engine.contestedKeys[device.publicKey].map {
                        [
                            "href": .text("/devices/\(device.id)"), "name": .text(device.name),
                            "sentence": .phrase(ContestedKey(device: device, endpoints: $0).sentence),
                        ]
                    }
                }),
            "change_state": .phrase(Frame.mark(generation)), "desired": .number(generation.desired),
            "applied": .number(generation.applied), "devices": .phrase(Amount.count(overview.devices.count)),
            "online": .phrase(Amount.count(overview.onlineCount)), "uptime": .phrase(Amount.age(overview.now.seconds(since: startedAt))),
            "relayed": .phrase("\(Amount.bytes(relayed.received)) · \(Amount.bytes(relayed.sent))"),
            "any_drops": .flag(engine.drops.values.contains { $0 > 0 }), "drops": .list(DropTable.rows(engine.drops).map(\.value)),
            "any_pairs": .flag(!engine.pairDrops.isEmpty), "pairs": .list(DropTable.rows(engine.pairDrops, overview).map(\.value)),
            "applied_at": .phrase(generation.appliedAt.map { "\($0.phrase), \($0.relative(to: overview.now))" } ?? "never"),
            "changed_peers": .phrase(engine.lastApply.map { Amount.count($0.changedPeers) } ?? "–"),
            "sessions_dropped": .phrase(engine.lastApply.map { Amount.count($0.sessionsDropped) } ?? "–"),
            "took": .phrase(engine.lastApply.map { Self.duration($0.microseconds) } ?? "–"), "public_key": .text(overview.hub.publicKey.base64),
            "listens": .phrase(engine.listen.map { Phrase(verbatim: $0.description) } ?? "nowhere"), "workers": .number(engine.workers),
            "networks": .text(AddressRange.text(overview.hub)),
            "sockets": .list(
                engine.socketLosses.sorted { $0.key < $1.key }.map { ["label": .text($0.key), "value": .phrase(Amount.count($0.value))] }),
        ]
    }

    private static func duration(_ microseconds: Int64) -> Phrase {
        microseconds < 1000 ? "\(microseconds) µs" : "\(microseconds / 1000) ms"
    }
}
