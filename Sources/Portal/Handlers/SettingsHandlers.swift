// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Store

/// The forms of one device's settings and of the defaults.
enum SettingsHandlers {
    static func editForm(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let device = try visit.device(in: overview)
        let inputs = Inputs(DeviceForm.typed(device, over: overview.defaults.settings))
        return try visit.page(EditPage.page, EditPage(device: device, overview: overview, inputs: inputs).values)
    }

    static func edit(_ visit: Visit) throws -> Response {
        let id = visit.parameters["id"]
        var inputs = visit.inputs
        let revision = inputs.text("revision")
        do {
            try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
                let device = try transaction.device(id)
                guard revision.isEmpty || revision == String(device.revision) else {
                    throw StoreError.stale(expected: Int64(revision) ?? 0, current: device.revision)
                }
                let edited = DeviceForm.edited(device, &inputs)
                let presharedKey = DeviceForm.presharedKey(&inputs)
                try inputs.collect { try transaction.update(edited) }
                switch presharedKey {
                case .keep: break
                case .set(let key): try transaction.setPresharedKey(key, ofDevice: id)
                case .remove: try transaction.setPresharedKey(nil, ofDevice: id)
                }
            }
            return visit.done("/devices/\(id)", .saved)
        } catch is Inputs.Refused {
            return try draw(visit, inputs, status: .unprocessableContent, isStale: false)
        } catch StoreError.stale {
            return try draw(visit, inputs, status: .conflict, isStale: true)
        }
    }

    static func defaultsForm(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let inputs = Inputs(SettingsForm.typed(overview.defaults.settings))
        return try visit.page(DefaultsPage.page, DefaultsPage(overview: overview, inputs: inputs).values, notice: visit.notice)
    }

    static func editDefaults(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        let revision = inputs.text("revision")
        var isStale = false
        do {
            try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
                var defaults = try transaction.defaults()
                guard revision.isEmpty || revision == String(defaults.revision) else {
                    throw StoreError.stale(expected: Int64(revision) ?? 0, current: defaults.revision)
                }
                defaults.settings = SettingsForm.settings(&inputs, changing: defaults.settings)
                try inputs.collect { try transaction.update(defaults) }
            }
            visit.site.refreshHosts()
            return visit.done("/settings/defaults", .saved)
        } catch is Inputs.Refused {
            isStale = false
        } catch StoreError.stale {
            isStale = true
        }
        let page = DefaultsPage(overview: try visit.overview(), inputs: inputs, isStale: isStale)
        return try visit.page(DefaultsPage.page, page.values, status: isStale ? .conflict : .unprocessableContent)
    }

    private static func draw(_ visit: Visit, _ inputs: Inputs, status: Status, isStale: Bool) throws -> Response {
        let overview = try visit.overview()
        let page = EditPage(device: try visit.device(in: overview), overview: overview, inputs: inputs, isStale: isStale)
        return try visit.page(EditPage.page, page.values, status: status)
    }
}
