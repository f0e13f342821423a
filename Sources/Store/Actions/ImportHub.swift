// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

extension ChangeTransaction {
    /// Creates the hub and its defaults. Does nothing if a hub exists. Throws the same errors as the longer form.
    public func makeHub(_ new: NewHub) throws {
        try makeHub(
            name: new.name, privateKey: new.privateKey, ipv4Network: new.ipv4Network, ipv6Network: new.ipv6Network, ipv4: new.ipv4,
            ipv6: new.ipv6, defaults: new.defaults)
    }

    /// Creates a hub from a server's file, and a device with its endpoint for each peer. An existing hub is replaced if nobody has used it
    /// yet: it has no device and no admin. Otherwise changes nothing and returns false. Throws a `ServerFile.ParseError` with the line and
    /// the peer for a value that breaks a rule.
    public func importHub(_ plan: ServerFileImport) throws -> Bool {
        if try hubIfMade() != nil {
            guard try isUnused() else { return false }
            try connection.execute("DELETE FROM hub")
            known.hub = nil
        }
        do { try makeHub(plan.hub) } catch StoreError.invalid(let errors) { throw Self.refusal(errors) }
        try addPeers(plan.entries)
        return true
    }

    /// Adds a device with its endpoint for each peer of a server. Throws a `ServerFile.ParseError` with the line and the peer for a value that
    /// breaks a rule.
    public func addPeers(_ entries: [ServerFileImport.Entry]) throws {
        for entry in entries {
            do {
                let device = try add(entry.device)
                if let endpoint = entry.endpoint { try recordObservations([PeerSight(publicKey: device.publicKey, endpoint: endpoint)]) }
            } catch StoreError.invalid(let errors) {
                throw Self.refusal(errors, line: entry.line, peer: entry.device.name)
            }
        }
    }

    private static func refusal(_ errors: [FieldError], line: Int? = nil, peer: String? = nil) -> ServerFile.ParseError {
        ServerFile.ParseError(line: line, peer: peer, problem: errors.map(\.message).joined())
    }
}
