// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The form that adds many devices from a pasted list, and links each of them with the same others.
struct AddDevicesPage: TemplateModel {
    static let template = Template<AddDevicesPage>("devices_add")

    static let routes: [Route<Handler>] = [
        Route(.get, "/devices/add", Handler(.admin) { try draw($0, Inputs([:])) }),
        Route(.post, "/devices/add", Handler(.admin, fields: ["list", "link"], add)),
    ]

    static var fields: [TemplateField<AddDevicesPage>] { TemplateField.form("list", "link", of: \.inputs) }

    let inputs: Inputs

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        try visit.page(template, AddDevicesPage(inputs: inputs), status: status)
    }

    /// Adds all devices and their links in one change, or none.
    private static func add(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        let list = DeviceLines(inputs.exact("list"))
        inputs.refuse(list.errors.prefix(maximumErrors).map { FieldError("list", $0) })
        do {
            let added = try visit.change { try add(list.lines, $0, &inputs) }
            return .redirect(to: AddedDevicesPage.link(to: added).text)
        } catch is Inputs.Refused {
            return try draw(visit, inputs, status: .unprocessableContent)
        }
    }

    /// The most errors to show at once.
    private static let maximumErrors = 20

    private static func add(_ lines: [DeviceLines.Line], _ transaction: ChangeTransaction, _ inputs: inout Inputs) throws -> [Device] {
        let others = inputs.text("link").isEmpty ? [] : inputs.read("link", or: [], Sides(try transaction.devices()).read)
        var added: [Device] = []
        for line in lines {
            do {
                added.append(try transaction.addDevice(NewDevice(name: line.name, tags: line.tags, publicKey: nil)).device)
            } catch StoreError.invalid(let errors) {
                inputs.refuse(errors.prefix(1).map { FieldError("list", DeviceLines.error(line.number, $0.message)) })
            }
        }
        guard inputs.errors.isEmpty else { throw Inputs.Refused(errors: inputs.errors) }
        guard !others.isEmpty else { return added }
        do { try transaction.link(LinkChange(first: added, second: others)) } catch StoreError.invalid(let errors) {
            inputs.refuse(errors.map { FieldError("link", $0.message) })
            throw Inputs.Refused(errors: inputs.errors)
        }
        return added
    }
}

/// The devices that were just added, with buttons for their files, codes and links, all at once.
struct AddedDevicesPage: TemplateModel {
    static let template = Template<AddedDevicesPage>("devices_added")

    static let routes: [Route<Handler>] = [Route(.get, "/devices/added", Handler(.admin, confirmed: true, show))]

    static var fields: [TemplateField<AddedDevicesPage>] {
        [
            .phrase("heading") {
                .counting($0.devices.count, "\(Amount.count($0.devices.count)) device added | \(Amount.count($0.devices.count)) devices added")
            },
            .list("devices") { $0.devices.map(Row.init) },
        ]
    }

    private let devices: [Device]

    static func link(to devices: [Device]) -> PageAddress { PageAddress("/devices/added").with("ids", devices.map(\.id).joined(separator: ".")) }

    private static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let ids = (visit.request.query["ids"] ?? "").split(separator: ".").prefix(DeviceLines.maximum)
        let devices = ids.compactMap { overview.index[String($0)] }
        guard !devices.isEmpty else { throw StoreError.notFound(kind: "device", id: String(ids.first ?? "")) }
        return try visit.page(template, AddedDevicesPage(devices: devices))
    }

    private struct Row: TemplateModel {
        let device: Device

        static var fields: [TemplateField<Row>] {
            [
                .text("id", \.device.id), .text("href") { "/devices/\($0.device.id)" }, .text("name", \.device.name),
                .text("addresses") { $0.device.addresses.map(\.description).joined(separator: ", ") },
                .text("tags") { $0.device.tags.map(\.description).joined(separator: ", ") },
            ]
        }
    }
}
