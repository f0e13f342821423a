// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Store
import Words

/// Who is to reach whom, or no longer, as the form and the API ask for it.
enum LinkForm {
    /// Does it. Messages end up in `inputs`; throws `Inputs.Refused` when there are any. The answer holds the devices whose lists changed.
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
