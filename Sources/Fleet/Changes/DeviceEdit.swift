// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The fields to change in an edit of a device. Nil leaves a field unchanged; `.some(nil)` clears an optional field.
public struct DeviceEdit: Sendable {
    public var name: String?
    public var description: String?
    public var tags: [Tag]?
    public var enabled: Bool?
    public var expiresAt: UnixTime??
    public var ipv4: NewDevice.Address?
    public var ipv6: NewDevice.Address?
    public var routes: [IPPrefix]?
    /// True if new routes may cover addresses, networks and routes of others, which keep them.
    public var allowsOverlap = false
    /// The settings that the device overrides. Replaces all earlier ones.
    public var overrides: Overrides?
    public var presharedKey = PresharedKeyChange.keep
    /// The ids of the devices whose allowed IPs are to include this device.
    public var listedBy: [String] = []

    /// What to do with the preshared key.
    public enum PresharedKeyChange: Equatable, Sendable {
        case keep
        case set(PresharedKey)
        case remove
    }

    public init(enabled: Bool? = nil) { self.enabled = enabled }

    /// Writes the fields to `device`. Does not change the preshared key or the lists of other devices. `lowestFree` finds the lowest free
    /// address of a family.
    public func apply(to device: inout Device, lowestFree: (AddressFamily) throws -> IPAddress?) rethrows {
        device.name = name ?? device.name
        device.description = description ?? device.description
        device.tags = tags ?? device.tags
        device.enabled = enabled ?? device.enabled
        device.expiresAt = expiresAt ?? device.expiresAt
        device.ipv4 = try ipv4.map { try $0.resolved { try lowestFree(.v4) } } ?? device.ipv4
        device.ipv6 = try ipv6.map { try $0.resolved { try lowestFree(.v6) } } ?? device.ipv6
        device.routes = routes ?? device.routes
        device.overrides = overrides ?? device.overrides
    }
}

extension NewDevice.Address {
    /// The address; nil for none.
    func resolved(_ lowestFree: () throws -> IPAddress?) rethrows -> IPAddress? {
        switch self {
        case .none: nil
        case .own(let address): address
        case .lowestFree: try lowestFree()
        }
    }
}
