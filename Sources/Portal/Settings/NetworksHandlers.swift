// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// The form of the address range.
enum NetworksHandlers {
    static let path = "/settings/networks"

    static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        var inputs = Inputs([AddressRange.field: AddressRange.text(overview.hub)])
        Confirmation.start(&inputs, hub: overview.hub, client: visit.request.client)
        return try draw(visit, overview, inputs)
    }

    static func edit(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        do {
            if inputs.text("step") == "preview" {
                let draft = try visit.site.database.draft(by: visit.author, at: visit.now) { try write(visit, &inputs, $0) }
                let overview = try visit.overview()
                return try draw(visit, overview, inputs, effect: Effect(of: draft, on: overview))
            }
            let generation = try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
                try write(visit, &inputs, transaction)
                if let deadline = Confirmation.deadline(inputs, now: visit.now) { try transaction.awaitConfirmation(until: deadline) }
                return transaction.hasChanges ? transaction.generation : nil
            }
            visit.site.refreshHosts()
            return visit.done(path, .saved, change: generation)
        } catch is Inputs.Refused {
            return try draw(visit, visit.overview(), inputs, status: .unprocessableContent)
        } catch StoreError.stale {
            return try draw(visit, visit.overview(), inputs, status: .conflict, isStale: true)
        }
    }

    private static func write(_ visit: Visit, _ inputs: inout Inputs, _ transaction: ChangeTransaction) throws {
        let revision = inputs.text("revision")
        let current = try transaction.hub().revision
        guard revision.isEmpty || revision == String(current) else { throw StoreError.stale(expected: Int64(revision) ?? 0, current: current) }
        try AddressRange.write(&inputs, transaction, hostNetworks: visit.site.status().hostNetworks)
        try inputs.collect {}
    }

    private static func draw(
        _ visit: Visit, _ overview: Overview, _ inputs: Inputs, status: Status = .ok, isStale: Bool = false, effect: Effect? = nil
    ) throws -> Response {
        let page = NetworksPage(overview: overview, inputs: inputs, isStale: isStale, effect: effect)
        return try visit.page(NetworksPage.page, page.values, status: status, notice: status == .ok ? visit.notice : "")
    }
}
