// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Synchronization
import Templates
import Words

/// Actions on several devices of the list at once, and the page that asks before it deletes them.
struct SelectionPage: TemplateModel {
    static let template = Template<SelectionPage>("selection_delete")

    static let routes: [Route<Handler>] = [
        Route(
            .post, "/devices/selected",
            Handler(.admin, fields: DeviceSelection.names.union(["action", "words", "installed", "next"]), lists: ["device"], act)),
        Route(
            .post, "/devices/selected/delete",
            Handler(.admin, confirmed: true, fields: DeviceSelection.names.union(["selection"]), lists: ["device"], delete)),
    ]

    static var fields: [TemplateField<SelectionPage>] {
        [
            .phrase("heading") { "\($0.delete)?" }, .texts("names") { $0.devices.prefix(maximumNames).map(\.name) },
            .phrase("more") { $0.devices.count > maximumNames ? "and \(Amount.count($0.devices.count - maximumNames)) more" : "" },
            .list("fields", \.selection.fields), .text("selection", \.selection.digest), .phrase("button", \.delete),
            .text("cancel", \.selection.origin.text), .list("cut", \.cut), .flag("any_cut") { !$0.cut.isEmpty },
        ]
    }

    /// With more devices than this, the page shows a number instead of names.
    private static let maximumNames = 50

    let selection: DeviceSelection
    /// The devices that spoke lately with the selected ones.
    let cut: [Effect.SectionLine]

    private init(_ selection: DeviceSelection, _ visit: Visit) throws {
        self.selection = selection
        cut = try visit.pairsCut(byRemoving: selection.devices, from: visit.overview()).lines.map(Effect.SectionLine.init)
    }

    private var devices: [Device] { selection.devices }

    private var delete: Phrase {
        .counting(devices.count, "Delete \(Amount.count(devices.count)) device | Delete \(Amount.count(devices.count)) devices")
    }

    private static func act(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let selection = DeviceSelection(visit.inputs, overview, search: visit.site.search)
        guard !selection.devices.isEmpty else { return visit.done(selection.origin, .nothingSelected) }
        let action = visit.inputs.text("action")
        // Deleting and exporting secrets need a fresh confirmation. Afterwards the user returns to the list with the same boxes ticked.
        if ["delete", "export", "share", "codes"].contains(action), !visit.isConfirmed { throw ConfirmationNeeded(path: selection.ticked.text) }
        switch action {
        case "tag": return try tag(selection, visit)
        case "link": return try link(selection, visit)
        case "share": return try SharedFilesPage.share(selection.devices, from: selection.origin, visit)
        case "codes": return try CodesPage.show(selection.devices, from: selection.origin, visit)
        case "enable": return try setEnabled(true, selection, visit)
        case "disable": return try setEnabled(false, selection, visit)
        case "installed": return try markInstalled(selection, visit)
        case "delete": return try visit.page(template, SelectionPage(selection, visit))
        case "export": return try export(selection, overview, visit)
        default: throw HTTPError(.badRequest, "The form does not say what to do. Go back to the list and press one of its buttons.")
        }
    }

    /// Deletes all devices or none: none if they are not exactly those that were confirmed. “All of a view” may be others by now, so they are
    /// selected anew in the transaction that deletes them.
    private static func delete(_ visit: Visit) throws -> Response {
        let (selection, isConfirmed) = try visit.change { transaction in
            let selection = DeviceSelection(visit.inputs, try visit.site.overview(transaction, at: visit.now), search: visit.site.search)
            let isConfirmed = selection.digest == visit.inputs.text("selection")
            if isConfirmed { try transaction.removeDevices(selection.devices.map(\.id)) }
            return (selection, isConfirmed)
        }
        guard !selection.devices.isEmpty else { return visit.done(selection.origin, .nothingSelected) }
        guard isConfirmed else { return try visit.page(template, SelectionPage(selection, visit)) }
        return visit.done(selection.origin, .removed)
    }

    private static func setEnabled(_ isEnabled: Bool, _ selection: DeviceSelection, _ visit: Visit) throws -> Response {
        let generation = try visit.change(confirming: visit.inputs) { try $0.setEnabled(isEnabled, devices: selection.devices.map(\.id)) }
        return visit.done(selection.origin.with("change", generation.map { String($0) }), isEnabled ? .enabled : .disabled)
    }

    /// Adds tags, in one change.
    private static func tag(_ selection: DeviceSelection, _ visit: Visit) throws -> Response {
        let tags: [Tag]
        switch Entry.tags(visit.inputs.text("words")) {
        case .success(let read): tags = read
        case .failure(let refusal): throw StoreError.invalid([FieldError("words", refusal.message)])
        }
        guard !tags.isEmpty else { throw StoreError.invalid([FieldError("words", "Write the tag beside the button.")]) }
        let change = try visit.change(confirming: visit.inputs) { transaction in
            for device in selection.devices {
                var edit = DeviceEdit()
                edit.tags = Set(try transaction.device(device.id).tags + tags).sorted()
                try transaction.edit(device.id, edit)
            }
        }
        return visit.done(selection.origin.with("change", change.map { String($0) }), .saved)
    }

    /// The form for links, filled in: two devices with each other, otherwise the selection on the first side.
    private static func link(_ selection: DeviceSelection, _ visit: Visit) throws -> Response {
        let names = selection.devices.map(\.name)
        let isWhole = selection.isAll && selection.view.isEverything
        let sides =
            names.count == 2
            ? ["a": names[0], "b": names[1]]
            : ["a": isWhole ? "all" : names.joined(separator: ", ")]
        return try LinksPage.draw(visit, Inputs(sides), previews: names.count == 2)
    }

