// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net

extension ReadTransaction {
    /// All devices, sorted by name. Reads as few rows as possible, and none if nothing has changed since the last call.
    public func devices() throws -> [Device] { try deviceIndex().devices }

    /// All devices, sorted by name and searchable by id and key.
    public func deviceIndex() throws -> DeviceIndex { try inventory().0.index }

    /// Reads all rows.
    func readDeviceIndex() throws -> DeviceIndex {
        var devices: [Device] = []
        try forEachDevice("ORDER BY name_key") { devices.append($0) }
        return DeviceIndex(devices)
    }

    /// Passes all devices to `body` one by one, in no defined order, without keeping them in memory.
    public func forEachDevice(_ body: (Device) throws -> Void) throws { try forEachDevice("", body) }

    private func forEachDevice(_ order: String, _ body: (Device) throws -> Void) throws {
        let parts = try DeviceParts(self, where: nil, [])
        try connection.forEach("\(selectDevice) \(order)") {
            try body(try $0.device(parts))
            return true
        }
    }

    /// The devices that were changed by a generation after `generation`.
    public func devices(changedAfter generation: Int64) throws -> [Device] { try devices("revision > ?", .integer(generation)) }

    /// The devices whose public key begins with a byte in `bytes`.
    public func devices(withKeysBeginning bytes: ClosedRange<UInt8>) throws -> [Device] {
        let last = [bytes.upperBound] + [UInt8](repeating: .max, count: 31)
        return try devices("public_key BETWEEN ? AND ?", .blob([bytes.lowerBound]), .blob(last))
    }

    /// The devices whose file was fetched after the fetch with this number.
    func devices(fetchedAfter number: Int64) throws -> [Device] { try devices("fetch_number > ?", .integer(number)) }

    /// Keys that a generation after `generation` removed from a device. Another device may have one of them now. Only complete for
    /// generations that the engine has not acknowledged; older keys are deleted.
    public func departedKeys(after generation: Int64) throws -> [PublicKey] {
        try connection.all("SELECT public_key FROM departed_keys WHERE generation > ?", [.integer(generation)]) { try $0.key() }
    }

    /// The device with this id. Throws `.notFound` if it does not exist.
    public func device(_ id: String) throws -> Device {
        guard let device = try device(where: "id", .text(id)) else { throw StoreError.notFound(kind: "device", id: id) }
        return device
    }

    /// The device with this name, ignoring case; nil if there is none.
    public func device(named name: String) throws -> Device? { try device(where: "name_key", .text(FoldedName.of(name))) }

    /// The device with this public key; nil if there is none.
    public func device(publicKey: PublicKey) throws -> Device? { try device(where: "public_key", .key(publicKey)) }

    /// The stored private key of a device; nil if there is none. Throws `.secretKey` if it cannot be decrypted.
    public func privateKey(ofDevice id: String) throws -> PrivateKey? {
        try sealed(.privateKey, ofDevice: id).flatMap { PrivateKey($0) }
    }

    /// The preshared key of a device; nil if there is none. Throws `.secretKey` if it cannot be decrypted.
    public func presharedKey(ofDevice id: String) throws -> PresharedKey? {
        try sealed(.presharedKey, ofDevice: id).flatMap { PresharedKey($0) }
    }

    /// All preshared keys by device id, read with one statement. Throws `.secretKey` if one cannot be decrypted.
    public func presharedKeys() throws -> [String: PresharedKey] {
        var keys: [String: PresharedKey] = [:]
        try connection.forEach("SELECT id, preshared_key FROM devices WHERE preshared_key IS NOT NULL") {
            let id = try $0.text()
            keys[id] = PresharedKey(try secrets.openStored(try $0.blob(), DeviceSecret.presharedKey.place(id)))
            return true
        }
        return keys
    }

    /// The lowest free device address in the hub's network of this family. Nil if there is no such network or no free address.
    public func lowestFreeAddress(_ family: AddressFamily) throws -> IPAddress? {
        let hub = try hub()
        return try hub.network(family).flatMap { try lowestFreeAddress(in: $0, hub: hub.address(family), family) }
    }

    /// The lowest free device address in `network`, which the hub may not use yet.
    func lowestFreeAddress(in network: IPPrefix, hub: IPAddress?, _ family: AddressFamily) throws -> IPAddress? {
        // A route that contains the whole network reserves nothing in it.
        let routed = try connection.all(
            "SELECT address, length FROM device_routes WHERE address BETWEEN ? AND ? AND length(address) = ? AND length > ?",
            [
                .blob(network.address.bytes), .blob(network.last.bytes), .integer(Int64(network.address.bytes.count)),
                .integer(Int64(network.length)),
            ]
        ) { try $0.route() }
        return try AddressPool(network, hub: hub).lowestFree(routed: routed) { isTaken in
            try connection.forEach("SELECT \(family.rawValue) FROM devices WHERE \(family.rawValue) IS NOT NULL ORDER BY \(family.rawValue)") {
                isTaken(try $0.address())
            }
        }
    }

