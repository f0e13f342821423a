// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store

/// What follows the set-up: the first two devices in one form, and their files until they are connected.
enum WelcomeHandlers {
    static let path = "/welcome"
    /// The fields of the form, and in the query of the page behind it the devices' ids.
    static let names = ["first", "second"]
    static let page = Page("welcome", TemplateShape.form("first", "second").merging("problem endpoint_notice"))

    /// A hub that has devices is past this.
    static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        return overview.devices.isEmpty ? try draw(visit, Inputs([:])) : visit.done("/devices")
    }

    /// Makes both or neither. Where the defaults do not let them reach each other, a link does.
    static func add(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        do {
            let pair = try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
                let pair = try names.compactMap { try add($0, &inputs, transaction) }
                try inputs.collect {}
                var plan = LinkPlan(defaults: try transaction.defaults(), hub: try transaction.hub())
                plan.link(pair[0], pair[1])
                for device in plan.edits { try transaction.update(device) }
                return pair
            }
            return .redirect(to: Link("\(path)/files").with(names[0], pair[0].id).with(names[1], pair[1].id).text)
        } catch is Inputs.Refused {
            return try draw(visit, inputs, status: .unprocessableContent)
        }
    }

    static func files(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let pair = try names.map { name in
            let id = visit.request.query[name] ?? ""
            guard let device = overview.index[id] else { throw StoreError.notFound(kind: "device", id: id) }
            return WelcomePage.Side(device: device, file: try visit.file(of: device, overview))
        }
        return try visit.page(WelcomePage.page, WelcomePage(overview: overview, first: pair[0], second: pair[1]).values)
    }

    /// A device whose name stands in `field`; nil after its messages were noted there.
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
        var values: [String: TemplateValue] = [
            "problem": inputs.problem(besides: names), "endpoint_notice": .phrase(try visit.overview().endpointNotice),
        ]
        for name in names { values[name] = inputs.field(name) }
        return try visit.page(page, values, status: status)
    }
}
