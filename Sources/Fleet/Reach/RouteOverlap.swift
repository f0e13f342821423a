// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// A route of one device that covers an address or a route of another one. The longer prefix wins: its device keeps the addresses.
public struct RouteOverlap: Equatable, Sendable {
    /// The device with the wider prefix.
    public let wide: Device
    public let route: IPPrefix
    /// The device that keeps `part`.
    public let owner: Device
    public let part: IPPrefix

    /// The overlaps of `device` with `others`: first those where it is the owner, then those where others are. Includes disabled and expired
    /// devices, because they keep their addresses.
    public static func of(_ device: Device, among others: [Device]) -> [RouteOverlap] {
        var owned: [RouteOverlap] = []
        var covered: [RouteOverlap] = []
        for other in others where other.id != device.id {
            for route in other.routes {
                for part in device.ownedPrefixes where route.length < part.length && route.contains(part) {
                    owned.append(RouteOverlap(wide: other, route: route, owner: device, part: part))
                }
            }
            for route in device.routes where !route.isHost {
                for part in other.ownedPrefixes where route.length < part.length && route.contains(part) {
                    covered.append(RouteOverlap(wide: device, route: route, owner: other, part: part))
                }
            }
        }
        return owned + covered
    }

    /// A sentence for the page of either device.
    public var sentence: Phrase {
        "The route \(route) of \(wide.name) covers \(part), which belongs to \(owner.name). The longer prefix wins: packets to \(part) go to \(owner.name)."
    }
}
