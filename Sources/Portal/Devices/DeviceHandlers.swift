// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Words

/// The pages of devices.
enum DeviceHandlers {
    static let newPage = Page(
        "device_new", TemplateShape.form("name", "description", "tags", "public_key", "ipv4", "ipv6").merging("problem keep_private_key"))
    static let confirmPage = Page("device_confirm", "id name heading consequence action button danger offer_keep keep_private_key")

    /// Changes that are marked on a curve; a device with more in a year is read in the audit log.
    static let maximumChanges = 50

    static func list(_ visit: Visit) throws -> Response {
        let page = try DevicesPage(
            view: DeviceView { visit.request.query[$0] }, overview: try visit.overview(), search: visit.site.search,
            rings: { ids in try visit.read { try $0.trafficRings(ofDevices: ids, .minute) } })
        return try visit.page(DevicesPage.template, page, notice: visit.notice)
    }

    static func newForm(_ visit: Visit) throws -> Response { try drawNew(visit, Inputs(["keep_private_key": "on"])) }

    static func add(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        let (new, generated) = DeviceForm.new(&inputs)
        do {
            let device = try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
                try inputs.collect { try transaction.add(new) }
            }
            if let generated, new.privateKey == nil { visit.remember(generated, of: device) }
            return visit.done("/devices/\(device.id)", .added)
        } catch is Inputs.Refused {
            return try drawNew(visit, inputs, status: .unprocessableContent)
        }
    }

    static func show(_ visit: Visit) throws -> Response { try show(visit, test: nil) }

    /// `test` is what came of a test of its links that was just made.
    static func show(_ visit: Visit, test: ProbeSection.Test?) throws -> Response {
        try visit.page(DevicePage.template, page(visit, isFileOffered: true, test: test), notice: visit.notice)
    }

    static func live(_ visit: Visit) throws -> Response {
        try visit.page(DevicePage.liveTemplate, page(visit, isFileOffered: false, test: nil))
    }

    private static func page(_ visit: Visit, isFileOffered: Bool, test: ProbeSection.Test?) throws -> DevicePage {
        let overview = try visit.overview()
        let device = try visit.device(in: overview)
        let file = try visit.file(of: device, overview)
        let range = visit.request.query["range"].flatMap(TrafficChart.Range.init(rawValue:)) ?? .day
        let (entries, sessions, traffic, links) = try visit.read {
            (
                try $0.auditEntries(target: "device/\(device.id)", limit: maximumChanges), try $0.sessions(ofDevice: device.id),
                try $0.traffic(ofDevice: device.id), try $0.links(toDevice: device.id, at: visit.now)
            )
        }
        let defaults = try visit.read { try $0.auditEntries(target: "defaults", limit: maximumChanges) }
        let edits =
            entries.filter { $0.action.hasPrefix("device.") && $0.action != "device.fetch_config" }
            + defaults.filter { entry in AuditWords.settings(of: entry).contains { $0.isInherited(in: device.overrides) } }
        let url = visit.session.flatMap { visit.site.secrets.text(for: "link/\(device.id)", session: $0.id, now: visit.now) }
        let isNew = overview.state(of: device) == .neverSeen || device.fetchedAt == nil
        let isAsked = isFileOffered && visit.request.query["show"] == "file"
        if isAsked, visit.mayChange { try visit.requireConfirmation() }
        let isShown = isFileOffered && visit.mayChange && visit.isConfirmed && (isNew || isAsked)
        return DevicePage(
            device: device, overview: overview, isWhole: isFileOffered, file: isShown ? file : nil, isDownloadOffered: visit.isConfirmed,
            history: Array(entries.prefix(8)), sessions: sessions,
            chart: TrafficChart(
                id: device.id, history: traffic, range: range, changes: edits.sorted { $0.number > $1.number }, now: visit.now),
            handOver: HandOverSection(links: links, url: links.isEmpty ? nil : url, now: visit.now),
            isOneTime: !device.hasPrivateKey && file.privateKey != nil, test: test)
    }

    /// Handing the file out is what "file is old" is measured by.
    static func config(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let device = try visit.device(in: overview)
        let file = try visit.file(of: device, overview)
        try visit.noteFetch(of: device)
        var response = Response.text(.ok, file.text)
        response.fields.set("Content-Disposition", "attachment; filename=\"\(ClientConfig.fileName(for: device.name))\"")
        return response
    }

    static func qrCode(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let device = try visit.device(in: overview)
        guard let code = QRCode(try visit.file(of: device, overview).text) else {
            throw HTTPError(.unprocessableContent, "The file of this device is too long for a QR code. Download it instead.")
        }
        try visit.noteFetch(of: device)
        return Response(.ok, contentType: "image/svg+xml", body: Array(code.svg.utf8))
    }

    static func setEnabled(_ isEnabled: Bool, _ visit: Visit) throws -> Response {
        let id = visit.parameters["id"]
        try visit.site.database.change(by: visit.author, at: visit.now) {
            var device = try $0.device(id)
            device.enabled = isEnabled
            try $0.update(device)
        }
        return visit.done("/devices/\(id)", .saved)
    }

    static func confirmDelete(_ visit: Visit) throws -> Response {
        let device = try visit.storedDevice()
        return try visit.page(
            confirmPage,
            confirmation(
                device, heading: "Delete \(device.name)?", button: "Delete device", action: "delete", isDanger: true,
                consequence: "Its key, addresses and settings are removed, and its session ends at once. This cannot be undone; a backup may have it."
            ))
    }

    static func delete(_ visit: Visit) throws -> Response {
        try visit.site.database.change(by: visit.author, at: visit.now) { try $0.removeDevice(visit.parameters["id"]) }
        return visit.done("/devices", .removed)
    }

    static func confirmRotation(_ visit: Visit) throws -> Response {
        let device = try visit.storedDevice()
        return try visit.page(
            confirmPage,
            confirmation(
                device, heading: "Rotate the key of \(device.name)?", button: "Rotate key", action: "rotate-key", isDanger: false,
                consequence: "The hub makes a new pair of keys. The session ends, and the device cannot connect until it has its new file."))
    }

    static func rotateKey(_ visit: Visit) throws -> Response {
        let id = visit.parameters["id"]
        let key = PrivateKey.generate()
        let keeps = visit.inputs.isOn("keep_private_key")
        let device = try visit.site.database.change(by: visit.author, at: visit.now) {
            try $0.replaceKey(ofDevice: id, publicKey: key.publicKey, privateKey: keeps ? key : nil)
        }
        if !keeps { visit.remember(key, of: device) }
        return visit.done("/devices/\(id)", .rotated)
    }

    private static func confirmation(
        _ device: Device, heading: Phrase, button: Phrase, action: String, isDanger: Bool, consequence: Phrase
    ) -> [String: TemplateValue] {
        [
            "id": .text(device.id), "name": .text(device.name), "heading": .phrase(heading), "consequence": .phrase(consequence),
            "action": .text("/devices/\(device.id)/\(action)"), "button": .phrase(button), "danger": .flag(isDanger),
            "offer_keep": .flag(!isDanger), "keep_private_key": .flag(device.hasPrivateKey),
        ]
    }

    private static func drawNew(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        let names = ["name", "description", "tags", "public_key", "ipv4", "ipv6"]
        var values: [String: TemplateValue] = [
            "problem": inputs.problem(besides: names), "keep_private_key": .flag(inputs.isOn("keep_private_key")),
        ]
        for name in names { values[name] = inputs.field(name) }
        return try visit.page(newPage, values, status: status)
    }
}
