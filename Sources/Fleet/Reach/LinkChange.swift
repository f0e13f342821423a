// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// Links or unlinks each device of one side with each device of the other.
public struct LinkChange: Sendable {
    public var first: [Device]
    public var second: [Device]
    /// True to remove the links.
    public var isUnlink: Bool
    public var extent: LinkPlan.Extent

    /// The maximum number of pairs in one change.
    public static let maximumPairs = 20_000

    public init(first: [Device], second: [Device], isUnlink: Bool = false, extent: LinkPlan.Extent = LinkPlan.Extent()) {
        self.first = first
        self.second = second
        self.isUnlink = isUnlink
        self.extent = extent
    }

    /// The devices with their new values, and the errors of the two sides, whose fields are named `a` and `b`.
    public func edits(defaults: Defaults, hub: Hub) -> (devices: [Device], errors: [FieldError]) {
        let pairCount = first.count * second.count
        guard pairCount <= Self.maximumPairs else {
            let message: Phrase = "These are \(pairCount) pairs. Give at most \(Self.maximumPairs), or change the default allowed IPs instead."
            return ([], [FieldError("b", message)])
        }
        if let only = first.first, pairCount == 1, second.first?.id == only.id {
            return ([], [FieldError("b", "A link is between two devices. Name another one.")])
        }
        var plan = LinkPlan(defaults: defaults, hub: hub, extent: extent)
        pairs: for a in first {
            for b in second {
                if isUnlink { plan.unlink(a, b) } else { plan.link(a, b) }
                if plan.isTooLong(a) || plan.isTooLong(b) { break pairs }
            }
        }
        guard let device = plan.edits.first(where: plan.isTooLong) else { return (plan.edits, []) }
        let hint: Phrase =
            isUnlink
            ? "Shorten the default allowed IPs or its own list first."
            : "Put it on the first side and let that side list the hub's networks, or link fewer devices."
        return ([], [FieldError("a", "\(device.name) would list more than \(Settings.maximumEntries) prefixes. \(hint)")])
    }
}
