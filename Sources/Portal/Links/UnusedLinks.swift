// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// Links that nobody used in the last 30 days, and for each device the list of what it did use. Tightening a hub starts here.
struct UnusedLinksPage: TemplateModel {
    static let template = Template<UnusedLinksPage>("links_unused")

    static let routes: [Route<Handler>] = [
        Route(.get, "/links/unused", Handler(.viewer, show)),
        Route(.post, "/links/unused", Handler(.admin, fields: ["device", "list", "revision", Confirmation.field], narrow)),
    ]

    static var fields: [TemplateField<UnusedLinksPage>] {
        [
            .phrase("lead", \.lead), .flag("watched") { $0.spoken.watchedSince != nil }, .text("name", \.name), .phrase("error", \.error),
            .flag("chosen") { $0.device != nil }, .flag("too_many", \.isTooMany), .phrase("count", \.count),
            .flag("any_rows") { !$0.rows.isEmpty }, .list("rows", \.shownRows), .optional("pages", \.pages),
            .flag("any_wide") { !$0.wide.isEmpty }, .list("wide", \.wide), .optional("proposal", \.proposal),
        ]
    }

    /// The most pairs to look at without a chosen device.
    private static let maximumPairs = Effect.namedPairs
    private static let rowsPerPage = 40
    private static let maximumWide = 20

    private let overview: Overview
    private let spoken: SpokenPairs
    /// What the user typed.
    private let name: String
    private let device: Device?
    private let number: Int
    private let rows: [Row]
    private let wide: [Wide]
    private let linkCount: Int
    private var proposal: Proposal?

    /// `device` is the name or id of one device whose links to show; empty for all.
    init(_ overview: Overview, _ spoken: SpokenPairs, device typed: String, page: Int) {
        self.overview = overview
        self.spoken = spoken
        number = page
        let device = typed.isEmpty ? nil : Sides(overview.devices).device(typed)
        self.device = device
        name = device?.name ?? typed
        let devices = overview.devices
        var (found, unused): ([Row], [Int]) = ([], [Int](repeating: 0, count: devices.count))
        var count = 0
        let used = Set(spoken.pairs.map { [$0.first, $0.second] })
        func look(at a: Device, _ b: Device) -> Bool {
            count += 1
            guard !used.contains([min(a.id, b.id), max(a.id, b.id)]) else { return false }
            found.append(Row(first: a, second: b))
            return true
        }
        if let device {
            for other in devices where other.id != device.id && overview.reachability.reaches(device, other) { _ = look(at: device, other) }
        } else if typed.isEmpty, Self.fits(devices.count) {
            for link in PairLinks(devices, overview.reachability).all where !link.isOneSided && look(at: devices[link.from], devices[link.to]) {
                unused[link.from] += 1
                unused[link.to] += 1
            }
        }
        linkCount = count
        rows = spoken.watchedSince == nil ? [] : found
        let order = unused.indices.filter { unused[$0] > 1 }.sorted { (unused[$1], $0) < (unused[$0], $1) }
        wide = spoken.watchedSince == nil ? [] : order.prefix(Self.maximumWide).map { Wide(device: devices[$0], unused: unused[$0]) }
    }

    private static func fits(_ count: Int) -> Bool { count * (count - 1) / 2 <= maximumPairs }

