// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net

/// Rules about what linked peers may send each other: where they count, and what they decided.
extension Control {
    /// The places where these rules count their hits.
    func cells(of rules: PeerRules) -> [UInt32] {
        ruleCells.places(of: rules.entries.prefix(RuleSet.limit).map(\.id)) { counted($0).count }
    }

    /// How often each rule decided, and the end of the list. `wall` is the wall-clock time at `now`, in nanoseconds.
    func ruleHits(now: Instant, wall: Int64) -> (rules: [Int64: RuleHits], end: RuleHits) {
        let hits = { (cell: UInt32, before: UInt64) -> RuleHits in
            let (count, lastAt) = self.counted(cell)
            guard count > before else { return RuleHits() }
            return RuleHits(count: count - before, lastAt: Self.wallSeconds(of: Instant(nanoseconds: lastAt), now: now, wall: wall))
        }
        var found: [Int64: RuleHits] = [:]
        ruleCells.forEach { id, cell, before in found[id] = hits(cell, before) }
        return (found, hits(RuleCells.end, 0))
    }

    private func counted(_ cell: UInt32) -> (count: UInt64, lastAt: UInt64) {
        shared.counters.reduce((0, 0)) { sum, set in
            let counted = set.rules.counted(cell)
            return (sum.0 + counted.count, max(sum.1, counted.lastAt))
        }
    }

    /// Compiles rules for the present slots, without their hits.
    func compile(_ rules: PeerRules) -> RuleBook? { rules.compiled(cells: []) { peers[$0]?.slot } }
}

extension Engine {
    /// Flows that are alive now and that end under other rules, as pairs of peers: who started the flow, and who answers. Nil stands for the
    /// hub. Flows of peers that are gone are left out.
    public func flowsEnding(under rules: PeerRules) -> [EndingFlow] {
        let (book, table) = control.locked { (control.compile(rules), control.routing.snapshot.table) }
        guard let book else { return [] }
        var ending: [FlowTable.Flow] = []
        shared.flows.forEach(now: Instant.now().nanoseconds) { flow in
            let decision = book.rules.decide(flow.packet, from: flow.from, to: flow.to, isInternet: table.isInternet(flow.packet.destination))
            if !decision.allows { ending.append(flow) }
        }
        return control.locked { ending.compactMap { control.named($0) } }
    }
}

/// A flow that ends when the rules change.
public struct EndingFlow: Equatable, Sendable {
    /// Who sent its first packet, and who received it; nil is the hub.
    public var from: PublicKey?
    public var to: PublicKey?
    /// The first packet.
    public var source: IPAddress
    public var destination: IPAddress
    public var number: UInt8
    public var port: UInt16
}

extension Control {
    fileprivate func named(_ flow: FlowTable.Flow) -> EndingFlow? {
        let (from, to) = (peers[flow.from]?.configuration.publicKey, peers[flow.to]?.configuration.publicKey)
        guard from != nil || flow.from == ForwardingTable.hub, to != nil || flow.to == ForwardingTable.hub else { return nil }
        return EndingFlow(
            from: from, to: to, source: flow.packet.source, destination: flow.packet.destination, number: flow.packet.number,
            port: flow.packet.port)
    }
}
