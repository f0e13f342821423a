// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net

// Three kinds of transaction. Each can do everything that the one before it can. They are valid only inside the closure that gets them.

/// Reads one consistent state of the database, regardless of concurrent commits.
public class ReadTransaction {
    private var open: Connection?
    let secrets: SecretKeys
    let inventoryCache: InventoryCache?
    /// What was read before, until this transaction writes it.
    var known = Known()
    private let changesBefore: Int64

    /// Rows that one transaction needs again and again.
    struct Known {
        var inventory: (Inventory, Generation)?
        var hub: Hub?
        var defaults: Defaults?
        var rules: RuleList?
    }

    init(_ connection: Connection, secrets: SecretKeys, inventoryCache: InventoryCache? = nil) {
        self.open = connection
        self.secrets = secrets
        self.inventoryCache = inventoryCache
        changesBefore = connection.changeCount
    }

    /// True once this transaction has written a row, which nobody else sees yet.
    var hasWritten: Bool { connection.changeCount != changesBefore }

    /// The connection, for the files of this target that contain SQL.
    var connection: Connection {
        guard let open else { preconditionFailure("A transaction was used after the closure that got it had returned.") }
        return open
    }

    func end() { open = nil }
}

/// Can also write everything except desired state: accounts, sessions, tokens, observations and the audit log.
public class WriteTransaction: ReadTransaction {}

/// Can also write desired state: devices, defaults and the hub. Only `Database.change` creates it, and makes everything written with it one
/// generation. Each write adds an audit entry.
public final class ChangeTransaction: WriteTransaction {
    /// The generation that this transaction makes if it changes anything. Also the new revision of each changed row.
    public let generation: Int64
    let author: Author
    let now: UnixTime
    /// True after the first write. The transaction then makes a generation.
    public private(set) var hasChanges = false
    /// The ids of the devices that this transaction has removed.
    var removed: [String] = []
    /// The expectations, and the state before this transaction. Nil if there are none.
    var expected: ExpectedState?
    /// True if nothing will be kept. Then no audit entries are made.
    private let isDraft: Bool

    init(
        _ connection: Connection, secrets: SecretKeys, inventoryCache: InventoryCache?, generation: Int64, author: Author, now: UnixTime,
        isDraft: Bool = false
    ) {
        self.generation = generation
        self.author = author
        self.now = now
        self.isDraft = isDraft
        super.init(connection, secrets: secrets, inventoryCache: inventoryCache)
    }

    /// Records a write of desired state and adds its audit entry with `details`. Every function that writes desired state must call it.
    func noteChange(
        _ action: String, target: String, _ details: () -> (before: AuditDetails, after: AuditDetails) = { ([:], [:]) }
    ) throws {
        hasChanges = true
        guard !isDraft else { return }
        let (before, after) = details()
        try append(action, target: target, before: before, after: after, generation: generation, by: author, at: now)
    }
}

extension ReadTransaction {
    /// Everything that pages and the doctor show: the state that this transaction sees, with the hub's status. Throws `.notFound` if no hub
    /// has been created yet.
    public func overview(status: HubStatus, rates: Rates = Rates(), cache: ReachabilityCache = ReachabilityCache(), now: UnixTime) throws -> Overview
    {
        let (inventory, generation) = try inventory()
        return Overview(
            hub: try Hub.made(inventory.hub), defaults: inventory.defaults, index: inventory.index, rules: inventory.rules, generation: generation,
            status: status, rates: rates, cache: cache, now: now)
    }

    /// What every page shows: the hub's name, nil if no hub has been created yet, and the progress of its generation.
    public func hubNameAndGeneration() throws -> (String?, Generation) {
        let (inventory, generation) = try inventory()
        return (inventory.hub?.name, generation)
    }
}
