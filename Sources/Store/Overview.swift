// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net

extension ReadTransaction {
    /// Everything that pages and the doctor show: the state that this transaction sees, with the hub's status. Throws `.notFound` if no hub
    /// has been created yet.
    public func overview(status: HubStatus, rates: Rates = Rates(), cache: ReachabilityCache = ReachabilityCache(), now: UnixTime) throws -> Overview
    {
        Overview(
            hub: try hub(), defaults: try defaults(), index: try deviceIndex(), generation: try generation(), status: status, rates: rates,
            cache: cache, now: now)
    }
}
