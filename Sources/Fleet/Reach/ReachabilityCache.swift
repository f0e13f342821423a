// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Synchronization

/// Caches the reachability table and the names until something changes them. Making either of ten thousand devices takes too long for a page
/// request. Thread rule: any thread. One lock for each, held while a new one is made, so that two pages do not make it twice.
public final class ReachabilityCache: Sendable {
    private struct Content {
        let generation: Int64
        /// The time at which the next device expires.
        let endsAt: UnixTime?
        let madeAt: UnixTime
        let gateway: Gateway?
        let value: Reachability
        /// Made when it is first asked for.
        var oneSided: OneSidedSearch??
    }

    private let latest = Mutex<Content?>(nil)
    private let latestNames = Mutex<(generation: Int64, value: NameTable)?>(nil)

    public init() {}

    /// The current table: the cached one if it is still valid, otherwise a new one.
    public func reachability(of overview: Overview) -> Reachability {
        latest.withLock { latest in
            let content = Self.content(of: overview, latest)
            latest = content
            return content.value
        }
    }

    /// The one-sided links between all devices; nil if there are too many different lists.
    public func oneSided(of overview: Overview) -> OneSidedSearch? {
        latest.withLock { latest in
            var content = Self.content(of: overview, latest)
            let search = content.oneSided ?? OneSidedSearch(overview.devices, content.value)
            content.oneSided = .some(search)
            latest = content
            return search
        }
    }

    /// The content, if it is still valid, otherwise a new one.
    private static func content(of overview: Overview, _ latest: Content?) -> Content {
        let (generation, now) = (overview.generation.desired, overview.now)
        let gateway = overview.status.gateway
        if let latest, latest.generation == generation, latest.gateway == gateway, latest.madeAt <= now, latest.endsAt.map({ now < $0 }) ?? true {
            return latest
        }
        let value = Reachability(
            devices: overview.devices, defaults: overview.defaults, hub: overview.hub, rules: overview.rules, gateway: gateway, now: now)
        let endsAt = overview.devices.lazy.compactMap(\.expiresAt).filter { $0 > now }.min()
        return Content(generation: generation, endsAt: endsAt, madeAt: now, gateway: gateway, value: value)
    }

    /// The current names: the cached ones if nothing has changed since.
    func names(of overview: Overview) -> NameTable {
        latestNames.withLock { latest in
            if let latest, latest.generation == overview.generation.desired { return latest.value }
            let value = NameTable(overview.devices.lazy.map(NameTable.Member.init), hub: overview.hub)
            latest = (overview.generation.desired, value)
            return value
        }
    }
}
