// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Names
import Net
import Store
import Templates
import Words

/// The hub at a glance: devices by state, who talks most, the newest events, dropped packets, and the health of the engine and its disk.
struct StatusPage: TemplateModel {
    static let path = "/status"
    static let routes: [Route<Handler>] = [
        Route(.get, path, Handler(.viewer, waits: true) { try $0.page(template, read($0)) }),
        Route(.get, "\(path)/live", Handler(.viewer, passive: true, waits: true) { try $0.page(liveTemplate, read($0)) }),
    ]
    static let template = Template<StatusPage>("status")
    /// The parts that the script reloads after an event.
    static let liveTemplate = Template<StatusPage>("status_live")

    static var fields: [TemplateField<StatusPage>] {
        wholeHub + devices + lastChange + engine
            + [.text("live_version") { LiveFeed.version($0.overview) }, .object("charts") { DayCharts($0.day, now: $0.overview.now) }]
    }

    private static var wholeHub: [TemplateField<StatusPage>] {
        [
            .phrase("engine_problem") { $0.engine.problem ?? "" }, .phrase("database_trouble") { $0.trouble?.phrase ?? "" },
            .phrase("gateway_problem") { $0.engine.gateway?.problem ?? "" },
            .optional("endpoint_notice") { EndpointNotice($0.overview) }, .optional("expectation_notice", \.expectations),
            .list(
                "contested", \.contested,
                [.text("href") { "/devices/\($0.device.id)" }, .text("name", \.device.name), .phrase("sentence", \.sentence)]),
            .phrase("devices") { Amount.count($0.overview.devices.count) },
            .phrase("online") { Amount.count($0.overview.onlineCount) },
            .phrase("disk_free") { $0.freeBytes.map { Amount.bytes($0) } ?? "unknown" },
            .phrase("uptime") { Amount.age($0.overview.now.seconds(since: $0.startedAt)) }, .phrase("relayed", \.relayed),
        ]
    }

    private static var devices: [TemplateField<StatusPage>] {
        [
            .list("chips") { FilterChip.all(DeviceView { _ in nil }, $0.overview) },
            .flag("any_talkers") { !$0.talkers.isEmpty },
            .list(
                "talkers", \.talkers,
                [
                    .text("href") { "/devices/\($0.device.id)" }, .text("name", \.device.name), .phrase("down", \.rate.downPhrase),
                    .phrase("up", \.rate.upPhrase),
                ]),
            .list("events") { page in page.events.map { Event(entry: $0, page: page) } },
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
            .text("tun") { $0.engine.gateway?.tun ?? "" },
            .text("networks") { AddressRange.text($0.overview.hub) },
            .text("domain") { $0.overview.hub.naming.domain?.description ?? "" },
            .flag("any_drops") { $0.engine.drops.values.contains { $0 > 0 } }, .list("drops") { DropTable.rows($0.engine.drops, $0.overview) },
            .list(
                "sockets", { $0.engine.socketLosses.sorted { $0.key < $1.key } },
                [.text("label") { $0.key }, .phrase("value") { Amount.count($0.value) }]),
        ]
    }

    private let overview: Overview
    private let startedAt: UnixTime
    private let trouble: DatabaseTrouble?
    /// What is free on the disk of the data folder; nil if the system does not tell.
    private let freeBytes: UInt64?
    /// Nil on a hub without expectations.
    private let expectations: ExpectationNotice?
    /// The newest entries of the audit log.
    private let events: [AuditEntry]

    private let day: HubDay

    private static let maximumTalkers = 5
    private static let maximumEvents = 8

    private static func read(_ visit: Visit) throws -> StatusPage {
        try StatusPage(
            overview: visit.overview(), startedAt: visit.site.startedAt, trouble: visit.site.database.trouble,
            freeBytes: visit.site.database.freeBytes,
            expectations: ExpectationNotice(visit.read { try $0.expectations() }, now: visit.now),
            events: visit.read { try $0.auditEntries(limit: maximumEvents) },
            day: visit.site.day.day(at: visit.now) { try visit.read { try $0.hubDay(upTo: visit.now) } })
    }

    private struct Event: TemplateModel {
        let entry: AuditEntry
        let page: StatusPage

        static var fields: [TemplateField<Event>] {
            [
                .text("iso", \.entry.at.iso), .phrase("at") { "\($0.entry.at.phrase) UTC" },
                .phrase("ago") { $0.entry.at.relative(to: $0.page.overview.now) },
                .phrase("what") { event in event.entry.sentence { event.page.overview.index[$0]?.name } },
                .phrase("who", \.entry.author.phrase), .text("change") { $0.entry.generation.map { "/changes/\($0)" } ?? "" },
            ]
        }
    }

    private struct Talker {
        let device: Device
        let rate: Rates.Rate
    }

    /// The devices with the most traffic now, busiest first.
    private var talkers: [Talker] {
        let busiest = overview.allRates.filter { $0.value.down + $0.value.up >= 1 }
            .sorted { ($1.value.down + $1.value.up, $0.key.base64) < ($0.value.down + $0.value.up, $1.key.base64) }
        return Array(busiest.lazy.compactMap { key, rate in overview.index[key].map { Talker(device: $0, rate: rate) } }.prefix(Self.maximumTalkers))
    }

    private var engine: HubStatus { overview.status }

    private var contested: [ContestedKey] {
        overview.devices.compactMap { ContestedKey($0, in: overview) }
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
