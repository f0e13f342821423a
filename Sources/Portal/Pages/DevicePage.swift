// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Store
import Words

/// One device: what it does now, whom it reaches, its settings, its file, what was dropped, what happened.
struct DevicePage {
    static let page = Page("device", shape)
    /// The parts that events make the script ask for anew.
    static let livePage = Page("device_live", shape)

    private static let shape = TemplateShape(
        stringLiteral: """
            id version name description tags[word href] state{key word rule} toggle toggle_label never_seen file_name dials stale_file fetched
            age handshake data endpoint_now session down up received sent applied no_data{key word rule} chart{\(TrafficChart.shape)}
            any_sessions sessions[iso began ended lasted endpoint] file_line
            links{rows[shape href name relation doctor why mend mend_label] more}
            any_drops drops[reason meaning from to last count] history{rows[iso at ago what who changes[]]}
            addresses[label value badge{word look}] public_key key_badge{word look} settings[label value source own badge{word look}]
            preshared preshared_badge{word look} expires
            contested probe{action options[value label selected] verdict results[result result_word name detail] mend mend_label}
            hand_over{url minutes[value] open[link by ago until]} one_time file_href file_label
            all_addresses file{qr no_qr config} legend[state{key word rule}] marks[mark{key word rule}]
            """)

    /// Links beyond this many are on the reachability page.
    static let maximumLinks = 16
    /// Entries of a list that are shown; the file and the form have all.
    private static let maximumEntries = 32

    let device: Device
    let overview: Overview
    /// Nil where the page only offers to show it: it holds a secret, and showing it counts as handing it out.
    let file: ClientConfig?
    /// False while the session must be confirmed first.
    let isDownloadOffered: Bool
    let history: [AuditEntry]
    let sessions: [DeviceSession]
    let chart: TrafficChart
    let handOver: HandOverSection
    /// True when the file holds a private key that the hub is about to forget.
    let isOneTime: Bool
    /// What came of a test of its links that was just made.
    let test: ProbeSection.Test?

    var values: [String: TemplateValue] {
        let sight = overview.sight(of: device)
        let drops = overview.status.pairDrops(of: device.publicKey)
        let related = related
        let addresses = [("IPv4", device.ipv4), ("IPv6", device.ipv6)].compactMap { label, address in address.map { (label, $0.description) } }
        let revisions = device.fileRevisions
        return [
            "id": .text(device.id), "version": .text(LiveFeed.version(of: device, overview)), "name": .text(device.name),
            "description": .text(device.description),
            "tags": .list(
                device.tags.map { ["word": .text($0.description), "href": .text(Link("/devices").with("tag", $0.description).text)] }),
            "state": sight.state.value,
            "toggle": device.enabled ? "disable" : "enable", "toggle_label": .phrase(device.enabled ? "Disable" : "Enable"),
            "never_seen": .flag(sight.state == .neverSeen), "file_name": .text(ClientConfig.fileName(for: device.name)),
            "data": .phrase(sight.data?.relative(to: overview.now) ?? "never"),
            "session": .phrase(SessionTable.age(sessions, sight, now: overview.now).map { "for \($0)" } ?? "none"),
            "no_data": overview.movesNoData(device) ? DeviceMark.noData.value : false, "chart": chart.value, "any_sessions": .flag(!sessions.isEmpty),
            "sessions": SessionTable.value(sessions, sight, now: overview.now), "file_line": .phrase(fileLine), "marks": DeviceMark.legend,
            "dials": .phrase(sight.settings.endpoint.map { Phrase(verbatim: $0.description) } ?? "the hub"),
            "stale_file": .flag(device.isConfigStale), "fetched": .phrase(device.fetchedAt?.relative(to: overview.now) ?? ""),
            "age": .phrase(sight.age), "handshake": .phrase(sight.handshake?.relative(to: overview.now) ?? "none yet"),
            "endpoint_now": .phrase(sight.endpoint.map { Phrase(verbatim: $0.description) } ?? "unknown"),
            "down": .phrase(sight.down),
            "up": .phrase(sight.up), "received": .phrase("↓ \(Amount.bytes(sight.received))"),
            "sent": .phrase("↑ \(Amount.bytes(sight.sent))"), "applied": .flag(sight.isApplied), "links": links(related),
            "any_drops": .flag(!drops.isEmpty), "drops": DropTable.value(drops, overview), "history": History.value(history, overview.now),
            "addresses": .list(
                addresses.map { ["label": .text($0), "value": .text($1), "badge": badge(revisions.addresses)] }
                    + device.routes.map { ["label": .phrase("Route"), "value": .text($0.description), "badge": routeBadge] }),
            "public_key": .text(device.publicKey.base64), "key_badge": badge(revisions.key), "settings": settings(sight.settings),
            "preshared": .phrase(device.hasPresharedKey ? "set" : "none"), "preshared_badge": presharedBadge,
            "expires": .phrase(device.expiresAt.map { "\($0.phrase) UTC" } ?? "never"),
            "one_time": .flag(isOneTime), "file_label": .phrase(isDownloadOffered ? "Download file" : "Show file"),
            "file_href": .text(isDownloadOffered ? "/devices/\(device.id)/config" : "/devices/\(device.id)?show=file#file"),
            "all_addresses": .text(addresses.map(\.1).joined(separator: ", ")), "file": .optional(file.map(Self.shown)),
            "legend": DeviceState.legend, "hand_over": handOver.value,
            "contested": .phrase(overview.status.contestedKeys[device.publicKey].map { ContestedKey(device: device, endpoints: $0).sentence } ?? ""),
            "probe": ProbeSection(
                device: device, others: Array(related.prefix(Self.maximumLinks).map(\.0)), settings: sight.settings, hub: overview.hub, test: test
            )
            .value,
        ]
    }

