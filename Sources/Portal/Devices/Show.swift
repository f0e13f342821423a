// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// One device: its state, its links, its settings, its file, dropped packets and history.
struct DevicePage: TemplateModel {
    static let template = Template<DevicePage>("device")
    /// The parts that the script reloads after an event.
    static let liveTemplate = Template<DevicePage>("device_live")

    static let routes: [Route<Handler>] = [
        Route(.get, "/devices/{id}", Handler(.viewer) { try show($0, test: nil) }),
        Route(.get, "/devices/{id}/live", Handler(.viewer, passive: true, live)),
        Route(.post, "/devices/{id}/enable", Handler(.admin) { try setEnabled(true, $0) }),
        Route(.post, "/devices/{id}/disable", Handler(.admin) { try setEnabled(false, $0) }),
    ]

    static var fields: [TemplateField<DevicePage>] { whatItIs + whatItDoes + whatItHas + whatItNeeds }

    private static var whatItIs: [TemplateField<DevicePage>] {
        [
            .text("id", \.device.id), .text("version") { LiveFeed.version(of: $0.device, $0.overview) }, .text("name", \.device.name),
            .text("description", \.device.description), .list("tags") { $0.device.tags.map(TagLink.init) }, .object("state", \.sight.state),
            .flag("never_seen") { $0.sight.state == .neverSeen },
            .optional("no_data") { $0.overview.movesNoData($0.device) ? DeviceMark.noData : nil },
            .text("toggle") { $0.device.enabled ? "disable" : "enable" },
            .phrase("toggle_label") { $0.device.enabled ? "Disable" : "Enable" }, .optional("losses", \.losses),
            .phrase("contested", \.contested), .phrase("suspended", \.suspended), .phrase("fault", \.fault),
            .text("suspension") { $0.suspension?.generation.map { "/changes/\($0)" } ?? "" },
        ] + TemplateField.legend
    }

    private static var whatItDoes: [TemplateField<DevicePage>] {
        [
            .phrase("age", \.sight.age), .phrase("handshake") { $0.ago($0.sight.handshake) ?? "none yet" },
            .phrase("data") { $0.ago($0.sight.data) ?? "never" },
            .phrase("session") { page in
                OnlinePeriodTable.age(page.sessions, page.sight, now: page.overview.now).map { "for \($0)" } ?? "none now"
            },
            .phrase("endpoint_now") { verbatim($0.sight.endpoint) ?? "unknown" },
            .phrase("down", \.sight.down), .phrase("up", \.sight.up), .phrase("received") { "↓ \(Amount.bytes($0.sight.received))" },
            .phrase("sent") { "↑ \(Amount.bytes($0.sight.sent))" }, .flag("applied", \.sight.isApplied), .object("chart", \.chart),
            .flag("any_sessions") { !$0.sessions.isEmpty },
            .list("sessions") { OnlinePeriodTable.rows($0.sessions, $0.sight, now: $0.overview.now) },
            .optional("links", \.links), .text("ask") { AskForLinkPage.address($0.device.name) }, .object("probe", \.probe),
            .flag("any_drops") { !$0.drops.isEmpty },
            .list("drops") { DropTable.rows($0.drops, $0.overview) }, .optional("history") { History($0.history, now: $0.overview.now) },
        ]
    }

    private static var whatItHas: [TemplateField<DevicePage>] {
        [
            .list("addresses", \.addresses), .text("dns_name") { $0.overview.names.name(ofDevice: $0.device.id) ?? "" },
            .phrase("dns_problem", \.nameProblem), .list("overlaps") { $0.overlaps }, .phrase("more_overlaps") { $0.moreOverlaps },
            .list("hints", \.hints), .optional("networks") { NetworksSection($0.device, in: $0.overview) },
            .text("public_key", \.device.publicKey.base64),
            .object("key_badge") { $0.badge($0.device.fileRevisions.key) }, .list("settings", \.settings),
            .phrase("preshared") { $0.device.hasPresharedKey ? "set" : "none" }, .optional("preshared_badge", \.presharedBadge),
            .phrase("expires") { $0.device.expiresAt.map { "\($0.phrase) UTC" } ?? "never" },
        ]
    }

    private static var whatItNeeds: [TemplateField<DevicePage>] {
        [
            .text("file_name") { ClientConfig.fileName(for: $0.device.name) },
            .phrase("dials") { verbatim($0.sight.settings.endpoint) ?? "the hub" },
            .phrase("outdated") { OutdatedFile(of: $0.device)?.sentence ?? "" }, .phrase("delivered") { $0.ago($0.device.fetchedAt) ?? "" },
            .phrase("file_line", \.fileLine), .phrase("key_line", \.keyLine), .flag("one_time", \.isOneTime),
            .flag("has_key", \.hasKey), .flag("may_mark") { $0.device.fetchedConfigRevision != $0.device.configRevision },
            .object("hand_over", \.handOver),
        ]
    }

