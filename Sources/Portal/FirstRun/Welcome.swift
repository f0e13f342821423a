// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The page after set-up: names for the first two devices.
struct WelcomePage: TemplateModel {
    static let path = "/welcome"
    static let template = Template<WelcomePage>("welcome")
    static let routes: [Route<Handler>] = [
        Route(.get, path, Handler(.admin, show)),
        Route(.post, path, Handler(.admin, fields: ["first", "second"], add)),
    ]

    static var fields: [TemplateField<WelcomePage>] {
        [.optional("endpoint_notice", \.endpointNotice)] + TemplateField.form("first", "second", of: \.inputs)
    }

    private let inputs: Inputs
    private let endpointNotice: EndpointNotice?

    /// Leads to the list of devices once there are any.
    static func show(_ visit: Visit) throws -> Response {
        try visit.overview().devices.isEmpty ? draw(visit, Inputs([:])) : visit.done("/devices")
    }

    /// Adds both devices or neither, and links them if the defaults do not let them reach each other.
    static func add(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        do {
            let pair = try visit.change { transaction in
                let pair = try ["first", "second"].compactMap { try add($0, &inputs, transaction) }
                try inputs.collect {}
                var plan = LinkPlan(defaults: try transaction.defaults(), hub: try transaction.hub())
                plan.link(pair[0], pair[1])
                for device in plan.edits { try transaction.update(device) }
                return pair
            }
            return .redirect(to: WelcomeFilesPage.link(pair[0], pair[1]).text)
        } catch is Inputs.Refused {
            return try draw(visit, inputs, status: .unprocessableContent)
        }
    }

    /// The device that `field` names; nil if it is invalid, after adding the errors to `inputs`.
    private static func add(_ field: String, _ inputs: inout Inputs, _ transaction: ChangeTransaction) throws -> Device? {
        let key = PrivateKey.generate()
        do {
            return try transaction.add(NewDevice(name: inputs.text(field), publicKey: key.publicKey, privateKey: key))
        } catch StoreError.invalid(let errors) {
            inputs.refuse(errors.map { FieldError($0.field == "name" ? field : $0.field, $0.message) })
            return nil
        }
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status = .ok) throws -> Response {
        try visit.page(template, WelcomePage(inputs: inputs, endpointNotice: EndpointNotice(try visit.overview())), status: status)
    }
}
