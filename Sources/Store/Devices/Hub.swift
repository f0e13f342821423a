// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Words

extension ReadTransaction {
    /// The hub; nil if none has been created yet.
    public func hubIfMade() throws -> Hub? {
        if let hub = known.hub { return hub }
        known.hub = try connection.first(
            "SELECT name, public_key, ipv4_network, ipv6_network, ipv4, ipv6, portal_url, revision FROM hub WHERE one = 1"
        ) {
            try Hub(
                name: $0.text(), publicKey: $0.key(), ipv4Network: $0.optional { try $0.prefix() },
                ipv6Network: $0.optional { try $0.prefix() }, ipv4: $0.optional { try $0.address() },
                ipv6: $0.optional { try $0.address() }, portalURL: $0.optional { try $0.text() }, revision: $0.integer())
        }
        return known.hub
    }

    /// The hub. Throws `.notFound` if none has been created yet.
    public func hub() throws -> Hub { try Hub.made(hubIfMade()) }

    /// True if nobody has used this hub yet: it has no device and no admin.
    func isUnused() throws -> Bool {
        let isUsed = try connection.exists("SELECT 1 FROM devices")
        return try !isUsed && !connection.exists("SELECT 1 FROM accounts")
    }

    /// Identifies this hub to people; nil if none has been created yet.
    func hubOutline() throws -> HubOutline? {
        guard let hub = try hubIfMade() else { return nil }
        let count = try connection.first("SELECT count(*) FROM devices") { try $0.integer() }
        return HubOutline(name: hub.name, publicKey: hub.publicKey, deviceCount: Int(count ?? 0))
    }

    /// The hub's private key. Throws `.secretKey` if it cannot be decrypted.
    public func hubPrivateKey() throws -> PrivateKey {
        let sealed = try connection.first("SELECT private_key FROM hub WHERE one = 1") { try $0.blob() }
        guard let sealed else { throw StoreError.notFound(kind: "hub", id: "in this data folder") }
        guard let key = PrivateKey(try secrets.openStored(sealed, Hub.keyPlace)) else {
            throw StoreError.secretKey("\(Hub.keyPlace) does not hold a key. Restore it from a backup.")
        }
        return key
    }
}

/// What a person needs to tell one hub from another before one replaces the other.
public struct HubOutline: Hashable, Sendable, CustomStringConvertible {
    public let name: String
    public let publicKey: PublicKey
    public let deviceCount: Int

    public var description: String { "\(name), \(deviceCount) device\(deviceCount == 1 ? "" : "s"), public key \(publicKey.base64)" }
}

