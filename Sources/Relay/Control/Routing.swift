// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// What the packet loop decides by, as configuration changes it: who owns what and may reach what, how large packets may be, and the hub's own
/// addresses. Workers see none of it until it is published as a `Snapshot`.
struct Routing {
    private var table = ForwardingTable()
    /// Largest inner packet towards each peer, by slot; 0 is no limit.
    private var mtus: [UInt16] = []
    private(set) var snapshot: Snapshot
    /// The newest generation that is published.
    var generation: Int64 = 0

    init(first: Snapshot) { snapshot = first }

    /// The hub's own addresses: they stand in the table beside those of the peers (WG-H-1).
    var hubAddresses: [IPAddress] { table.ownedPrefixes(of: ForwardingTable.hub).map(\.address) }

    /// Prefixes of all peers and of the hub.
    var prefixCount: Int { table.prefixCount }

    /// Who owns an address, nil where nobody does.
    func owner(of address: IPAddress) -> UInt32? { table.owner(of: address) }

    /// Largest inner packet towards a peer; 0 is no limit.
    func mtu(of peer: Peer) -> Int { mtus.indices.contains(Int(peer.slot)) ? Int(mtus[Int(peer.slot)]) : 0 }

    mutating func setHub(_ addresses: [IPAddress]) { table.setOwned(addresses.map { IPPrefix(host: $0) }, by: ForwardingTable.hub) }

    /// Takes over how a peer is configured. Only what differs: a change of defaults comes with the routes of all peers. What a peer owned may
    /// have moved to another since.
    mutating func set(_ peer: Peer, before: PeerConfiguration?) {
        let (slot, configuration) = (peer.slot, peer.configuration)
        if table.ownedPrefixes(of: slot) != configuration.ownedPrefixes { table.setOwned(configuration.ownedPrefixes, by: slot) }
        table.setEnabled(configuration.isEnabled, for: slot)
        if before?.allowedIPs != configuration.allowedIPs { table.setAllowed(configuration.allowedIPs, for: slot) }
        while mtus.count <= Int(slot) { mtus.append(0) }
        mtus[Int(slot)] = UInt16(clamping: configuration.mtu ?? 0)
    }

    /// Forgets a peer that has gone.
    mutating func remove(_ peer: Peer) {
        table.remove(peer.slot)
        if mtus.indices.contains(Int(peer.slot)) { mtus[Int(peer.slot)] = 0 }
    }

    /// Makes a new snapshot of all this; gives the one before, which workers may still hold.
    mutating func makeSnapshot() -> Snapshot {
        defer { snapshot = Snapshot(table: table.decisions, mtus: mtus, hubAddresses: hubAddresses) }
        return snapshot
    }
}
