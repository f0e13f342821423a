// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
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

    /// What a change writes.
    public struct Edits: Sendable {
        /// The devices with their new values.
        public var devices: [Device] = []
        /// The prefixes that each device lists because of the change, by id: those that are new in its list, and those that only a timed link
        /// put there. Empty for an unlink.
        public var additions: [String: [IPPrefix]] = [:]
        /// The errors of the two sides, whose fields are named `a` and `b`.
        public var errors: [FieldError] = []
    }

    /// What the change writes, or why it is not possible. `timed` is what timed links own in the lists of the devices: it counts as absent, so that
    /// a link does not depend on another one that will end.
    public func edits(defaults: Defaults, hub: Hub, besides timed: TimedPrefixes = TimedPrefixes()) -> Edits {
        let pairCount = first.count * second.count
        guard pairCount <= Self.maximumPairs else {
            let message: Phrase = "That makes \(pairCount) pairs. Give at most \(Self.maximumPairs), or change the default allowed IPs instead."
            return Edits(errors: [FieldError("b", message)])
        }
        if let only = first.first, pairCount == 1, second.first?.id == only.id {
            return Edits(errors: [FieldError("b", "A link is between two devices. Name another one.")])
        }
        let actual = Dictionary((first + second).map { ($0.id, $0) }) { $1 }
        let lasting = isUnlink || timed.isEmpty ? actual : actual.mapValues(timed.stripped)
        var plan = LinkPlan(defaults: defaults, hub: hub, extent: extent)
        pairs: for a in first.compactMap({ lasting[$0.id] }) {
            for b in second.compactMap({ lasting[$0.id] }) {
                if isUnlink { plan.unlink(a, b) } else { plan.link(a, b) }
                if plan.isTooLong(a) || plan.isTooLong(b) { break pairs }
            }
        }
        if let device = plan.edits.first(where: plan.isTooLong) {
            let hint: Phrase =
                isUnlink
                ? "Shorten the default allowed IPs or its own list first."
                : "Put it on the first side and let that side list the hub's networks, or link fewer devices."
            return Edits(errors: [FieldError("a", "\(device.name) would list more than \(Settings.maximumEntries) prefixes. \(hint)")])
        }
        guard !isUnlink else { return Edits(devices: plan.edits) }
        var edits = Edits()
        for planned in plan.edits {
            guard let before = lasting[planned.id], var device = actual[planned.id] else { continue }
            let list = { (device: Device) in device.overrides.allowedIPs.resolved(over: defaults.settings.allowedIPs) }
            let (old, present) = (list(before), list(device))
            let additions = list(planned).filter { !old.contains($0) }
            edits.additions[device.id] = additions
            let missing = additions.filter { !present.contains($0) }
            guard !missing.isEmpty else { continue }
            device.overrides.allowedIPs = .own(present + missing)
            edits.devices.append(device)
        }
        return edits
    }
}
