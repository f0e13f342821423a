// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Store
import Words

/// The request to link or unlink devices, from the form or from the API.
enum LinkForm {
    /// Makes the change. Adds errors to `inputs` and throws `Inputs.Refused` if there are any. Returns the devices whose lists changed.
    @discardableResult
    static func link(_ inputs: inout Inputs, _ transaction: ChangeTransaction) throws -> [Device] {
        let change = change(&inputs, devices: try transaction.devices())
        guard inputs.errors.isEmpty else { throw Inputs.Refused(errors: inputs.errors) }
        return try inputs.collect { try transaction.link(change) }
    }

    private static func change(_ inputs: inout Inputs, devices: [Device]) -> LinkChange {
        let sides = Sides(devices)
        let change = LinkChange(
            first: inputs.read("a", or: [], sides.read), second: inputs.read("b", or: [], sides.read), isUnlink: inputs.text("do") == "unlink",
            extent: LinkPlan.Extent(includesRoutes: inputs.isOn("routes"), firstListsNetworks: inputs.isOn("networks")))
        for (field, side) in [("a", change.first), ("b", change.second)] where side.isEmpty && inputs.message(field).isEmpty {
            inputs.refuse(field, "Name at least one device.")
        }
        return change
    }
}
