// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net

/// What a backup would change if it were restored now.
public struct BackupReport: Sendable {
    /// Names of the objects that a restore adds, removes and changes, sorted.
    public struct Changes: Equatable, Sendable {
        public let added: [String]
        public let removed: [String]
        public let changed: [String]

        /// `before` and `after` hold the name and the content of each object by its identifier.
        fileprivate init(_ before: [String: (name: String, content: String?)], _ after: [String: (name: String, content: String?)]) {
            added = after.filter { before[$0.key] == nil }.map(\.value.name).sorted()
            removed = before.filter { after[$0.key] == nil }.map(\.value.name).sorted()
            changed = after.filter { key, value in before[key].map { $0.content != value.content } ?? false }.map(\.value.name).sorted()
        }

        /// True if nothing is added, removed or changed.
        public var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }
    }

    /// The hub as it is.
    public let here: HubOutline
    /// The hub of the backup; nil if it has none.
    public let backup: HubOutline?
    /// The newest entry of the backup's audit log; nil if it has none.
    public let madeAt: UnixTime?
    public let devices: Changes
    /// Accounts by their email addresses.
    public let accounts: Changes
    /// True if the defaults, the hub's name or its networks differ.
    public let changesSettings: Bool
    /// The email addresses of the admins who can sign in after the restore.
    public let admins: [String]

    /// True if devices know both hubs by the same key.
    public var isSameHub: Bool { here.publicKey == backup?.publicKey }

    init(of backup: ReadTransaction, on current: ReadTransaction) throws {
        guard let here = try current.hubOutline() else { throw StoreError.notFound(kind: "hub", id: "in this data folder") }
        self.here = here
        self.backup = try backup.hubOutline()
        madeAt = try backup.auditEntries(limit: 1).first?.at
        devices = try Changes(Self.devices(current), Self.devices(backup))
        accounts = try Changes(Self.accounts(current), Self.accounts(backup))
        let settings = { (state: ReadTransaction) in (try state.defaults().settings, try state.hubIfMade()?.auditDetails) }
        changesSettings = try settings(current) != settings(backup)
        admins = try backup.accounts().filter { $0.role == .admin && !$0.isDisabled }.map(\.email).sorted()
    }

    private static func devices(_ state: ReadTransaction) throws -> [String: (name: String, content: String?)] {
        Dictionary(try state.devices().map { ($0.id, ($0.name, $0.auditDetails.json)) }) { $1 }
    }

    private static func accounts(_ state: ReadTransaction) throws -> [String: (name: String, content: String?)] {
        Dictionary(try state.accounts().map { ($0.email, ($0.email, "\($0.role) \($0.isDisabled)")) }) { $1 }
    }
}
