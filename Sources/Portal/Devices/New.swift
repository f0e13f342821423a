// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store
import Templates
import Words

/// The form that adds a device.
struct NewDevicePage: TemplateModel {
    static let template = Template<NewDevicePage>("device_new")

    static let routes: [Route<Handler>] = [
        Route(.get, "/devices/new", Handler(.admin, show)),
        Route(.post, "/devices", Handler(.admin, fields: names, add)),
    ]

    static var fields: [TemplateField<NewDevicePage>] {
        [
            .flag("keep_private_key") { $0.inputs.isOn("keep_private_key") },
            .flag("allow_overlap") { $0.inputs.isOn("allow_overlap") },
        ] + TemplateField.form("name", "description", "tags", "public_key", "ipv4", "ipv6", of: \.inputs)
    }

    private static let names: Set = ["name", "description", "tags", "public_key", "ipv4", "ipv6", "keep_private_key", "allow_overlap"]

    let inputs: Inputs

    private static func show(_ visit: Visit) throws -> Response {
        try visit.page(template, NewDevicePage(inputs: Inputs(["keep_private_key": "on"])))
    }

    private static func add(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        let new = DeviceForm.new(&inputs)
        do {
            let added = try visit.change { transaction in try inputs.collect { try transaction.addDevice(new) } }
            if let key = added.privateKey, !added.device.hasPrivateKey { visit.remember(key, of: added.device) }
            return visit.done("/devices/\(added.device.id)", .added)
        } catch is Inputs.Refused {
            return try visit.page(template, NewDevicePage(inputs: inputs), status: .unprocessableContent)
        }
    }
}
