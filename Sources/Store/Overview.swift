// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net

extension ReadTransaction {
    /// Everything that pages and the doctor show, as this transaction sees it, with what the hub says beside it. Throws `.notFound` before
    /// the first start made a hub.
    public func overview(status: HubStatus, rates: Rates = Rates(), cache: ReachabilityCache = ReachabilityCache(), now: UnixTime) throws -> Overview
    {
        Overview(
            hub: try hub(), defaults: try defaults(), index: try deviceIndex(), generation: try generation(), status: status, rates: rates,
            cache: cache, now: now)
    }
}