    /// The most links to show. The reachability page has the others.
    static let maximumLinks = 16
    /// The most entries of a list to show. The file and the form have all of them.
    private static let maximumEntries = 32

    let device: Device
    let overview: Overview
    let history: [AuditEntry]
    let sessions: [OnlinePeriod]
    let chart: TrafficChart
    let handOver: HandOverSection
    /// True if the file holds a private key that the hub is about to forget.
    let isOneTime: Bool
    /// The result of a test of the device's links that just ran.
    let test: ProbeSection.Test?
    /// Why the device has no session, if that is proved; empty otherwise.
    let fault: Phrase
    /// What disabling it takes away. Nil if it is disabled, or for a visitor who cannot.
    let losses: Losses?

    /// The most overlaps to show.
    private static let maximumOverlaps = 8

    private let sight: DeviceSight
    private let allOverlaps: [RouteOverlap]
    private let drops: [HubStatus.PairDrop]
    /// Nil if there are none.
    private let links: Links?

    init(
        device: Device, overview: Overview, timed: [TimedLink], history: [AuditEntry], sessions: [OnlinePeriod],
        chart: TrafficChart, handOver: HandOverSection, isOneTime: Bool, test: ProbeSection.Test?, fault: Phrase,
        losses: Losses?
    ) {
        self.device = device
        self.overview = overview
        self.history = history
        self.sessions = sessions
        self.chart = chart
        self.handOver = handOver
        self.isOneTime = isOneTime
        self.test = test
        self.fault = fault
        self.losses = losses
        sight = overview.sight(of: device)
        allOverlaps = RouteOverlap.of(device, among: overview.devices)
        drops = overview.status.pairDrops(of: device.publicKey)
        links = Links(of: device, overview, timed)
    }

    private func ago(_ time: UnixTime?) -> Phrase? { time?.relative(to: overview.now) }
    private static func verbatim(_ endpoint: (some CustomStringConvertible)?) -> Phrase? { endpoint.map { Phrase(verbatim: $0.description) } }

    private var contested: Phrase {
        ContestedKey(device, in: overview)?.sentence ?? ""
    }

    /// The entry of the rule that disabled the device because two machines use its key; nil if it is enabled, or was disabled for another reason.
    private var suspension: AuditEntry? {
        guard !device.enabled else { return nil }
        let last = history.first { $0.action == "device.suspend" || $0.action == "device.update" && $0.after?.contains("\"enabled\":") == true }
        return last?.action == "device.suspend" ? last : nil
    }

    private var suspended: Phrase {
        suspension.map { "The hub suspended it \($0.at.relative(to: overview.now)), because two machines used its key." } ?? ""
    }

    private var ownAddresses: [(family: String, address: String)] {
        [("IPv4", device.ipv4), ("IPv6", device.ipv6)].compactMap { family, address in address.map { (family, $0.description) } }
    }

    private var probe: ProbeSection {
        ProbeSection(
            device: device, others: links?.rows.map(\.other) ?? [], settings: sight.settings, hub: overview.hub, test: test)
    }

    private func badge(_ revision: Int64, isEnforced: Bool = true) -> SettingBadge {
        SettingBadge(device, revision: revision, isEnforced: isEnforced, applied: overview.generation.applied)
    }

    /// A device that never had a preshared key needs no badge.
    private var presharedBadge: SettingBadge? {
        let badge = badge(device.fileRevisions.presharedKey)
        return badge == .applied && !device.hasPresharedKey ? nil : badge
    }

    /// Routes are not in the file; only the hub needs them.
    private var routeBadge: SettingBadge { overview.generation.applied >= device.revision ? .applied : .waiting }

    private var addresses: [AddressRow] {
        let badge = badge(device.fileRevisions.addresses)
        return ownAddresses.map { AddressRow(label: Phrase(verbatim: $0.family), value: $0.address, badge: badge) }
            + device.routes.map { AddressRow(label: "Route", value: $0.description, badge: routeBadge) }
    }

    /// Which version of the file the device has.
    private var fileLine: Phrase {
        guard let delivered = device.fetchedConfigRevision, let at = device.fetchedAt else { return "Not delivered yet." }
        let last: Phrase = "Last delivered \(at.relative(to: overview.now)), as of change \(Amount.count(delivered))"
        return delivered < device.configRevision ? "\(last); the newest is change \(Amount.count(device.configRevision))." : "\(last): the newest."
    }