    private static func markInstalled(_ selection: DeviceSelection, _ visit: Visit) throws -> Response {
        try visit.write { for device in selection.devices { try visit.files.noteInstallation(of: device, in: $0) } }
        return visit.done(visit.inputs.has("next") ? PageAddress(visit.nextPath) : selection.origin, .installed)
    }

    /// One file for each device, in the form that WireGuard apps import. Counts as handing them out only if the form says so. In either case, one
    /// entry of the audit log has their number.
    private static func export(_ selection: DeviceSelection, _ overview: Overview, _ visit: Visit) throws -> Response {
        try requireFits(selection.devices.count)
        let pass = try visit.site.exportGate.enter(visit.author.name)
        try visit.write { try $0.recordExport(ofDevices: selection.devices.count, by: visit.author, at: visit.now) }
        let files = DeviceFiles(
            selection.devices.map(\.id), overview, visit.files, try visit.standing(), isHandedOut: visit.inputs.isOn("installed"))
        let fields: Fields = [
            "Content-Type": "application/zip", "Cache-Control": "no-store",
            "Content-Disposition": ContentDisposition.attachment("hairpin-\(visit.now.iso.prefix(10)).zip"),
        ]
        return Response(.ok, fields: fields, body: .stream(.export(pass, first: try files.next()) { try files.next() }))
    }

    /// Throws 422 for more devices than one archive can hold, before anything is sent.
    static func requireFits(_ count: Int) throws(HTTPError) {
        guard count > ZipArchive.maximumCount else { return }
        throw HTTPError(
            .unprocessableContent,
            "A ZIP file holds at most \(Amount.count(ZipArchive.maximumCount)) files, and \(Amount.count(count)) devices are selected. Select fewer, and export the others afterwards."
        )
    }
}

/// The devices that a form applies to: the ticked ones, or all of a view.
struct DeviceSelection {
    /// Fields of such a form besides the boxes, which are named `device`.
    static let names = DeviceView.names.union(["all"])

    let view: DeviceView
    let isAll: Bool
    /// The devices that still exist, by name or in the order of the view.
    let devices: [Device]

    init(_ inputs: Inputs, _ overview: Overview, search: DeviceSearch) {
        view = DeviceView { inputs.has($0) ? inputs.text($0) : nil }
        isAll = inputs.isOn("all")
        let chosen = Set(inputs.list("device"))
        devices = isAll ? view.devices(of: overview, search) : overview.devices.filter { chosen.contains($0.id) }
    }

    /// Identifies this set of devices: different sets have different values.
    var digest: String { Hex.encode(Digest.sha256(Array(devices.map(\.id).sorted().joined(separator: " ").utf8))) }

    /// The list that the form was on.
    var origin: PageAddress { view.link(toPage: view.number) }

    /// The list with the same boxes ticked.
    var ticked: PageAddress { origin.with("selected", isAll ? "all" : devices.prefix(DevicesPage.rowsPerPage).map(\.id).joined(separator: ",")) }

    /// The hidden fields that restore this selection.
    var fields: [HiddenField] {
        let chosen = isAll ? [HiddenField(name: "all", value: "on")] : devices.map { HiddenField(name: "device", value: $0.id) }
        return view.fields + [HiddenField(name: "page", value: String(view.number))] + chosen
    }
}

/// A ZIP file of several devices' files, made piece by piece, each in its own short transaction. Ends early with the right to see the files.
private final class DeviceFiles: Sendable {
    private static let devicesPerPiece = 50

    private struct Place {
        var ids: ArraySlice<String>
        var archive: ZipArchive
        var names = ClientConfig.FileNames()
        var isOver = false
    }

    private let overview: Overview
    private let access: FileAccess
    private let standing: Standing
    private let isHandedOut: Bool
    private let place: Mutex<Place>

    init(_ ids: [String], _ overview: Overview, _ access: FileAccess, _ standing: Standing, isHandedOut: Bool) {
        (self.overview, self.access, self.standing, self.isHandedOut) = (overview, access, standing, isHandedOut)
        place = Mutex(Place(ids: ids[...], archive: ZipArchive(now: access.now)))
    }

    /// The next piece; nil at the end. Skips devices that were removed in the meantime.
    func next() throws -> [UInt8]? {
        try place.withLock { place in
            guard !place.isOver else { return nil }
            var piece: [UInt8] = []
            let devices = try access.site.database.read { transaction in
                try standing.require(in: transaction)
                let devices = try place.ids.prefix(Self.devicesPerPiece).compactMap { try Self.device($0, in: transaction) }
                for device in devices {
                    let file = try access.file(of: device, overview, in: transaction).text
                    piece += try place.archive.add(place.names.next(for: device.name), Array(file.utf8))
                }
                return devices
            }
            if isHandedOut {
                try access.site.database.write { transaction in
                    for device in devices { try access.noteExport(of: device, in: transaction) }
                }
            }
            place.ids = place.ids.dropFirst(Self.devicesPerPiece)
            if place.ids.isEmpty {
                place.isOver = true
                piece += place.archive.ending
            }
            return piece
        }
    }

    private static func device(_ id: String, in transaction: ReadTransaction) throws -> Device? {
        do { return try transaction.device(id) } catch StoreError.notFound { return nil }
    }
}