extension ChangeTransaction {
    /// Creates the hub and its defaults on the first start. Does nothing if a hub exists, so that only one of two concurrent processes
    /// creates it. By default, the hub gets the first address of each network. Throws `.invalid` for a network that cannot contain devices
    /// and for an address outside its network.
    public func makeHub(
        name: String, privateKey: PrivateKey, ipv4Network: IPPrefix?, ipv6Network: IPPrefix?, ipv4: IPAddress? = nil,
        ipv6: IPAddress? = nil, defaults: Settings
    ) throws {
        guard try hubIfMade() == nil else { return }
        let hub = Hub(
            name: name, publicKey: privateKey.publicKey, ipv4Network: ipv4Network, ipv6Network: ipv6Network,
            ipv4: ipv4 ?? ipv4Network?.firstHost, ipv6: ipv6 ?? ipv6Network?.firstHost, portalURL: nil,
            revision: generation)
        try check(hub)
        try connection.execute(
            """
            INSERT INTO hub (one, name, public_key, private_key, ipv4_network, ipv6_network, ipv4, ipv6, revision)
            VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(name), .key(hub.publicKey), .blob(try secrets.seal(Array(privateKey.bytes), for: Hub.keyPlace, connection)),
                .optional(text: ipv4Network?.description), .optional(text: ipv6Network?.description),
                .optional(address: hub.ipv4), .optional(address: hub.ipv6), .integer(generation),
            ])
        try noteChange("hub.make", target: "hub") { (before: [:], after: hub.auditDetails) }
        var edited = try self.defaults()
        edited.settings = defaults
        try update(edited)
    }

    /// Writes an edited copy of the result of `hub()`: name, networks, addresses and portal URL. Throws `.invalid` with the fields that
    /// break a rule, and `.stale` if the hub has been changed since. An equal hub changes nothing.
    public func update(_ edited: Hub) throws {
        let current = try hub()
        guard edited.revision == current.revision else { throw StoreError.stale(expected: edited.revision, current: current.revision) }
        guard edited != current else { return }
        try check(edited)
        try connection.execute(
            "UPDATE hub SET name = ?, ipv4_network = ?, ipv6_network = ?, ipv4 = ?, ipv6 = ?, portal_url = ?, revision = ? WHERE one = 1",
            [
                .text(edited.name), .optional(text: edited.ipv4Network?.description), .optional(text: edited.ipv6Network?.description),
                .optional(address: edited.ipv4), .optional(address: edited.ipv6), .optional(text: edited.portalURL), .integer(generation),
            ])
        known.hub = nil
        try noteChange("hub.update", target: "hub") { AuditDetails.differences(current.auditDetails, edited.auditDetails) }
    }

    private func check(_ hub: Hub) throws {
        var errors: [FieldError] = []
        if let message = TextRules.nameProblem(hub.name) { errors.append(FieldError("name", message)) }
        if let message = try networkProblem(hub.ipv4Network, hub.ipv4, .v4, longest: 30) { errors.append(FieldError("network", message)) }
        if let message = try networkProblem(hub.ipv6Network, hub.ipv6, .v6, longest: 126) { errors.append(FieldError("network6", message)) }
        guard errors.isEmpty else { throw StoreError.invalid(errors) }
    }

    /// The reason why a network is not valid, by itself or because of the current addresses of devices. Nil if it is valid.
    private func networkProblem(_ network: IPPrefix?, _ own: IPAddress?, _ family: AddressFamily, longest: Int) throws -> Phrase? {
        if let network, network.address.isV4 != (family == .v4) || network.length > longest {
            return "\(network) cannot hold devices. Give an \(family.name) network of /\(longest) or larger."
        }
        if let network, let kept = family.keptForOtherUses.first(where: { $0.overlaps(network) }) {
            return "\(network) has addresses of \(kept), which no device can have. Give a network such as \(Hub.usualNetwork(family, besides: []))."
        }
        let pool = network.map { AddressPool($0, hub: own) }
        let column = family.rawValue
        var problem: Phrase?
        try connection.forEach("SELECT name, \(column) FROM devices WHERE \(column) IS NOT NULL ORDER BY \(column)") {
            let (name, address) = (try $0.text(), try $0.address())
            if pool.map({ $0.problem(with: address) != nil }) ?? true {
                problem =
                    "\(name) has the address \(address), which a device cannot have in \(network?.description ?? "no network"). Devices keep their addresses, or each would lose its connection until it has a new file: give a network that holds them all."
            }
            return problem == nil
        }
        return try problem ?? pool?.hubProblem ?? own.flatMap { try routeProblem($0) }
    }

    /// An error if a device has a route for this address, because the hub then cannot use it.
    private func routeProblem(_ own: IPAddress) throws -> Phrase? {
        let holder = try connection.first(
            "SELECT devices.name FROM device_routes JOIN devices ON devices.id = device_routes.device_id WHERE address = ? AND length = ?",
            [.blob(own.bytes), .integer(Int64(own.bitWidth))]
        ) { try $0.text() }
        return holder.map { "The hub's address would be \(own), which is a route of \($0). Remove that route first." }
    }
}

extension Hub {
    /// Throws `.notFound` if there is no hub.
    static func made(_ hub: Hub?) throws -> Hub {
        guard let hub else { throw StoreError.notFound(kind: "hub", id: "in this data folder") }
        return hub
    }

    /// The place that the encrypted private key is bound to.
    fileprivate static let keyPlace = "hub/1/private_key"

    var auditDetails: AuditDetails {
        [
            "name": name, "public_key": publicKey.base64, "network": ipv4Network?.description, "network6": ipv6Network?.description,
            "address": ipv4?.description, "address6": ipv6?.description, "portal_url": portalURL,
        ]
    }
}
