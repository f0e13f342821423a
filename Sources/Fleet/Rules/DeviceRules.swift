// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// The rules for a device, by itself and in relation to other devices. Collects all errors, so that the user sees all of them at once.
public struct DeviceRules {
    /// The maximum number of prefixes behind one device. A larger number is most likely a mistake.
    public static let maximumRoutes = 128

    /// Looks up which other device already has a value.
    public struct Holders {
        var ofName: (_ folded: String) throws -> String?
        var ofPublicKey: (PublicKey) throws -> String?
        var ofAddress: (IPAddress) throws -> String?
        var ofRoute: (IPPrefix) throws -> String?
        var ofAddressIn: (IPPrefix) throws -> (name: String, address: IPAddress)?
        var ofRouteOverlapping: (IPPrefix) throws -> (name: String, route: IPPrefix)?

        /// Each closure returns the name of the other device that has the value, or nil. The device being changed does not count.
        /// `ofAddressIn` finds a device with an address in a range, `ofRouteOverlapping` one with a route that shares addresses with it.
        public init(
            ofName: @escaping (_ folded: String) throws -> String?, ofPublicKey: @escaping (PublicKey) throws -> String?,
            ofAddress: @escaping (IPAddress) throws -> String?, ofRoute: @escaping (IPPrefix) throws -> String?,
            ofAddressIn: @escaping (IPPrefix) throws -> (name: String, address: IPAddress)?,
            ofRouteOverlapping: @escaping (IPPrefix) throws -> (name: String, route: IPPrefix)?
        ) {
            self.ofName = ofName
            self.ofPublicKey = ofPublicKey
            self.ofAddress = ofAddress
            self.ofRoute = ofRoute
            self.ofAddressIn = ofAddressIn
            self.ofRouteOverlapping = ofRouteOverlapping
        }
    }

    private let holders: Holders
    private let allowsOverlap: Bool
    /// The errors found so far, in the order of the checks.
    public private(set) var errors: [FieldError] = []

    /// `holders` looks up values of the other devices. If `allowsOverlap`, routes may cover what others have, and an address may be inside a
    /// route of another device. The longest prefix wins, so all keep what they have.
    public init(_ holders: Holders, allowsOverlap: Bool = false) {
        self.holders = holders
        self.allowsOverlap = allowsOverlap
    }

    /// Checks the name and the description.
    public mutating func check(name: String, description: String) throws {
        if let message = TextRules.nameProblem(name) {
            errors.append(FieldError("name", message))
        } else if let other = try holders.ofName(FoldedName.of(name)) {
            errors.append(FieldError("name", "\(other) has this name already. Choose another; case does not count."))
        }
        if let message = TextRules.descriptionProblem(description) { errors.append(FieldError("description", message)) }
    }

    /// Checks the number of tags.
    public mutating func check(_ tags: [Tag]) {
        guard Set(tags).count > Device.maximumTags else { return }
        errors.append(FieldError("tags", "There are \(Set(tags).count) tags. Give at most \(Device.maximumTags)."))
    }

    /// Checks that a device can have this key and no other one has it.
    public mutating func check(publicKey: PublicKey, hub: Hub) throws {
        if publicKey == hub.publicKey {
            errors.append(FieldError("public_key", "This is the hub's own public key. Give the key of the device; wg pubkey prints it there."))
        } else if publicKey.isOfLowOrder {
            errors.append(FieldError("public_key", "No device can connect with this public key. Give the one that wg pubkey prints."))
        }
        guard let other = try holders.ofPublicKey(publicKey) else { return }
        errors.append(FieldError("public_key", "\(other) has this public key already. Every device needs a key of its own."))
    }

    /// Checks a preshared key. WireGuard uses zeros when there is none.
    public mutating func check(_ presharedKey: PresharedKey) {
        guard presharedKey.isZero else { return }
        errors.append(FieldError("preshared_key", "A preshared key of zeros is the same as none. Give another one, or none."))
    }

    /// Checks an address that the user chose.
    public mutating func check(_ address: IPAddress, _ family: AddressFamily, hub: Hub) throws {
        let field = family.rawValue
        guard let network = hub.network(family) else {
            errors.append(FieldError(field, "The hub has no \(family.name) network, so \(address) cannot be used. Leave the field empty."))
            return
        }
        if let problem = AddressPool(network, hub: hub.address(family)).problem(with: address) {
            errors.append(FieldError(field, problem))
        } else if let other = try holders.ofAddress(address) {
            errors.append(FieldError(field, "\(address) belongs to \(other). Choose another, or leave the field empty for the lowest free one."))
        } else if let other = try holders.ofRoute(IPPrefix(host: address)) {
            errors.append(FieldError(field, "\(address) is a route of \(other). Choose another, or remove that route first."))
        } else if !allowsOverlap, let (other, route) = try holders.ofRouteOverlapping(IPPrefix(host: address)) {
            errors.append(FieldError(field, "\(address) is inside \(route), a route of \(other). Choose another, or allow the overlap."))
        }
    }

    /// Checks the routes. Two devices cannot have the same prefix. Other overlaps with addresses, networks and routes must be allowed
    /// explicitly, except for routes in `unchanged`.
    public mutating func check(routes: [IPPrefix], own addresses: [IPAddress], hub: Hub, unchanged: [IPPrefix] = []) throws {
        if routes.count > Self.maximumRoutes {
            errors.append(FieldError("routes", "There are \(routes.count) routes. Give at most \(Self.maximumRoutes)."))
            return
        }
        var seen: Set<IPPrefix> = Set(addresses.map(IPPrefix.init(host:)))
        for route in routes {
            if let problem = try problem(with: route, hub: hub) ?? (unchanged.contains(route) ? nil : overlap(of: route, hub: hub)) {
                errors.append(FieldError("routes", problem))
            } else if !seen.insert(route).inserted {
                errors.append(FieldError("routes", "\(route) belongs to this device already. Remove it here."))
            }
        }
    }

    /// Checks the settings that the device overrides.
    public mutating func check(_ overrides: Overrides) { errors += overrides.errors }

    /// Adds an error that was found elsewhere.
    public mutating func refuse(_ field: String, _ message: Phrase) { errors.append(FieldError(field, message)) }

    private func problem(with route: IPPrefix, hub: Hub) throws -> Phrase? {
        if let special = route.unroutableRange {
            return "\(route) is part of \(special), which is for multicast, loopback or other special uses. Remove it here."
        }
        if hub.addresses.contains(where: { IPPrefix(host: $0) == route }) {
            return "\(route) is the hub's own address. Remove it here."
        }
        if let other = try holders.ofRoute(route) { return "\(route) is a route of \(other) already. Remove it there first." }
        if route.isHost, let other = try holders.ofAddress(route.address) {
            return "\(route) is the address of \(other). Remove it here."
        }
        return nil
    }

    private func overlap(of route: IPPrefix, hub: Hub) throws -> Phrase? {
        if allowsOverlap { return nil }
        let hint: Phrase = "Give a smaller range, or allow the overlap."
        if let network = hub.networks.first(where: { route.contains($0) }) {
            return "\(route) covers the tunnel network \(network) and so every device. \(hint)"
        }
        if let (other, address) = try holders.ofAddressIn(route) { return "\(route) covers \(address), the address of \(other). \(hint)" }
        if let address = [hub.ipv4, hub.ipv6].compactMap({ $0 }).first(where: { route.contains($0) }) {
            return "\(route) covers \(address), the hub's own address. \(hint)"
        }
        if let (other, taken) = try holders.ofRouteOverlapping(route) { return "\(route) overlaps \(taken), a route of \(other). \(hint)" }
        return nil
    }
}
