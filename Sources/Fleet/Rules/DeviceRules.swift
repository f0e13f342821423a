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

        /// Each closure returns the name of the other device that has the value, or nil. The device being changed does not count.
        public init(
            ofName: @escaping (_ folded: String) throws -> String?, ofPublicKey: @escaping (PublicKey) throws -> String?,
            ofAddress: @escaping (IPAddress) throws -> String?, ofRoute: @escaping (IPPrefix) throws -> String?
        ) {
            self.ofName = ofName
            self.ofPublicKey = ofPublicKey
            self.ofAddress = ofAddress
            self.ofRoute = ofRoute
        }
    }

    private let holders: Holders
    /// The errors found so far, in the order of the checks.
    public private(set) var errors: [FieldError] = []

    /// `holders` looks up values of the other devices.
    public init(_ holders: Holders) { self.holders = holders }

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

    /// Checks that no other device has this key.
    public mutating func check(publicKey: PublicKey) throws {
        guard let other = try holders.ofPublicKey(publicKey) else { return }
        errors.append(FieldError("public_key", "\(other) has this public key already. Every device needs a key of its own."))
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
        }
    }

    /// Checks the routes. Routes may be nested; the longest prefix wins. Two devices cannot have the same prefix.
    public mutating func check(routes: [IPPrefix], own addresses: [IPAddress], hub: Hub) throws {
        if routes.count > Self.maximumRoutes {
            errors.append(FieldError("routes", "There are \(routes.count) routes. Give at most \(Self.maximumRoutes)."))
            return
        }
        var seen: Set<IPPrefix> = Set(addresses.map(IPPrefix.init(host:)))
        for route in routes {
            if let problem = try problem(with: route, hub: hub) {
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
}
