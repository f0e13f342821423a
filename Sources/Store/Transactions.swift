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
    /// Nil in a transaction that may write, because it sees uncommitted rows.
    let inventoryCache: InventoryCache?

    init(_ connection: Connection, secrets: SecretKeys, inventoryCache: InventoryCache? = nil) {
        self.open = connection
        self.secrets = secrets
        self.inventoryCache = inventoryCache
    }

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

    init(_ connection: Connection, secrets: SecretKeys, generation: Int64, author: Author, now: UnixTime) {
        self.generation = generation
        self.author = author
        self.now = now
        super.init(connection, secrets: secrets)
    }

    /// Records a write of desired state and adds its audit entry. Every function that writes desired state must call it.
    func noteChange(_ action: String, target: String, before: AuditDetails = [:], after: AuditDetails = [:]) throws {
        hasChanges = true
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
            hub: try Hub.made(inventory.hub), defaults: inventory.defaults, index: inventory.index, generation: generation, status: status,
            rates: rates, cache: cache, now: now)
    }

    /// What every page shows: the hub's name, nil if no hub has been created yet, and the progress of its generation.
    public func hubNameAndGeneration() throws -> (String?, Generation) {
        let (inventory, generation) = try inventory()
        return (inventory.hub?.name, generation)
    }
}