    /// True if the file is complete: the hub keeps the private key, or is about to forget it.
    private var hasKey: Bool { device.hasPrivateKey || isOneTime }

    private var keyLine: Phrase {
        hasKey
            ? "It holds the private key of the device. A download, the QR code and an opened share link count as handing it out."
            : "The hub does not have the private key of this device: put it into the file where the first lines say so. There is no QR code. A download and an opened share link count as handing the file out."
    }

    private func shown(_ name: SettingName, _ settings: Settings) -> Phrase {
        guard name == .allowedIPs, settings.allowedIPs.count > Self.maximumEntries else { return name.shown(in: settings) }
        return .first(Self.maximumEntries, of: settings.allowedIPs.map(\.description))
    }

    /// Routes that cover addresses of this device, or addresses that its routes cover.
    private var overlaps: [OverlapRow] { allOverlaps.prefix(Self.maximumOverlaps).map(OverlapRow.init) }

    private var moreOverlaps: Phrase {
        let hidden = allOverlaps.count - Self.maximumOverlaps
        return hidden > 0 ? .counting(hidden, "\(hidden) more overlap. | \(hidden) more overlaps.") : ""
    }

    /// Why its questions for names do not reach the hub.
    private var nameProblem: Phrase {
        HubNames.unreached(by: device, in: overview).map {
            "It asks the hub for names, but its allowed IPs do not hold \($0), so its questions do not get there."
        } ?? ""
    }

    /// What looks like a mistake in its allowed IPs.
    private var hints: [EditPage.HintLine] {
        ListHints(device, among: overview.devices, hub: overview.hub, gateway: overview.status.gateway, now: overview.now)
            .allowedIPs(sight.settings.allowedIPs.map(\.description)).prefix(Self.maximumOverlaps).map(EditPage.HintLine.init)
    }

    private var settings: [SettingRow] {
        SettingName.allCases.map { name in
            SettingRow(
                label: name.label, value: shown(name, sight.settings), isOwn: !name.isInherited(in: device.overrides),
                badge: badge(device.fileRevisions.settings[name], isEnforced: name.isEnforced))
        }
    }
}

// MARK: Handlers

extension DevicePage {
    /// The most changes to mark on a chart. The audit log has the others.
    private static let maximumChanges = 50

    /// `test` is the result of a test of the device's links that just ran.
    static func show(_ visit: Visit, test: ProbeSection.Test?) throws -> Response {
        let rounded = visit.request.query[RoundedEntries.field].flatMap(RoundedEntries.init(text:))?.sentence ?? ""
        return try visit.page(template, page(visit, test: test), notice: [visit.notice, rounded].joined())
    }

    private static func live(_ visit: Visit) throws -> Response {
        try visit.page(liveTemplate, page(visit, test: nil))
    }

    private static func page(_ visit: Visit, test: ProbeSection.Test?) throws -> DevicePage {
        let overview = try visit.overview(examining: [visit.device(in: visit.overview()).publicKey])
        let device = try visit.device(in: overview)
        let range = visit.request.query["range"].flatMap(TrafficChart.Range.init(rawValue:)) ?? .day
        let (entries, defaults, sessions, traffic, links, timed) = try visit.read {
            (
                try $0.auditEntries(target: "device/\(device.id)", limit: maximumChanges),
                try $0.auditEntries(target: "defaults", limit: maximumChanges), try $0.onlinePeriods(ofDevice: device.id),
                try $0.traffic(ofDevice: device.id), try $0.links(toDevice: device.id, at: visit.now),
                try $0.timedLinks()
            )
        }
        let edits =
            entries.filter { $0.action.hasPrefix("device.") && !["device.fetch_config", "device.mark_installed"].contains($0.action) }
            + defaults.filter { entry in entry.settings.contains { $0.isInherited(in: device.overrides) } }
        let url = visit.session.flatMap { visit.site.secrets.text(for: "link/\(device.id)", session: $0.id, now: visit.now) }
        return try DevicePage(
            device: device, overview: overview, timed: timed, history: Array(entries.prefix(8)), sessions: sessions,
            chart: TrafficChart(
                id: device.id, history: traffic, range: range, changes: edits.sorted { $0.number > $1.number }, now: visit.now),
            handOver: HandOverSection(
                links: links, url: links.isEmpty ? nil : url, isShown: visit.isConfirmed, origin: visit.linkOrigin, now: visit.now),
            isOneTime: !device.hasPrivateKey && visit.files.remembered(of: device) != nil, test: test,
            fault: SessionDiagnosis(of: device, in: overview).provedSentence,
            losses: visit.mayChange && device.enabled ? visit.losses(of: [device], .disabled, on: overview) : nil)
    }