    private func device(where column: String, _ value: SQLValue) throws -> Device? { try devices("\(column) = ?", value).first }

    private func devices(_ condition: String, _ values: SQLValue...) throws -> [Device] {
        let parts = try DeviceParts(self, where: condition, values)
        return try connection.all("\(selectDevice) WHERE \(condition)", values) { try $0.device(parts) }
    }

    private func sealed(_ secret: DeviceSecret, ofDevice id: String) throws -> [UInt8]? {
        let value = try connection.first("SELECT \(secret.rawValue) FROM devices WHERE id = ?", [.text(id)]) {
            try $0.optional { try $0.blob() }
        }
        guard let value else { throw StoreError.notFound(kind: "device", id: id) }
        return try value.map { try secrets.openStored($0, secret.place(id)) }
    }
}

/// The values from tables other than `devices`, read with one statement per table. `condition` selects devices; nil selects all.
private struct DeviceParts {
    let defaults: SettingRevisions
    let settings: SettingRows
    private(set) var routes: [String: [IPPrefix]] = [:]

    init(_ transaction: ReadTransaction, where condition: String?, _ values: [SQLValue]) throws {
        let filter = condition.map { "WHERE device_id IN (SELECT id FROM devices WHERE \($0))" } ?? ""
        defaults = try transaction.defaults().fieldRevisions
        settings = try SettingRows(transaction.connection, filter, values)
        try transaction.connection.forEach("SELECT device_id, address, length FROM device_routes \(filter) ORDER BY device_id, position", values) {
            let id = try $0.text()
            routes[id, default: []].append(try $0.route())
            return true
        }
    }
}

/// The encrypted columns of a device. The raw value is the name of the column.
enum DeviceSecret: String {
    case privateKey = "private_key"
    case presharedKey = "preshared_key"

    /// The place that the encrypted value is bound to.
    func place(_ id: String) -> String { "devices/\(id)/\(rawValue)" }
}

private let selectDevice = """
    SELECT id, name, description, enabled, expires_at, public_key, private_key IS NOT NULL, preshared_key IS NOT NULL, ipv4, ipv6,
        tags, revision, created_at, updated_at, addresses_revision, key_revision, preshared_key_revision, made_revision,
        fetched_config_revision, fetched_at
    FROM devices
    """

extension Row {
    fileprivate mutating func device(_ parts: DeviceParts) throws -> Device {
        let id = try text()
        let name = try text()
        let description = try text()
        let enabled = try flag()
        let expiresAt = try optional { try $0.time() }
        let publicKey = try key()
        let (hasPrivateKey, hasPresharedKey) = (try flag(), try flag())
        let (ipv4, ipv6) = (try optional { try $0.address() }, try optional { try $0.address() })
        let own = parts.settings[id]
        let tags = try parsed("tags") { ListText.entries($0) { Tag($0) } }
        let revision = try integer()
        let (createdAt, updatedAt) = (try time(), try time())
        let (addresses, key, presharedKey) = (try integer(), try integer(), try integer())
        var revisions = SettingRevisions(all: try integer())
        for (name, revision) in own.revisions { revisions[name] = revision }
        let file = FileRevisions(
            addresses: addresses, key: key, presharedKey: presharedKey, settings: revisions.following(parts.defaults, where: own.overrides))
        return Device(
            id: id, name: name, description: description, tags: tags, enabled: enabled, expiresAt: expiresAt, publicKey: publicKey,
            hasPrivateKey: hasPrivateKey, hasPresharedKey: hasPresharedKey, ipv4: ipv4, ipv6: ipv6, routes: parts.routes[id] ?? [],
            overrides: own.overrides, revision: revision, createdAt: createdAt, updatedAt: updatedAt, fileRevisions: file,
            fetchedConfigRevision: try optional { try $0.integer() }, fetchedAt: try optional { try $0.time() })
    }

    mutating func route() throws -> IPPrefix {
        let address = try address()
        let length = Int(clamping: try integer())
        guard let prefix = IPPrefix(address, length: length) else {
            throw StoreError.schema("device_routes holds \(address)/\(length), which is not a prefix. Restore the database from a backup.")
        }
        return prefix
    }
}

extension ClientConfig {
    /// Creates the file of a device from the database. Includes the private key if the hub stores it. Throws database errors.
    public init(of device: Device, in transaction: ReadTransaction, hubPort: UInt16) throws {
        let hub = try transaction.hub()
        self.init(
            privateKey: try transaction.privateKey(ofDevice: device.id), addresses: device.addresses,
            settings: device.settings(over: try transaction.defaults()), hubKey: hub.publicKey, hubPort: hubPort,
            presharedKey: try transaction.presharedKey(ofDevice: device.id), hubAddresses: hub.addresses, domain: hub.naming.domain)
    }
}
