// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// What an edit of a device asks for. Nil leaves a field as it is; `.some(nil)` empties one that may be empty.
public struct DeviceEdit: Sendable {
    public var name: String?
    public var description: String?
    public var tags: [Tag]?
    public var enabled: Bool?
    public var expiresAt: UnixTime??
    public var ipv4: IPAddress??
    public var ipv6: IPAddress??
    public var routes: [IPPrefix]?
    /// The settings of its own, all of them.
    public var overrides: Overrides?
    public var presharedKey = PresharedKeyChange.keep
    /// The ids of devices that get this one into their allowed IPs.
    public var listedBy: [String] = []

    /// What becomes of the preshared key.
    public enum PresharedKeyChange: Equatable, Sendable {
        case keep
        case set(PresharedKey)
        case remove
    }

    public init(enabled: Bool? = nil) { self.enabled = enabled }

    /// Writes the fields into a device. The preshared key and other devices' lists are not part of it.
    public func apply(to device: inout Device) {
        device.name = name ?? device.name
        device.description = description ?? device.description
        device.tags = tags ?? device.tags
        device.enabled = enabled ?? device.enabled
        device.expiresAt = expiresAt ?? device.expiresAt
        device.ipv4 = ipv4 ?? device.ipv4
        device.ipv6 = ipv6 ?? device.ipv6
        device.routes = routes ?? device.routes
        device.overrides = overrides ?? device.overrides
    }
}
