// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// One machine with one key and its own tunnel addresses, as shown in the portal. Contains no secrets.
///
/// A value read from the database. To change a device, set the writable fields and pass it to `ChangeTransaction.update(_:)`.
public struct Device: Hashable, Sendable, Identifiable {
    /// 16 random characters. An id is never reused.
    public let id: String
    /// 1–64 characters, unique ignoring case.
    public var name: String
    public var description: String
    /// The groups that the device belongs to. On write, duplicates are removed and the tags are sorted.
    public var tags: [Tag]
    /// False if the hub does not accept the device as a peer.
    public var enabled: Bool
    /// From this time on, the hub treats the device as disabled. Nil means never.
    public var expiresAt: UnixTime?
    /// The public key, unique among devices. Change it with `ChangeTransaction.replaceKey`.
    public var publicKey: PublicKey
    /// True if the hub stores the private key and can therefore create a complete file.
    public var hasPrivateKey: Bool
    /// True if the device has a preshared key.
    public var hasPresharedKey: Bool
    /// The device's address in the hub's IPv4 network; nil if it has none.
    public var ipv4: IPAddress?
    /// The device's address in the hub's IPv6 network; nil if it has none.
    public var ipv6: IPAddress?
    /// Prefixes behind the device. It may send from and receive for these, in addition to its own addresses.
    public var routes: [IPPrefix]
    /// The settings that this device overrides.
    public var overrides: Overrides
    /// The generation that last changed this row. Pass it back with an edit; an outdated value is refused.
    public let revision: Int64
    /// The time at which the device was added.
    public let createdAt: UnixTime
    /// The time of the last change to this row.
    public let updatedAt: UnixTime
    /// For each part of the device's file, the generation that last changed it, on the device or through an inherited default.
    public let fileRevisions: FileRevisions
    /// The `configRevision` of the file that the device has: it was handed out or marked as installed, or a handshake proves it. Nil if the
    /// device never got one.
    public let fetchedConfigRevision: Int64?
    /// The time at which the device got it.
    public let fetchedAt: UnixTime?

    public init(
        id: String, name: String, description: String, tags: [Tag], enabled: Bool, expiresAt: UnixTime?, publicKey: PublicKey, hasPrivateKey: Bool,
        hasPresharedKey: Bool, ipv4: IPAddress?, ipv6: IPAddress?, routes: [IPPrefix], overrides: Overrides, revision: Int64, createdAt: UnixTime,
        updatedAt: UnixTime, fileRevisions: FileRevisions, fetchedConfigRevision: Int64?, fetchedAt: UnixTime?
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.tags = tags
        self.enabled = enabled
        self.expiresAt = expiresAt
        self.publicKey = publicKey
        self.hasPrivateKey = hasPrivateKey
        self.hasPresharedKey = hasPresharedKey
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.routes = routes
        self.overrides = overrides
        self.revision = revision
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.fileRevisions = fileRevisions
        self.fetchedConfigRevision = fetchedConfigRevision
        self.fetchedAt = fetchedAt
    }

    /// The generation that last changed the content of this device's file.
    public var configRevision: Int64 { fileRevisions.newest }

    /// True if the device has a file and that file is outdated.
    public var isConfigStale: Bool { lacks(configRevision) }

    /// True if the device got its file before generation `revision`.
    public func lacks(_ revision: Int64) -> Bool { fetchedConfigRevision.map { $0 < revision } ?? false }

    /// The prefixes that the hub accepts as source: the device's own addresses as /32 and /128, and its routes.
    public var ownedPrefixes: [IPPrefix] { addresses.map(IPPrefix.init(host:)) + routes }

    /// The device's own addresses, IPv4 first.
    public var addresses: [IPAddress] { [ipv4, ipv6].compactMap { $0 } }

    /// True if `expiresAt` has been reached.
    public func isExpired(at now: UnixTime) -> Bool { expiresAt.map { $0 <= now } ?? false }

    /// True if the device is to be a peer: enabled and not expired.
    public func isActive(at now: UnixTime) -> Bool { enabled && !isExpired(at: now) }

    /// The effective settings: the device's own values, otherwise the defaults.
    public func settings(over defaults: Defaults) -> Settings { overrides.resolved(over: defaults.settings) }
}

/// A device to be added. Settings that are not given follow the defaults; addresses that are not given are the lowest free ones.
public struct NewDevice: Sendable {
    /// How to choose an address.
    public enum Address: Hashable, Sendable {
        /// The lowest free address of the hub's network. No address if the hub has no network of that family.
        case lowestFree
        case own(IPAddress)
        case none
    }

    /// The name, 1–64 characters.
    public var name: String
    public var description: String
    /// The groups that the device belongs to.
    public var tags: [Tag]
    /// False to add the device without making it a peer.
    public var enabled: Bool
    public var expiresAt: UnixTime?
    /// Must not belong to another device. If nil, the hub generates a key pair.
    public var publicKey: PublicKey?
    /// Stored encrypted if given. Must match `publicKey`.
    public var privateKey: PrivateKey?
    /// False if the hub must not store the private key of a key pair that it generates.
    public var keepsPrivateKey: Bool
    /// Stored encrypted if given.
    public var presharedKey: PresharedKey?
    /// The address in the hub's IPv4 network.
    public var ipv4: Address
    /// The address in the hub's IPv6 network.
    public var ipv6: Address
    public var routes: [IPPrefix]
    /// The settings that the device overrides.
    public var overrides: Overrides
    /// True if the routes may cover addresses, networks and routes of others, which keep them.
    public var allowsOverlap = false

    public init(
        name: String, description: String = "", tags: [Tag] = [], enabled: Bool = true, expiresAt: UnixTime? = nil, publicKey: PublicKey?,
        privateKey: PrivateKey? = nil, keepsPrivateKey: Bool = true, presharedKey: PresharedKey? = nil, ipv4: Address = .lowestFree,
        ipv6: Address = .lowestFree,
        routes: [IPPrefix] = [], overrides: Overrides = Overrides()
    ) {
        self.name = name
        self.description = description
        self.tags = tags
        self.enabled = enabled
        self.expiresAt = expiresAt
        self.publicKey = publicKey
        self.privateKey = privateKey
        self.keepsPrivateKey = keepsPrivateKey
        self.presharedKey = presharedKey
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.routes = routes
        self.overrides = overrides
    }
}
