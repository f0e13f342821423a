// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Store

/// The devices that a form is about: those that were ticked, or all of a view.
struct DeviceSelection {
    /// Fields of such a form besides the boxes, which are named `device`.
    static let names = DeviceView.names.union(["all"])

    let view: DeviceView
    let isAll: Bool
    /// Those that are still there, by name or in the order of the view.
    let devices: [Device]

    init(_ inputs: Inputs, _ overview: Overview, search: DeviceSearch) {
        view = DeviceView { inputs.has($0) ? inputs.text($0) : nil }
        isAll = inputs.isOn("all")
        let chosen = Set(inputs.list("device"))
        devices = isAll ? view.devices(of: overview, search) : overview.devices.filter { chosen.contains($0.id) }
    }

    /// Where the form came from.
    var origin: Link { view.link(toPage: view.number) }

    /// The list with the same boxes ticked.
    var ticked: Link { origin.with("selected", isAll ? "all" : devices.prefix(DevicesPage.rowsPerPage).map(\.id).joined(separator: ",")) }

    /// The hidden fields that bring the same selection back.
    var fields: [HiddenField] {
        let chosen = isAll ? [HiddenField(name: "all", value: "on")] : devices.map { HiddenField(name: "device", value: $0.id) }
        return view.fields + [HiddenField(name: "page", value: String(view.number))] + chosen
    }
}
