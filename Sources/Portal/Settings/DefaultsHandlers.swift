// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store

/// The form of the defaults.
enum DefaultsHandlers {
    static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        var inputs = Inputs(SettingsForm.typed(overview.defaults.settings))
        inputs.set(DefaultsPage.portalURL, overview.hub.portalURL ?? "")
        inputs.set(Preset.field, Preset.matching(overview.defaults.settings.allowedIPs, hub: overview.hub).rawValue)
        Confirmation.start(&inputs, hub: overview.hub, client: visit.request.client)
        return try visit.page(DefaultsPage.page, DefaultsPage(overview: overview, inputs: inputs).values, notice: visit.notice)
    }

    static func edit(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        let overview = try visit.overview()
        Preset.apply(&inputs, saved: overview.defaults.settings.allowedIPs, hub: overview.hub)
        do {
            if inputs.text("step") == "preview" {
                let draft = try visit.site.database.draft(by: visit.author, at: visit.now) { try write(&inputs, $0) }
                let effect = Effect(on: overview, devices: cleared(inputs, overview.devices), defaults: draft.defaults)
                return try visit.page(DefaultsPage.page, DefaultsPage(overview: overview, inputs: inputs, effect: effect).values)
            }
            let generation = try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
                try write(&inputs, transaction)
                for device in cleared(inputs, try transaction.devices()) { try transaction.update(device) }
                if let deadline = Confirmation.deadline(inputs, now: visit.now) { try transaction.awaitConfirmation(until: deadline) }
                return transaction.hasChanges ? transaction.generation : nil
            }
            visit.site.refreshHosts()
            return visit.done("/settings/defaults", .saved, change: generation)
        } catch is Inputs.Refused {
            return try draw(visit, inputs, status: .unprocessableContent, isStale: false)
        } catch StoreError.stale {
            return try draw(visit, inputs, status: .conflict, isStale: true)
        }
    }

    private static func write(_ inputs: inout Inputs, _ transaction: ChangeTransaction) throws {
        let revision = inputs.text("revision")
        var defaults = try transaction.defaults()
        guard revision.isEmpty || revision == String(defaults.revision) else {
            throw StoreError.stale(expected: Int64(revision) ?? 0, current: defaults.revision)
        }
        defaults.settings = SettingsForm.settings(&inputs, changing: defaults.settings)
        var hub = try transaction.hub()
        if inputs.has(DefaultsPage.portalURL) { hub.portalURL = inputs.read(DefaultsPage.portalURL, or: hub.portalURL, Entry.portalURL) }
        try inputs.collect {
            try transaction.update(defaults)
            try transaction.update(hub)
        }
    }

    /// The devices that give up their own values for the fields whose box is checked, as they would be written.
    private static func cleared(_ inputs: Inputs, _ devices: [Device]) -> [Device] {
        let names = SettingName.allCases.filter { inputs.isOn("clear_\($0.rawValue)") }
        guard !names.isEmpty else { return [] }
        return devices.compactMap { device in
            var new = device
            for name in names { name.inherit(in: &new.overrides) }
            return new.overrides == device.overrides ? nil : new
        }
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status, isStale: Bool) throws -> Response {
        let page = DefaultsPage(overview: try visit.overview(), inputs: inputs, isStale: isStale)
        return try visit.page(DefaultsPage.page, page.values, status: status)
    }
}
