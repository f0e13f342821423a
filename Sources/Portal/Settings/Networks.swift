// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The address range, and the devices in it.
struct NetworksPage: TemplateModel {
    static let routes: [Route<Handler>] = [
        Route(.get, path, Handler(.viewer, show)),
        Route(.post, path, Handler(.admin, fields: [AddressRange.field, "revision", "step", Confirmation.field], save)),
    ]
    static let path = "/settings/networks"
    static let template = Template<NetworksPage>("networks")

    static var fields: [TemplateField<NetworksPage>] {
        [
            .object(AddressRange.field) { $0.inputs.field(AddressRange.field) }, .number("revision", \.overview.hub.revision),
            .phrase("problem") { $0.inputs.problem(besides: [AddressRange.field]) },
            .optional("conflict") { $0.isStale ? Conflict(theirs: AddressRange.text($0.overview.hub)) : nil },
            .text("hub_addresses") { page in
                [page.overview.hub.ipv4, page.overview.hub.ipv6].compactMap { $0?.description }.joined(separator: ", ")
            },
            .phrase("used") { page in
                let count = page.overview.devices.count
                return .counting(count, "\(count) device has an address there. | \(count) devices have addresses there.")
            },
            .text("host_networks") { AddressRange.text(hostNetworks: $0.overview.status.hostNetworks) },
            .optional("effect", \.effect), .list("confirm_options") { Confirmation.options($0.inputs) },
        ]
    }

    let overview: Overview
    let inputs: Inputs
    var isStale = false
    /// Nil unless a preview was requested.
    var effect: Effect?

    private struct Conflict: TemplateModel {
        let theirs: String

        static var fields: [TemplateField<Conflict>] { [.text("theirs", \.theirs)] }
    }

    private static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        var inputs = Inputs([AddressRange.field: AddressRange.text(overview.hub)])
        Confirmation.start(&inputs, hub: overview.hub, client: visit.request.client)
        return try visit.page(template, NetworksPage(overview: overview, inputs: inputs), notice: visit.notice)
    }

    private static func save(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        do {
            if inputs.text("step") == "preview" {
                let draft = try visit.draft { try write(visit, &inputs, $0) }
                let overview = try visit.overview()
                let page = NetworksPage(overview: overview, inputs: inputs, effect: Effect(of: draft, on: overview))
                return try visit.page(template, page, notice: visit.notice)
            }
            let generation = try visit.change(confirming: visit.inputs) { try write(visit, &inputs, $0) }
            visit.site.refreshHosts()
            return visit.done(path, .saved, change: generation)
        } catch is Inputs.Refused {
            return try visit.page(template, NetworksPage(overview: visit.overview(), inputs: inputs), status: .unprocessableContent)
        } catch StoreError.stale {
            return try visit.page(template, NetworksPage(overview: visit.overview(), inputs: inputs, isStale: true), status: .conflict)
        }
    }

    private static func write(_ visit: Visit, _ inputs: inout Inputs, _ transaction: ChangeTransaction) throws {
        try AddressRange.write(&inputs, transaction, hostNetworks: visit.site.status().hostNetworks, expecting: inputs.expectedRevision)
        try inputs.collect {}
    }
}