    private static func setEnabled(_ isEnabled: Bool, _ visit: Visit) throws -> Response {
        let id = visit.parameters["id"]
        let generation = try visit.change(confirming: visit.inputs) { try $0.setEnabled(isEnabled, devices: [id]) }
        return visit.done("/devices/\(id)", isEnabled ? .enabled : .disabled, change: generation)
    }
}

// MARK: Parts

extension DevicePage {
    /// A tag that links to the list of devices with it.
    struct TagLink: TemplateModel {
        let tag: Tag

        static var fields: [TemplateField<TagLink>] {
            [.text("word", \.tag.description), .text("href") { PageAddress.devices(with: $0.tag).text }]
        }
    }

    struct AddressRow: TemplateModel {
        let label: Phrase
        let value: String
        let badge: SettingBadge

        static var fields: [TemplateField<AddressRow>] { [.phrase("label", \.label), .text("value", \.value), .object("badge", \.badge)] }
    }

    struct OverlapRow: TemplateModel {
        let overlap: RouteOverlap

        static var fields: [TemplateField<OverlapRow>] { [.phrase("sentence", \.overlap.sentence)] }
    }

    struct SettingRow: TemplateModel {
        let label: Phrase
        let value: Phrase
        let isOwn: Bool
        let badge: SettingBadge

        static var fields: [TemplateField<SettingRow>] {
            [
                .phrase("label", \.label), .phrase("value", \.value), .phrase("source") { $0.isOwn ? "own" : "default" },
                .flag("own", \.isOwn), .object("badge", \.badge),
            ]
        }
    }

    struct Links: TemplateModel {
        let rows: [LinkRow]
        /// How many links the page has no room for.
        let hidden: Int

        /// One-sided links come first, because they are what people come here to repair, then those that end. Nil if there are none.
        init?(of device: Device, _ overview: Overview, _ timed: [TimedLink]) {
            let reachability = overview.reachability
            let ends = timed.reduce(into: [String: TimedLink]()) { ends, link in
                guard link.first == device.id || link.second == device.id else { return }
                // The last one counts.
                ends[link.first == device.id ? link.second : link.first] = link
            }
            var (oneSided, ending, mutual): ([LinkRow], [LinkRow], [LinkRow]) = ([], [], [])
            var count = 0
            for other in overview.devices where other.id != device.id {
                let relation = reachability.relation(device, other)
                guard relation != .none else { continue }
                count += 1
                let end = ends[other.id]
                let passing = relation == .both && reachability.hasRules ? reachability.passing(device, other) : .all
                let row = LinkRow(
                    device: device, other: other, relation: relation, passing: passing, ends: end?.left(now: overview.now) ?? "")
                if relation != .both {
                    if oneSided.count < maximumLinks { oneSided.append(row) }
                } else if end != nil {
                    if ending.count < maximumLinks { ending.append(row) }
                } else if mutual.count < maximumLinks {
                    mutual.append(row)
                }
            }
            guard count > 0 else { return nil }
            rows = Array((oneSided + ending + mutual).prefix(maximumLinks))
            hidden = count - rows.count
        }

        static var fields: [TemplateField<Links>] {
            [
                .list("rows", \.rows),
                .phrase("more") { $0.hidden > 0 ? "\(Amount.count($0.hidden)) more are on the reachability page." : "" },
            ]
        }
    }

    struct LinkRow: TemplateModel {
        let device: Device
        let other: Device
        let relation: Reachability.Relation
        /// What rules leave of a link.
        let passing: Passing
        /// "ends in 1 h"; empty for a link without an end.
        let ends: Phrase

        static var fields: [TemplateField<LinkRow>] {
            [
                .phrase("ends", \.ends),
                .text("shape", \.shape), .text("href") { "/devices/\($0.other.id)" }, .text("name", \.other.name),
                .phrase("relation", \.words),
                .text("doctor") { PageAddress.reachability(from: $0.device, to: $0.other).text }, .phrase("why", \.why),
                .text("fix") { PageAddress.links($0.device.name, $0.other.name).text },
                .phrase("fix_label") { "Add it to \($0.silent.name)" },
            ]
        }

        private var shape: String {
            guard relation == .both else { return relation.rawValue }
            return passing.shape.isEmpty ? "none" : passing.shape
        }

        private var words: Phrase {
            guard relation == .both else { return "one-sided" }
            switch passing.extent {
            case .all: return "both ways"
            case .part: return "some services"
            case .nothing: return "refused by the rules"
            }
        }

        /// The device that does not list the other one.
        private var silent: Device { relation == .in ? device : other }

        private var why: Phrase {
            guard relation != .both else { return "" }
            let lister = relation == .in ? other : device
            return Effect.Pair(first: lister, second: silent).whyNothingPasses
        }
    }
}
