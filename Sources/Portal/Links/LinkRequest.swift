// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// Who is to reach whom, or no longer, as the form and the API ask for it.
struct LinkRequest {
    var first: [Device]
    var second: [Device]
    var isUnlink: Bool
    var extent: LinkPlan.Extent

    /// Pairs of one request at most.
    static let maximumPairs = 20_000

    /// Messages about `a` and `b` end up in `inputs`.
    init(_ inputs: inout Inputs, devices: [Device]) {
        let sides = Sides(devices)
        first = inputs.read("a", or: [], sides.read)
        second = inputs.read("b", or: [], sides.read)
        isUnlink = inputs.text("do") == "unlink"
        extent = LinkPlan.Extent(includesRoutes: inputs.isOn("routes"), firstListsNetworks: inputs.isOn("networks"))
        for (field, side) in [("a", first), ("b", second)] where side.isEmpty && inputs.message(field).isEmpty {
            inputs.refuse(field, "Name at least one device.")
        }
        if first.count * second.count > Self.maximumPairs {
            inputs.refuse(
                "b", "These are \(first.count * second.count) pairs. Give at most \(Self.maximumPairs), or change the default allowed IPs instead.")
        }
        if let only = first.first, first.count == 1, second.count == 1, second.first?.id == only.id {
            inputs.refuse("b", "A link is between two devices. Name another one.")
        }
    }

    /// The devices as they should be written. Messages about lists that grow too long end up in `inputs`.
    func edits(_ inputs: inout Inputs, defaults: Defaults, hub: Hub) -> [Device] {
        guard inputs.errors.isEmpty else { return [] }
        var plan = LinkPlan(defaults: defaults, hub: hub, extent: extent)
        pairs: for a in first {
            for b in second {
                if isUnlink { plan.unlink(a, b) } else { plan.link(a, b) }
                if plan.isTooLong(a) || plan.isTooLong(b) { break pairs }
            }
        }
        let tooLong = plan.edits.filter(plan.isTooLong)
        if let device = tooLong.first {
            let hint: Phrase =
                isUnlink
                ? "Give the default allowed IPs, or its own, a narrower list first."
                : "Put it on the first side and let that list the hub's networks, or link fewer devices."
            inputs.refuse("a", "\(device.name) would list more than \(Settings.maximumEntries) prefixes. \(hint)")
        }
        return plan.edits
    }
}
