// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The rules a device must keep, alone and among the others. Collects every broken field, so that people see all at once.
struct DeviceRules {
    /// Prefixes behind one device; more is a mistake.
    static let maximumRoutes = 128

    let transaction: ReadTransaction
    /// The device being changed, which does not stand in its own way; nil for a new one.
    let id: String?
    private(set) var errors: [FieldError] = []

    init(_ transaction: ReadTransaction, changing id: String?) {
        self.transaction = transaction
        self.id = id
    }

    /// Throws `.invalid` when anything was found.
    func finish() throws {
        guard errors.isEmpty else { throw StoreError.invalid(errors) }
    }

    mutating func check(name: String, description: String) throws {
        if let message = TextRules.nameProblem(name) {
            errors.append(FieldError("name", message))
        } else if let other = try holder("name_key", .text(FoldedName.of(name))) {
            errors.append(FieldError("name", "\(other) has this name already. Choose another; case does not count."))
        }
        if let message = TextRules.descriptionProblem(description) { errors.append(FieldError("description", message)) }
    }

    mutating func check(_ tags: [Tag]) {
        guard Set(tags).count > Device.maximumTags else { return }
        errors.append(FieldError("tags", "\(Set(tags).count) tags are too many. Give at most \(Device.maximumTags)."))
    }

    mutating func check(publicKey: SQLValue) throws {
        guard let other = try holder("public_key", publicKey) else { return }
        errors.append(FieldError("public_key", "\(other) has this public key already. Every device needs a key of its own."))
    }

    /// An address that was chosen, not handed out.
    mutating func check(_ address: IPAddress, _ family: AddressFamily, hub: Hub) throws {
        let field = family.rawValue
        guard let network = hub.network(family) else {
            errors.append(FieldError(field, "The hub has no \(family.name) network, so \(address) cannot be used. Leave the field empty."))
            return
        }
        if let problem = AddressPool(network, hub: hub.address(family)).problem(with: address) {
            errors.append(FieldError(field, problem))
        } else if let other = try holder(field, .blob(address.bytes)) {
            errors.append(FieldError(field, "\(address) belongs to \(other). Choose another, or leave the field empty for the lowest free one."))
        } else if let other = try holder(ofRoute: IPPrefix(host: address)) {
            errors.append(FieldError(field, "\(address) is a route of \(other). Choose another, or remove that route first."))
        }
    }

    /// Routes may lie inside each other, the longest wins; the same prefix cannot belong to two.
    mutating func check(routes: [IPPrefix], own addresses: [IPAddress], hub: Hub) throws {
        if routes.count > Self.maximumRoutes {
            errors.append(FieldError("routes", "\(routes.count) routes are too many. Give at most \(Self.maximumRoutes)."))
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

    mutating func check(_ overrides: Overrides) { errors += SettingsRules.errors(in: overrides) }

    mutating func refuse(_ field: String, _ message: Phrase) { errors.append(FieldError(field, message)) }

    private func problem(with route: IPPrefix, hub: Hub) throws -> Phrase? {
        if [hub.ipv4, hub.ipv6].contains(where: { $0.map(IPPrefix.init(host:)) == route }) {
            return "\(route) is the hub's own address. Remove it here."
        }
        if let other = try holder(ofRoute: route) { return "\(route) is a route of \(other) already. Remove it there first." }
        let family: AddressFamily = route.address.isV4 ? .v4 : .v6
        if route.isHost, let other = try holder(family.rawValue, .blob(route.address.bytes)) {
            return "\(route) is the address of \(other). Remove it here."
        }
        return nil
    }

    /// The name of another device whose `column` has this value.
    private func holder(_ column: String, _ value: SQLValue) throws -> String? {
        try transaction.connection.first("SELECT name FROM devices WHERE \(column) = ? AND id <> ?", [value, .text(id ?? "")]) { try $0.text() }
    }

    /// The name of another device that has exactly this route.
    private func holder(ofRoute route: IPPrefix) throws -> String? {
        try transaction.connection.first(
            """
            SELECT devices.name FROM device_routes JOIN devices ON devices.id = device_routes.device_id
            WHERE address = ? AND length = ? AND device_id <> ?
            """,
            [.blob(route.address.bytes), .integer(Int64(route.length)), .text(id ?? "")]
        ) { try $0.text() }
    }
}
