// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words
import Synchronization

/// What is done to several devices at once, from the list.
enum SelectionHandlers {
    static let confirmPage = Page("selection_delete", "heading names[] more fields[name value] count button cancel")

    /// More names than this are a number.
    static let maximumNames = 50

    static func act(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let selection = DeviceSelection(visit.inputs, overview, search: visit.site.search)
        guard !selection.devices.isEmpty else { return visit.done(selection.origin, .nothingSelected) }
        let action = visit.inputs.text("action")
        // Deletion and secrets ask again who sits there; the way back is the list as it was.
        if ["delete", "export"].contains(action), !visit.isConfirmed { throw ConfirmationNeeded(path: selection.ticked.text) }
        switch action {
        case "enable": return try setEnabled(true, selection, visit)
        case "disable": return try setEnabled(false, selection, visit)
        case "delete": return try confirm(selection, visit)
        case "export": return try export(selection, overview, visit)
        default: throw HTTPError(.badRequest, "The form does not say what to do. Go back to the list and press one of its buttons.")
        }
    }

    /// All of them or, when one was removed or the selection is another than the one that was confirmed, none.
    static func delete(_ visit: Visit) throws -> Response {
        let selection = DeviceSelection(visit.inputs, try visit.overview(), search: visit.site.search)
        guard String(selection.devices.count) == visit.inputs.text("count") else { return try confirm(selection, visit) }
        try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
            for device in selection.devices { try transaction.removeDevice(device.id) }
        }
        return visit.done(selection.origin, .removed)
    }

    private static func setEnabled(_ isEnabled: Bool, _ selection: DeviceSelection, _ visit: Visit) throws -> Response {
        try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
            for id in selection.devices.map(\.id) {
                var device = try transaction.device(id)
                device.enabled = isEnabled
                try transaction.update(device)
            }
        }
        return visit.done(selection.origin, isEnabled ? .enabled : .disabled)
    }

    private static func confirm(_ selection: DeviceSelection, _ visit: Visit) throws -> Response {
        let names = selection.devices.map(\.name)
        let count = names.count
        let delete: Phrase = .counting(count, "Delete \(Amount.count(count)) device | Delete \(Amount.count(count)) devices")
        return try visit.page(
            confirmPage,
            [
                "heading": .phrase("\(delete)?"), "names": .list(names.prefix(maximumNames).map { .text($0) }),
                "more": .phrase(names.count > maximumNames ? "and \(Amount.count(names.count - maximumNames)) more" : ""),
                "fields": .list(selection.fields.map(\.value)), "count": .number(count), "button": .phrase(delete),
                "cancel": .text(selection.origin.text),
            ])
    }

    /// One file for each device, as WireGuard apps import them.
    private static func export(_ selection: DeviceSelection, _ overview: Overview, _ visit: Visit) throws -> Response {
        let pass = try visit.site.exportGate.enter(visit.author.name)
        let files = DeviceFiles(selection.devices.map(\.id), overview, visit.files)
        let fields: Fields = [
            "Content-Type": "application/zip", "Cache-Control": "no-store",
            "Content-Disposition": "attachment; filename=\"hairpin-\(visit.now.iso.prefix(10)).zip\"",
        ]
        return Response(.ok, fields: fields, body: .stream(try .export(pass) { try files.next() }))
    }
}

/// A ZIP file of devices' files that is made piece by piece, each in a short transaction of its own.
private final class DeviceFiles: Sendable {
    private static let devicesPerPiece = 50

    private struct Place {
        var ids: ArraySlice<String>
        var archive: ZipArchive
        var names = FileNames()
        var isOver = false
    }

    private let overview: Overview
    private let access: FileAccess
    private let place: Mutex<Place>

    init(_ ids: [String], _ overview: Overview, _ access: FileAccess) {
        (self.overview, self.access) = (overview, access)
        place = Mutex(Place(ids: ids[...], archive: ZipArchive(now: access.now)))
    }

    /// Nil at the end. Devices that were removed meanwhile are left out.
    func next() throws -> [UInt8]? {
        try place.withLock { place in
            guard !place.isOver else { return nil }
            var piece: [UInt8] = []
            let devices = try access.site.database.read { transaction in
                let devices = try place.ids.prefix(Self.devicesPerPiece).compactMap { try Self.device($0, in: transaction) }
                for device in devices {
                    let file = try access.file(of: device, overview, in: transaction).text
                    piece += place.archive.add(place.names.next(for: device.name), Array(file.utf8))
                }
                return devices
            }
            try access.site.database.write { transaction in
                for device in devices { try access.noteFetch(of: device, in: transaction) }
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

/// Names of files in one folder: a device's, with a number where another one has it already.
private struct FileNames {
    private var taken: Set<String> = []

    mutating func next(for deviceName: String) -> String {
        var name = ClientConfig.fileName(for: deviceName)
        var number = 2
        while !taken.insert(name.lowercased()).inserted {
            let mark = "-\(number)"
            name = ClientConfig.fileName(for: ClientConfig.fileName(for: deviceName).dropLast(5).prefix(15 - mark.utf8.count) + mark)
            number += 1
        }
        return name
    }
}
