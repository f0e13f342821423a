// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Words

extension ChangeTransaction {
    /// Adds a device with these keys. Assigns addresses that were not chosen. Throws `.invalid` with all fields that break a rule.
    func insert(_ new: NewDevice, publicKey: PublicKey, privateKey: PrivateKey?) throws -> Device {
        let hub = try hub()
        var rules = DeviceRules(holders(besides: nil), allowsOverlap: new.allowsOverlap)
        try rules.check(name: new.name, description: new.description)
        rules.check(new.tags)
        try rules.check(publicKey: publicKey, hub: hub)
        if let presharedKey = new.presharedKey { rules.check(presharedKey) }
        if let privateKey, privateKey.publicKey != publicKey {
            rules.refuse("public_key", "The public key does not belong to the private key. Give both of one pair.")
        }
        let ipv4 = try place(new.ipv4, .v4, hub, &rules)
        let ipv6 = try place(new.ipv6, .v6, hub, &rules)
        try rules.check(routes: new.routes, own: [ipv4, ipv6].compactMap { $0 }, hub: hub)
        rules.check(new.overrides)
        try require(rules.errors)

        let id = Identifier.random()
        try connection.execute(
            """
            INSERT INTO devices (id, name, name_key, description, enabled, expires_at, public_key, private_key, preshared_key, ipv4, ipv6,
                tags, revision, made_revision, addresses_revision, key_revision, preshared_key_revision, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(id), .text(new.name), .text(FoldedName.of(new.name)), .text(new.description), .flag(new.enabled),
                .optional(time: new.expiresAt), .key(publicKey), try seal(privateKey?.bytes, .privateKey, id),
                try seal(new.presharedKey?.bytes, .presharedKey, id), .optional(address: ipv4), .optional(address: ipv6),
                .text(ListText.text(new.tags.canonical)),
            ] + [SQLValue](repeating: .integer(generation), count: 5) + [.time(now), .time(now)])
        try write(new.overrides, replacing: Overrides(), SettingRevisions(all: generation), ofDevice: id)
        try writeRoutes(new.routes, ofDevice: id)
        let device = try device(id)
        try noteChange("device.add", target: device.auditTarget) { (before: [:], after: device.auditDetails) }
        return device
    }

    /// Writes an edited copy of a device. Throws `.invalid` with all fields that break a rule, `.stale` if the device has been changed
    /// since, and `.notFound` if it was removed. An equal device changes nothing. If `allowsOverlap`, new routes may cover what others have.
    @discardableResult
    public func update(_ edited: Device, allowsOverlap: Bool = false) throws -> Device {
        let current = try device(edited.id)
        guard edited.revision == current.revision else { throw StoreError.stale(expected: edited.revision, current: current.revision) }
        guard edited.editable != current.editable else { return current }
        let hub = try hub()
        // What stays as it is keeps every rule: other devices and the hub were checked against it when they changed.
        var rules = DeviceRules(holders(besides: edited.id), allowsOverlap: allowsOverlap)
        if edited.name != current.name || edited.description != current.description {
            try rules.check(name: edited.name, description: edited.description)
        }
        if edited.tags != current.tags { rules.check(edited.tags) }
        if let ipv4 = edited.ipv4, ipv4 != current.ipv4 { try rules.check(ipv4, .v4, hub: hub) }
        if let ipv6 = edited.ipv6, ipv6 != current.ipv6 { try rules.check(ipv6, .v6, hub: hub) }
        if edited.routes != current.routes || edited.addresses != current.addresses {
            try rules.check(routes: edited.routes, own: edited.addresses, hub: hub, unchanged: current.routes)
        }
        if edited.overrides != current.overrides { rules.check(edited.overrides) }
        try require(rules.errors)

        // A setting that no longer follows its default keeps the default's revision, because the device may not have fetched that change
        // yet.
        let defaults = try defaults()
        var file = current.fileRevisions
        if edited.ipv4 != current.ipv4 || edited.ipv6 != current.ipv6 { file.addresses = generation }
        file.settings = file.settings.changed(from: current.settings(over: defaults), to: edited.settings(over: defaults), in: generation)
        try connection.execute(
            """
            UPDATE devices SET name = ?, name_key = ?, description = ?, enabled = ?, expires_at = ?, ipv4 = ?, ipv6 = ?,
                tags = ?, revision = ?, addresses_revision = ?, updated_at = ?
            WHERE id = ?
            """,
            [
                .text(edited.name), .text(FoldedName.of(edited.name)), .text(edited.description), .flag(edited.enabled),
                .optional(time: edited.expiresAt), .optional(address: edited.ipv4), .optional(address: edited.ipv6),
                .text(ListText.text(edited.tags.canonical)), .integer(generation), .integer(file.addresses), .time(now), .text(edited.id),
            ])
        try write(edited.overrides, replacing: current.overrides, file.settings, ofDevice: edited.id)
        if edited.routes != current.routes { try writeRoutes(edited.routes, ofDevice: edited.id) }
        let updated = try noteUpdate("device.update", of: current)
        if edited.overrides.allowedIPs != current.overrides.allowedIPs { try releaseWhatLeft(edited.overrides.allowedIPs, ofDevice: edited.id) }
        return updated
    }

    /// Replaces the key pair of a device and deletes the observations of the old one. The hub stores `privateKey` if it is given. Throws
    /// `.invalid` if another device has the key, and `.notFound` if the device does not exist.
    @discardableResult
    public func replaceKey(ofDevice id: String, publicKey: PublicKey, privateKey: PrivateKey?) throws -> Device {
        let current = try device(id)
        var rules = DeviceRules(holders(besides: id))
        try rules.check(publicKey: publicKey, hub: hub())
        if let privateKey, privateKey.publicKey != publicKey {
            rules.refuse("public_key", "The public key does not belong to the private key. Give both of one pair.")
        }
        try require(rules.errors)
        if current.publicKey != publicKey {
            try connection.execute("DELETE FROM observations WHERE public_key = ?", [.key(current.publicKey)])
            try noteDeparture(of: current.publicKey)
        }
        try connection.execute(
            "UPDATE devices SET public_key = ?, private_key = ?, revision = ?, key_revision = ?, updated_at = ? WHERE id = ?",
            [
                .key(publicKey), try seal(privateKey?.bytes, .privateKey, id), .integer(generation), .integer(generation), .time(now), .text(id),
            ])
        return try noteUpdate("device.replace_key", of: current)
    }

    /// Sets the preshared key of a device, or removes it if nil. Throws `.notFound` if the device does not exist.
    @discardableResult
    public func setPresharedKey(_ key: PresharedKey?, ofDevice id: String) throws -> Device {
        let current = try device(id)
        guard try presharedKey(ofDevice: id) != key else { return current }
        if let key {
            var rules = DeviceRules(holders(besides: id))
            rules.check(key)
            try require(rules.errors)
        }
        try connection.execute(
            "UPDATE devices SET preshared_key = ?, revision = ?, preshared_key_revision = ?, updated_at = ? WHERE id = ?",
            [try seal(key?.bytes, .presharedKey, id), .integer(generation), .integer(generation), .time(now), .text(id)])
        return try noteUpdate("device.set_preshared_key", of: current)
    }

    /// Lets the engine start over with a device, as if its key had left and come back.
    func restart(_ current: Device, as action: String) throws -> Device {
        try noteDeparture(of: current.publicKey)
        try connection.execute(
            "UPDATE devices SET revision = ?, updated_at = ? WHERE id = ?", [.integer(generation), .time(now), .text(current.id)])
        return try noteUpdate(action, of: current)
    }

    /// Deletes a device and all its related rows.
    func delete(_ current: Device) throws {
        try connection.execute("DELETE FROM devices WHERE id = ?", [.text(current.id)])
        try noteDeparture(of: current.publicKey)
        removed.append(current.id)
        try noteChange("device.remove", target: current.auditTarget) { (before: current.auditDetails, after: [:]) }
    }

    private func noteDeparture(of key: PublicKey) throws {
        try connection.execute(
            "INSERT OR IGNORE INTO departed_keys (generation, public_key) VALUES (?, ?)", [.integer(generation), .key(key)])
    }

    private func place(_ choice: NewDevice.Address, _ family: AddressFamily, _ hub: Hub, _ rules: inout DeviceRules) throws -> IPAddress? {
        switch choice {
        case .none: return nil
        case .own(let address):
            try rules.check(address, family, hub: hub)
            return address
        case .lowestFree:
            guard let network = hub.network(family) else { return nil }
            let address = try lowestFreeAddress(family)
            if address == nil { rules.refuse(family.rawValue, AddressPool.exhausted(network)) }
            return address
        }
    }

    private func seal(_ bytes: Bytes32?, _ secret: DeviceSecret, _ id: String) throws -> SQLValue {
        .optional(blob: try bytes.map { try secrets.seal(Array($0), for: secret.place(id), connection) })
    }

    private func writeRoutes(_ routes: [IPPrefix], ofDevice id: String) throws {
        try connection.execute("DELETE FROM device_routes WHERE device_id = ?", [.text(id)])
        for (position, route) in routes.enumerated() {
            try connection.execute(
                "INSERT INTO device_routes (address, length, device_id, position) VALUES (?, ?, ?, ?)",
                [.blob(route.address.bytes), .integer(Int64(route.length)), .text(id), .integer(Int64(position))])
        }
    }

    private func noteUpdate(_ action: String, of old: Device) throws -> Device {
        let new = try device(old.id)
        try noteChange(action, target: new.auditTarget) { AuditDetails.differences(old.auditDetails, new.auditDetails) }
        return new
    }
}

extension WriteTransaction {
    /// Records that a device has its current file, because it was handed out or because somebody says so. Throws `.notFound` if the device
    /// does not exist.
    public func noteConfigFetched(ofDevice id: String, at now: UnixTime) throws {
        let device = try device(id)
        try connection.execute("UPDATE generation SET files_fetched = files_fetched + 1 WHERE one = 1")
        try connection.execute(
            """
            UPDATE devices SET fetched_config_revision = ?, fetched_at = ?,
                fetch_number = (SELECT files_fetched FROM generation WHERE one = 1)
            WHERE id = ?
            """,
            [.integer(device.configRevision), .time(now), .text(id)])
    }
}

extension Device {
    /// The fields that `update` writes.
    fileprivate struct Editable: Equatable {
        var name: String
        var description: String
        var tags: [Tag]
        var enabled: Bool
        var expiresAt: UnixTime?
        var addresses: [IPAddress?]
        var routes: [IPPrefix]
        var overrides: Overrides
    }

    fileprivate var editable: Editable {
        Editable(
            name: name, description: description, tags: tags.canonical, enabled: enabled, expiresAt: expiresAt, addresses: [ipv4, ipv6],
            routes: routes, overrides: overrides)
    }

    fileprivate var auditTarget: String { "device/\(id)" }

    /// The fields as shown in the audit log.
    var auditDetails: AuditDetails {
        let own: AuditDetails = [
            "name": name, "description": description, "enabled": "\(enabled)", "expires_at": expiresAt.map { "\($0.seconds)" },
            "public_key": publicKey.base64, "keeps_private_key": "\(hasPrivateKey)", "has_preshared_key": "\(hasPresharedKey)",
            "ipv4": ipv4?.description, "ipv6": ipv6?.description, "routes": ListText.text(routes),
            "tags": ListText.text(tags),
        ]
        return own.appending(overrides.auditDetails)
    }
}
