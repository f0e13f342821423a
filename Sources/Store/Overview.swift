// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net

extension ReadTransaction {
    /// Everything that pages and the doctor show: the state that this transaction sees, with the hub's status. Throws `.notFound` if no hub
    /// has been created yet.
    public func overview(status: HubStatus, rates: Rates = Rates(), cache: ReachabilityCache = ReachabilityCache(), now: UnixTime) throws -> Overview
    {
        let (inventory, generation) = try inventory()
        return Overview(
            hub: try Hub.made(inventory.hub), defaults: inventory.defaults, index: inventory.index, generation: generation, status: status,
            rates: rates, cache: cache, now: now)
    }

    /// What every page shows: the hub's name, nil if no hub has been created yet, and the progress of its generation.
    public func hubNameAndGeneration() throws -> (String?, Generation) {
        let (inventory, generation) = try inventory()
        return (inventory.hub?.name, generation)
    }
}
