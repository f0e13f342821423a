// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// Which rule counts its hits where. A rule keeps its place while it is in the list.
struct RuleCells {
    /// Twice the rules of a list, so that a new list does not take the places of the one before, which workers may still use.
    static let capacity = 2 * RuleSet.limit + 1
    /// The place of the end of the list.
    static let end: UInt32 = 0

    private struct Seat {
        var cell: UInt32
        /// What the place had counted for an earlier rule.
        var before: UInt64
    }

    private var seats: [Int64: Seat] = [:]
    private var free = FIFO<UInt32>()

    init() { for cell in 1..<UInt32(Self.capacity) { free.append(cell) } }

    /// The places of these rules and of the end of the list. `counted` tells what a place has counted so far.
    mutating func places(of ids: [Int64], counted: (UInt32) -> UInt64) -> [UInt32] {
        let kept = Set(ids)
        for (id, seat) in seats where !kept.contains(id) {
            seats[id] = nil
            free.append(seat.cell)
        }
        return ids.map { id in
            if let seat = seats[id] { return seat.cell }
            guard let cell = free.first else { return Self.end }
            free.removeFirst()
            seats[id] = Seat(cell: cell, before: counted(cell))
            return cell
        } + [Self.end]
    }

    /// Calls `body` with each rule, its place, and what that had counted before.
    func forEach(_ body: (Int64, _ cell: UInt32, _ before: UInt64) -> Void) {
        for (id, seat) in seats { body(id, seat.cell, seat.before) }
    }
}

extension PeerRules {
    /// Compiles the rules for slots. `slot` finds that of a peer; peers without one are left out. Nil when every packet passes.
    func compiled(cells: [UInt32], slot: (PublicKey) -> UInt32?) -> RuleBook? {
        let list = entries.prefix(RuleSet.limit).map { entry in
            Rule(entry.action, from: entry.from.compiled(slot), to: entry.to.compiled(slot), service: entry.service)
        }
        let rules = RuleSet(list, end: end)
        guard !rules.allowsAll else { return nil }
        let numbers = entries.prefix(RuleSet.limit).map { UInt16(clamping: $0.number) } + [0]
        return RuleBook(rules, cells: cells, numbers: numbers)
    }
}

extension PeerRules.Party {
    fileprivate func compiled(_ slot: (PublicKey) -> UInt32?) -> Rule.Party {
        switch self {
        case .any: .any
        case .peers(let keys): .members(Set(keys.compactMap(slot)))
        case .hub: .members([ForwardingTable.hub])
        case .prefix(let prefix): .prefix(prefix)
        case .internet: .internet
        }
    }
}
