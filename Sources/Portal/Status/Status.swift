// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The hub itself: desired and applied generation, the engine, and dropped packets.
struct StatusPage: TemplateModel {
    static let routes: [Route<Handler>] = [Route(.get, "/status", Handler(.viewer, show))]
    static let template = Template<StatusPage>("status")

    static var fields: [TemplateField<StatusPage>] { wholeHub + lastChange + engine }

    private static var wholeHub: [TemplateField<StatusPage>] {
        [
            .phrase("engine_problem") { $0.engine.problem ?? "" }, .phrase("database_trouble") { $0.trouble?.phrase ?? "" },
            .phrase("endpoint_notice", \.overview.endpointNotice),
            .list(
                "contested", \.contested,
                [.text("href") { "/devices/\($0.device.id)" }, .text("name", \.device.name), .phrase("sentence", \.sentence)]),
            .phrase("devices") { Amount.count($0.overview.devices.count) },
            .phrase("online") { Amount.count($0.overview.onlineCount) },
            .phrase("uptime") { Amount.age($0.overview.now.seconds(since: $0.startedAt)) }, .phrase("relayed", \.relayed),
        ]
    }

    private static var lastChange: [TemplateField<StatusPage>] {
        [
            .phrase("change_state") { Frame.mark($0.overview.generation) }, .number("desired", \.overview.generation.desired),
            .number("applied", \.overview.generation.applied),
            .phrase("applied_at") { page in
                page.overview.generation.appliedAt.map { "\($0.phrase), \($0.relative(to: page.overview.now))" } ?? "never"
            },
            .phrase("changed_peers") { $0.engine.lastApply.map { Amount.count($0.changedPeers) } ?? "–" },
            .phrase("sessions_dropped") { $0.engine.lastApply.map { Amount.count($0.sessionsDropped) } ?? "–" },
            .phrase("took") { $0.engine.lastApply.map { duration($0.microseconds) } ?? "–" },
        ]
    }

    private static var engine: [TemplateField<StatusPage>] {
        [
            .text("public_key", \.overview.hub.publicKey.base64),
            .phrase("listens") { $0.engine.listen.map { Phrase(verbatim: $0.description) } ?? "nowhere" }, .number("workers", \.engine.workers),
            .text("networks") { AddressRange.text($0.overview.hub) },
            .flag("any_drops") { $0.engine.drops.values.contains { $0 > 0 } }, .list("drops") { DropTable.rows($0.engine.drops) },
            .flag("any_pairs") { !$0.engine.pairDrops.isEmpty }, .list("pairs") { DropTable.rows($0.engine.pairDrops, $0.overview) },
            .list(
                "sockets", { $0.engine.socketLosses.sorted { $0.key < $1.key } },
                [.text("label") { $0.key }, .phrase("value") { Amount.count($0.value) }]),
        ]
    }

    private let overview: Overview
    private let startedAt: UnixTime
    private let trouble: DatabaseTrouble?

    private static func show(_ visit: Visit) throws -> Response {
        try visit.page(
            template, StatusPage(overview: visit.overview(), startedAt: visit.site.startedAt, trouble: visit.site.database.trouble))
    }

    private var engine: HubStatus { overview.status }

    private var contested: [ContestedKey] {
        overview.devices.compactMap { device in engine.contestedKeys[device.publicKey].map { ContestedKey(device: device, endpoints: $0) } }
    }

    private var relayed: Phrase {
        let sum = engine.peers.values.reduce((received: UInt64(0), sent: UInt64(0))) {
            ($0.received &+ UInt64(clamping: $1.receivedBytes), $0.sent &+ UInt64(clamping: $1.sentBytes))
        }
        return "\(Amount.bytes(sum.received)) · \(Amount.bytes(sum.sent))"
    }

    private static func duration(_ microseconds: Int64) -> Phrase {
        microseconds < 1000 ? "\(microseconds) µs" : "\(microseconds / 1000) ms"
    }
}