    /// The text, and whether there is a code of it.
    static func shown(_ file: ClientConfig) -> TemplateValue {
        let reason: Phrase =
            file.privateKey == nil ? "the hub does not have the private key, so the code would be of no use." : "the file is too long for one."
        let hasCode = file.privateKey != nil && QRCode(file.text) != nil
        return ["qr": .flag(hasCode), "no_qr": .phrase(hasCode ? "" : reason), "config": .text(file.text)]
    }

    private func badge(_ revision: Int64, isEnforced: Bool = true) -> TemplateValue {
        SettingBadge(device, revision: revision, isEnforced: isEnforced, applied: overview.generation.applied).value
    }

    /// A key that never was needs no badge.
    private var presharedBadge: TemplateValue {
        let badge = SettingBadge(
            device, revision: device.fileRevisions.presharedKey, isEnforced: true, applied: overview.generation.applied)
        return badge == .applied && !device.hasPresharedKey ? false : badge.value
    }

    /// Routes are not in the file: the hub alone must know them.
    private var routeBadge: TemplateValue {
        (overview.generation.applied >= device.revision ? SettingBadge.applied : .waiting).value
    }

    /// Which file the device has.
    private var fileLine: Phrase {
        guard let fetched = device.fetchedConfigRevision, let at = device.fetchedAt else { return "Nobody fetched it here yet." }
        let last: Phrase = "Last fetched \(at.relative(to: overview.now)), as of change \(Amount.count(fetched))"
        return fetched < device.configRevision ? "\(last); it is at change \(Amount.count(device.configRevision)) now." : "\(last): the newest."
    }

    private func shown(_ name: SettingName, _ settings: Settings) -> Phrase {
        guard name == .allowedIPs, settings.allowedIPs.count > Self.maximumEntries else { return name.shown(in: settings) }
        return .first(Self.maximumEntries, of: settings.allowedIPs.map(\.description))
    }

    private func settings(_ settings: Settings) -> TemplateValue {
        .list(
            SettingName.allCases.map { name in
                let inherited = name.isInherited(in: device.overrides)
                return [
                    "label": .phrase(name.label), "value": .phrase(shown(name, settings)), "source": .phrase(inherited ? "default" : "own"),
                    "own": .flag(!inherited),
                    "badge": badge(name.revision(in: device.fileRevisions.settings), isEnforced: name.isEnforced),
                ]
            })
    }

    /// One-sided links first: they are what somebody came to mend.
    private var related: [(Device, Reachability.Relation)] {
        let reachability = overview.reachability
        let related = overview.devices.compactMap { other -> (Device, Reachability.Relation)? in
            guard other.id != device.id else { return nil }
            let relation = reachability.relation(device, other)
            return relation == .none ? nil : (other, relation)
        }
        return related.filter { $0.1 != .both } + related.filter { $0.1 == .both }
    }

    private func links(_ related: [(Device, Reachability.Relation)]) -> TemplateValue {
        guard !related.isEmpty else { return false }
        let hidden = related.count - Self.maximumLinks
        return [
            "rows": .list(related.prefix(Self.maximumLinks).map(link)),
            "more": .phrase(hidden > 0 ? "\(Amount.count(hidden)) more are on the reachability page." : ""),
        ]
    }

    private func link(_ other: Device, _ relation: Reachability.Relation) -> TemplateValue {
        let (lister, silent) = relation == .in ? (other, device) : (device, other)
        let why: Phrase =
            relation == .both ? "" : "\(lister.name) lists \(silent.name), but \(silent.name) does not list \(lister.name): nothing passes."
        return [
            "shape": .text(relation.rawValue), "href": .text("/devices/\(other.id)"), "name": .text(other.name),
            "relation": .phrase(relation == .both ? "both ways" : "one-sided"),
            "doctor": .text(Link("/reachability").with("from", device.id).with("to", other.id).text), "why": .phrase(why),
            "mend": .text(Link("/links").with("a", device.name).with("b", other.name).text), "mend_label": .phrase("Add it to \(silent.name)"),
        ]
    }
}
