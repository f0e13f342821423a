// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The form that adds one device, or many from a pasted list, and links each of them with the same others.
struct AddDevicesPage: TemplateModel {
    static let path = "/devices/new"
    static let template = Template<AddDevicesPage>("devices_add")

    static let routes: [Route<Handler>] = [
        Route(.get, path, Handler(.admin) { try draw($0, Inputs(["keep_private_key": "on"])) }),
        Route(.post, "/devices", Handler(.admin, fields: names, add)),
    ]

    static var fields: [TemplateField<AddDevicesPage>] {
        [
            .flag("keep_private_key") { $0.inputs.isOn("keep_private_key") }, .flag("allow_overlap") { $0.inputs.isOn("allow_overlap") },
            .flag("several") { $0.isTyped(in: ["list"]) }, .flag("special", \.isSpecial),
        ] + TemplateField.form("name", "list", "description", "tags", "link", "public_key", "ipv4", "ipv6", of: \.inputs)
    }

    /// What only one device can have.
    private static let ofOne = ["name", "description", "public_key", "ipv4", "ipv6"]
    private static let names = Set(ofOne + ["list", "tags", "link", "keep_private_key", "allow_overlap"])
    /// The most errors of lines to show at once.
    private static let maximumErrors = 20

    let inputs: Inputs

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        try visit.page(template, AddDevicesPage(inputs: inputs), status: status)
    }

    /// Adds all devices and their links in one change, or none.
    private static func add(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        let devices = read(&inputs)
        do {
            let added = try visit.change { try add(devices, $0, &inputs) }
            for each in added where !each.device.hasPrivateKey {
                if let key = each.privateKey { visit.remember(key, of: each.device) }
            }
            guard inputs.text("list").isEmpty, let only = added.first else {
                return .redirect(to: AddedDevicesPage.link(to: added.map(\.device)).text)
            }
            return visit.done("/devices/\(only.device.id)", .added)
        } catch is Inputs.Refused {
            return try draw(visit, inputs, status: .unprocessableContent)
        }
    }

    /// A device to add, with its line if it is from a list.
    private struct Addition {
        let device: NewDevice
        var line: Int?
    }

    private static func read(_ inputs: inout Inputs) -> [Addition] {
        let one = DeviceForm.new(&inputs)
        guard !inputs.text("list").isEmpty else { return [Addition(device: one)] }
        for field in ofOne where !inputs.text(field).isEmpty && inputs.message(field).isEmpty {
            inputs.refuse(field, "This is for one device. Empty it to add the devices of the list.")
        }
        let list = DeviceLines(inputs.exact("list"))
        inputs.refuse(list.errors.prefix(maximumErrors).map { FieldError("list", $0) })
        return list.lines.map { line in
            let tags = Set(line.tags + one.tags).sorted()
            return Addition(
                device: NewDevice(name: line.name, tags: tags, publicKey: nil, keepsPrivateKey: one.keepsPrivateKey), line: line.number)
        }
    }

    private static func add(_ devices: [Addition], _ transaction: ChangeTransaction, _ inputs: inout Inputs) throws -> [AddedDevice] {
        let others = inputs.text("link").isEmpty ? [] : inputs.read("link", or: [], Sides(try transaction.devices()).read)
        var added: [AddedDevice] = []
        for addition in devices {
            do { added.append(try transaction.addDevice(addition.device)) } catch StoreError.invalid(let errors) {
                guard let line = addition.line else {
                    inputs.refuse(errors)
                    continue
                }
                inputs.refuse(errors.prefix(1).map { FieldError("list", DeviceLines.error(line, $0.message)) })
            }
        }
        guard inputs.errors.isEmpty else { throw Inputs.Refused(errors: inputs.errors) }
        guard !others.isEmpty else { return added }
        do { try transaction.link(LinkChange(first: added.map(\.device), second: others)) } catch StoreError.invalid(let errors) {
            inputs.refuse(errors.map { FieldError("link", $0.message) })
            throw Inputs.Refused(errors: inputs.errors)
        }
        return added
    }

    // MARK: What is unfolded

    private func isTyped(in names: [String]) -> Bool { names.contains { !inputs.text($0).isEmpty || !inputs.message($0).isEmpty } }

    private var isSpecial: Bool {
        isTyped(in: ["description", "public_key", "ipv4", "ipv6"]) || inputs.isOn("allow_overlap") || !inputs.isOn("keep_private_key")
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
