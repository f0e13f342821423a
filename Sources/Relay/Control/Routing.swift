// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Names
import Net

/// The data for the packet loop's decisions, as the configuration changes it: who owns and may reach which addresses, the maximum packet
/// sizes, the hub's own addresses, and the names. Workers see a change only after it is published as a `Snapshot`.
struct Routing {
    private var table = ForwardingTable()
    /// The largest inner packet for each peer, by slot; 0 means no limit.
    private var mtus: [UInt16] = []
    /// What changed in `mtus` since the newest snapshot.
    private var mtuSteps: [(slot: UInt32, mtu: UInt16)] = []
    private var spare = SpareTables()
    private var ownAddresses = OwnAddresses()
    /// The names that the hub answers for; nil if it answers none.
    var zone: Zone?
    private(set) var snapshot: Snapshot
    private(set) var rules = PeerRules.none
    /// The peers that the rules name. When one of them comes or goes, the rules are compiled again.
    private var named: Set<PublicKey> = []
    private var cells: [UInt32] = []
    private var book: RuleBook?
    private var isBookStale = false
    /// The newest published generation.
    var generation: Int64 = 0

    /// With `hasHost`, the hub's host may reach each peer that allows the hub's address.
    init(first: Snapshot, hasHost: Bool) {
        snapshot = first
        table.recordSteps()
        guard hasHost else { return }
        table.setAllowed([IPAddress.v4(.any), .v6(.any)].compactMap { IPPrefix($0, length: 0) }, for: ForwardingTable.hub)
    }

    /// The hub's own addresses; the forwarding table holds them like those of peers (WG-H-1).
    var hubAddresses: [IPAddress] { table.ownedPrefixes(of: ForwardingTable.hub).map(\.address) }

    /// The number of prefixes of all peers and the hub.
    var prefixCount: Int { table.prefixCount }

    /// The slot of the owner of an address, or nil.
    func owner(of address: IPAddress) -> UInt32? { table.owner(of: address) }

    /// The largest inner packet for a peer; 0 means no limit.
    func mtu(of peer: Peer) -> Int { mtus.indices.contains(Int(peer.slot)) ? Int(mtus[Int(peer.slot)]) : 0 }

    /// Sets where packets go whose destination nobody owns. False if nothing changes.
    mutating func setWays(_ ways: [IPPrefix: ForwardingTable.Way]) -> Bool {
        guard ways != table.ways else { return false }
        table.setWays(ways)
        return true
    }

    mutating func setHub(_ addresses: [IPAddress]) { table.setOwned(addresses.map { IPPrefix(host: $0) }, by: ForwardingTable.hub) }

    /// Applies a peer's configuration. Updates only what differs, because a change of defaults updates the routes of all peers. Prefixes
    /// that the peer owned before may already belong to another peer.
    mutating func set(_ peer: Peer, before: PeerConfiguration?) {
        let (slot, configuration) = (peer.slot, peer.configuration)
        if table.ownedPrefixes(of: slot) != configuration.ownedPrefixes { table.setOwned(configuration.ownedPrefixes, by: slot) }
        ownAddresses.set(configuration.ownedPrefixes, of: slot)
        table.setEnabled(configuration.isEnabled, for: slot)
        if before?.allowedIPs != configuration.allowedIPs { table.setAllowed(configuration.allowedIPs, for: slot) }
        setMTU(UInt16(clamping: configuration.mtu ?? 0), for: slot)
    }

    private mutating func setMTU(_ mtu: UInt16, for slot: UInt32) {
        let isNew = mtus.count <= Int(slot)
        while mtus.count <= Int(slot) { mtus.append(0) }
        guard isNew || mtus[Int(slot)] != mtu else { return }
        mtus[Int(slot)] = mtu
        mtuSteps.append((slot, mtu))
    }

    /// Call before a change: from then on, no worker uses the tables that change, unless the last change was a moment ago.
    mutating func beginChange() {
        guard let (tables, mtus) = spare.make() else { return }
        table.use(tables)
        self.mtus = mtus
    }

    /// No worker uses this snapshot any more.
    mutating func reuse(_ snapshot: Snapshot) { spare.take(snapshot) }

    /// Replaces the rules; `cells` are the places where they count their hits.
    mutating func set(_ rules: PeerRules, cells: [UInt32]) {
        (self.rules, self.cells, named) = (rules, cells, rules.peers)
        isBookStale = true
    }

    /// Notes that a peer has a slot now, or no longer has one.
    mutating func noteSlot(of key: PublicKey) { isBookStale = isBookStale || named.contains(key) }

    /// Removes the routes of a peer.
    mutating func remove(_ peer: Peer) {
        table.remove(peer.slot)
        ownAddresses.set([], of: peer.slot)
        setMTU(0, for: peer.slot)
    }

    /// Makes a new snapshot. Returns the previous one, which workers may still use. `slot` finds that of a peer.
    mutating func makeSnapshot(slot: (PublicKey) -> UInt32?) -> Snapshot {
        let before = snapshot
        if isBookStale { (book, isBookStale) = (rules.compiled(cells: cells, slot: slot), false) }
        snapshot = Snapshot(
            number: before.number + 1, table: table.decisions, mtus: mtus, book: book, hubAddresses: hubAddresses, zone: zone,
            ownAddresses: ownAddresses)
        spare.noteReplaced(before.number, table.takeSteps().map { SpareTables.Steps(table: $0, mtus: mtuSteps) })
        mtuSteps = []
        return before
    }
}
