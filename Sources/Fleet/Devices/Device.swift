// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// One machine with one key and its own tunnel addresses, as the portal shows it. Holds no secret.
///
/// A value read from the database. To change it, set the writable fields and hand it to `ChangeTransaction.update(_:)`.
public struct Device: Hashable, Sendable, Identifiable {
    /// 16 random characters; never reused, not a counter.
    public let id: String
    /// 1–64 characters, unique ignoring case.
    public var name: String
    public var description: String
    /// The groups it belongs to; what is written is each once and in order.
    public var tags: [Tag]
    /// False: the hub does not know it as a peer.
    public var enabled: Bool
    /// From this moment on the hub treats the device as disabled; nil is never.
    public var expiresAt: UnixTime?
    /// Unique among devices. Changed by `ChangeTransaction.replaceKey`.
    public var publicKey: PublicKey
    /// True when the hub keeps the private key and can hand out a complete file.
    public var hasPrivateKey: Bool
    /// True when a preshared key is mixed into its handshakes.
    public var hasPresharedKey: Bool
    /// The device's address in the hub's IPv4 network; nil when it has none.
    public var ipv4: IPAddress?
    /// The device's address in the hub's IPv6 network; nil when it has none.
    public var ipv6: IPAddress?
    /// Prefixes behind the device that it may send from and receives for, besides its addresses.
    public var routes: [IPPrefix]
    /// The settings of its own.
    public var overrides: Overrides
    /// The generation that last changed this row. Hand it back with an edit: a stale one is refused.
    public let revision: Int64
    /// When it was added.
    public let createdAt: UnixTime
    /// When a change touched this row last.
    public let updatedAt: UnixTime
    /// The generation that last changed each part of this device's file: by itself or by a default it follows.
    public let fileRevisions: FileRevisions
    /// The `configRevision` of the file it fetched last; nil when it never fetched one.
    public let fetchedConfigRevision: Int64?
    /// When it fetched that file.
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

    /// The generation that last changed what this device's file contains.
    public var configRevision: Int64 { fileRevisions.newest }

    /// True when the device fetched a file and that file is older than what it should have.
    public var isConfigStale: Bool { lacks(configRevision) }

    /// True when the device fetched a file before the generation `revision` changed a part of it.
    public func lacks(_ revision: Int64) -> Bool { fetchedConfigRevision.map { $0 < revision } ?? false }

    /// What the hub lets it send from: its own addresses as /32 and /128, and its routes.
    public var ownedPrefixes: [IPPrefix] { [ipv4, ipv6].compactMap { $0.map(IPPrefix.init(host:)) } + routes }

    /// True when `expiresAt` is reached.
    public func isExpired(at now: UnixTime) -> Bool { expiresAt.map { $0 <= now } ?? false }

    /// True when the hub should know it as a peer: enabled and not expired.
    public func isActive(at now: UnixTime) -> Bool { enabled && !isExpired(at: now) }

    /// The settings that hold for it: its own over the defaults.
    public func settings(over defaults: Defaults) -> Settings { overrides.resolved(over: defaults.settings) }
}

/// A device to be made. What is not given follows the defaults and takes the lowest free addresses.
public struct NewDevice: Sendable {
    /// Where an address comes from.
    public enum Address: Hashable, Sendable {
        /// The lowest free one of the hub's network; none where the hub has no network of that family.
        case lowestFree
        case own(IPAddress)
        case none
    }

    /// What the portal shows.
    public var name: String
    public var description: String
    /// The groups it belongs to.
    public var tags: [Tag]
    /// False: the hub does not know it as a peer.
    public var enabled: Bool
    public var expiresAt: UnixTime?
    /// Must be no other device's. Nil: the hub makes the pair.
    public var publicKey: PublicKey?
    /// Kept sealed when given. Must be the pair of `publicKey`.
    public var privateKey: PrivateKey?
    /// False: the hub does not keep the private key of a pair that it makes.
    public var keepsPrivateKey: Bool
    /// Kept sealed when given.
    public var presharedKey: PresharedKey?
    /// Its address in the hub's IPv4 network.
    public var ipv4: Address
    /// The same for IPv6.
    public var ipv6: Address
    public var routes: [IPPrefix]
    /// The settings of its own.
    public var overrides: Overrides

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
