// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// The form of one device's settings.
enum SettingsHandlers {
    static func editForm(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let device = try visit.device(in: overview)
        var inputs = Inputs(DeviceForm.typed(device))
        inputs.set("both", "on")
        Confirmation.start(&inputs, hub: overview.hub, client: visit.request.client)
        return try visit.page(EditPage.page, EditPage(device: device, overview: overview, inputs: inputs).values)
    }

    /// Saves, or takes one of the steps that change the form and save nothing. A name left in the field beside the list is taken first.
    static func edit(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        guard var step = Picking.Step(inputs.text("step")) else { throw HTTPError(.badRequest, "This form has no such button.") }
        if step == .save, !inputs.text("add").isEmpty { step = .add }
        if step == .save { return try save(visit, &inputs) }
        let overview = try visit.overview()
        let device = try visit.device(in: overview)
        Picking(device: device, devices: overview.devices).take(step, &inputs)
        return try preview(visit, overview, device, &inputs)
    }

    private static func save(_ visit: Visit, _ inputs: inout Inputs) throws -> Response {
        do {
            let generation = try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
                try write(visit, &inputs, transaction)
                if let deadline = Confirmation.deadline(inputs, now: visit.now) { try transaction.awaitConfirmation(until: deadline) }
                return transaction.hasChanges ? transaction.generation : nil
            }
            return visit.done("/devices/\(visit.parameters["id"])", .saved, change: generation)
        } catch is Inputs.Refused {
            return try draw(visit, inputs, status: .unprocessableContent, isStale: false)
        } catch StoreError.stale {
            return try draw(visit, inputs, status: .conflict, isStale: true)
        }
    }

    /// The same page with the answer of a draft, rules and all.
    private static func preview(_ visit: Visit, _ overview: Overview, _ device: Device, _ inputs: inout Inputs) throws -> Response {
        do {
            guard inputs.errors.isEmpty else { throw Inputs.Refused(errors: inputs.errors) }
            let draft = try visit.site.database.draft(by: visit.author, at: visit.now) { try write(visit, &inputs, $0) }
            let newKey = DeviceForm.presharedKey(&inputs) != .keep
            let effect = Effect(on: overview, devices: draft.devices, presharedKeys: newKey ? [device.id] : [])
            return try visit.page(EditPage.page, EditPage(device: device, overview: overview, inputs: inputs, effect: effect).values)
        } catch is Inputs.Refused {
            return try draw(visit, inputs, status: .unprocessableContent, isStale: false)
        } catch StoreError.stale {
            return try draw(visit, inputs, status: .conflict, isStale: true)
        }
    }

    /// The device, and the lists of those that are to list it too.
    private static func write(_ visit: Visit, _ inputs: inout Inputs, _ transaction: ChangeTransaction) throws {
        let id = visit.parameters["id"]
        let revision = inputs.text("revision")
        let device = try transaction.device(id)
        guard revision.isEmpty || revision == String(device.revision) else {
            throw StoreError.stale(expected: Int64(revision) ?? 0, current: device.revision)
        }
        let edited = DeviceForm.edited(device, &inputs)
        let presharedKey = DeviceForm.presharedKey(&inputs)
        let saved = try inputs.collect { try transaction.update(edited) }
        switch presharedKey {
        case .keep: break
        case .set(let key): try transaction.setPresharedKey(key, ofDevice: id)
        case .remove: try transaction.setPresharedKey(nil, ofDevice: id)
        }
        guard !inputs.text("link_back").isEmpty else { return }
        var plan = LinkPlan(defaults: try transaction.defaults(), hub: try transaction.hub())
        for other in Entry.list(inputs.text("link_back")) where other != id { plan.list(saved, in: try transaction.device(other)) }
        for other in plan.edits { try inputs.collect { try transaction.update(other) } }
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status, isStale: Bool) throws -> Response {
        let overview = try visit.overview()
        let page = EditPage(device: try visit.device(in: overview), overview: overview, inputs: inputs, isStale: isStale)
        return try visit.page(EditPage.page, page.values, status: status)
    }
}