    private static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let query = visit.request.query
        let typed = (query["device"] ?? "").trimmed()
        let chosen = typed.isEmpty ? nil : Sides(overview.devices).device(typed)
        let spoken = try visit.read { try $0.spokenPairs(ofDevices: chosen.map { [$0.id] }, at: visit.now) }
        var page = UnusedLinksPage(overview, spoken, device: typed, page: query["page"].flatMap(Entry.number) ?? 1)
        if let chosen, visit.mayChange, spoken.watchedSince != nil { page.proposal = try Proposal(chosen, spoken, overview, visit) }
        return try visit.page(template, page, status: typed.isEmpty || chosen != nil ? .ok : .notFound)
    }

    /// Gives a device the list that the page proposed.
    private static func narrow(_ visit: Visit) throws -> Response {
        let inputs = visit.inputs
        guard let list = ListText.entries(inputs.text("list"), { IPPrefix($0) }) else {
            throw HTTPError(.badRequest, "The proposed list is not complete. Go back and reload the page.")
        }
        let device = inputs.text("device")
        let generation = try visit.change(confirming: inputs) {
            var edit = DeviceEdit()
            edit.overrides = try $0.device(device).overrides
            edit.overrides?.allowedIPs = .own(list)
            try $0.edit(device, expecting: inputs.expectedRevision, edit)
        }
        return visit.done("/devices/\(device)", .saved, change: generation)
    }

    // MARK: What it shows

    private var lead: Phrase {
        guard spoken.watchedSince != nil else { return "The hub has not recorded yet which devices exchange packets. Try again in a minute." }
        return "Devices that reach each other, but did not exchange a packet \(spoken.period(at: overview.now))."
    }

    private var error: Phrase { device == nil && !name.isEmpty ? "There is no device “\(name)”." : "" }

    /// True if the hub has too many pairs to look at all of them.
    private var isTooMany: Bool { name.isEmpty && !Self.fits(overview.devices.count) }

    private var count: Phrase {
        let (all, unused) = (Amount.count(linkCount), Amount.count(rows.count))
        return .counting(linkCount, "\(unused) of \(all) link unused | \(unused) of \(all) links unused")
    }

    private var paging: Paging { Paging(count: rows.count, perPage: Self.rowsPerPage, number: number) }
    private var shownRows: [Row] { Array(rows[paging.range]) }
    private var pages: PageLinks? { paging.links { PageAddress("/links/unused").with("device", name).with("page", String($0)).text } }

    /// An unused link.
    private struct Row: TemplateModel {
        let first: Device
        let second: Device

        static var fields: [TemplateField<Row>] {
            [
                .text("first", \.first.name), .text("second", \.second.name), .text("first_id", \.first.id), .text("second_id", \.second.id),
                .text("unlink") { PageAddress.links($0.first.name, $0.second.name).with("do", "unlink").text },
            ]
        }
    }

    /// A device with several unused links.
    private struct Wide: TemplateModel {
        let device: Device
        let unused: Int

        static var fields: [TemplateField<Wide>] {
            [
                .text("name", \.device.name), .text("href") { PageAddress("/links/unused").with("device", $0.device.name).text },
                .phrase("unused") { .counting($0.unused, "\(Amount.count($0.unused)) unused link | \(Amount.count($0.unused)) unused links") },
            ]
        }
    }

    /// The list of what a device used, with what saving it would do.
    private struct Proposal: TemplateModel {
        let device: Device
        let list: UsedList
        let partners: Int
        let effect: Effect?
        let confirmation: Inputs

        static var fields: [TemplateField<Proposal>] {
            [
                .text("id", \.device.id), .text("device_name", \.device.name), .number("revision", \.device.revision),
                .text("list") { ListText.text($0.list.prefixes) }, .texts("entries") { $0.list.prefixes.map(\.description) },
                .phrase("used") {
                    let count = Amount.count($0.partners)
                    return .counting($0.partners, "It exchanged packets with \(count) device. | It exchanged packets with \(count) devices.")
                },
                .flag("narrower") { $0.effect != nil }, .flag("too_long", \.isTooLong), .optional("effect", \.effect),
                .list("confirm_options") { Confirmation.options($0.confirmation) },
            ]
        }

        private var isTooLong: Bool { list.prefixes.count > Settings.maximumEntries }

        /// Nil for a device that is disabled or expired.
        init?(_ device: Device, _ spoken: SpokenPairs, _ overview: Overview, _ visit: Visit) throws {
            let partners = spoken.partners(of: device.id)
            guard let list = UsedList(of: device, partners: Set(partners.keys), overview.reachability, hub: overview.hub) else { return nil }
            self.device = device
            self.list = list
            self.partners = partners.count
            var confirmation = Inputs([:])
            Confirmation.start(&confirmation, hub: overview.hub, client: visit.request.client)
            self.confirmation = confirmation
            guard list.isNarrower, list.prefixes.count <= Settings.maximumEntries else {
                effect = nil
                return
            }
            var narrowed = device
            narrowed.overrides.allowedIPs = .own(list.prefixes)
            effect = try visit.noting(Effect(on: overview, devices: [narrowed]))
        }
    }
}
