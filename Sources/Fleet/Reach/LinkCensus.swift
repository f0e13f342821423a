// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Counts links when there are too many pairs to examine one by one. Devices with equal allowed IPs that are the same to all rules form one
/// class. The table is asked once per class and device. A hub with ten thousand devices usually has only a few different lists.
struct LinkCensus: Sendable {
    /// The maximum number of table lookups. If more are needed, nothing is counted.
    static let maximumQuestions = 400_000

    /// The links gained and lost between the two states.
    private(set) var difference = (gained: 0, lost: 0)

    /// Which addresses of a device a class lists. Before: bit 0 is IPv4, bit 1 is IPv6. After: bits 2 and 3.
    private typealias Mask = Int
    private static let masks = 16

    /// Compares two states of the same devices. Nil if there are too many different lists to count.
    init?(_ before: Reachability, _ after: Reachability) {
        let (was, now) = (before.seats, after.seats)
        var numbers: [Lists: Int] = [:]
        var representatives: [Int] = []
        let classes = before.devices.indices.map { place in
            let lists = Lists(before: before.allowed(at: place), after: after.allowed(at: place), was: was[place].kind, now: now[place].kind)
            return numbers[lists]
                ?? {
                    numbers[lists] = representatives.count
                    representatives.append(place)
                    return representatives.count - 1
                }()
        }
        guard representatives.count * before.devices.count * 4 <= Self.maximumQuestions else { return nil }

        // For each pair of classes and each mask: how many devices of the second class are listed this way by the first.
        var counts = [Int](repeating: 0, count: representatives.count * representatives.count * Self.masks)
        let start = { (lister: Int, listed: Int) in (lister * representatives.count + listed) * Self.masks }
        for (lister, representative) in representatives.enumerated() {
            for (place, number) in classes.enumerated() {
                let mask =
                    before.listedFamilies(of: was[place], byListOf: was[representative])
                    | after.listedFamilies(of: now[place], byListOf: now[representative]) << 2
                counts[start(lister, number) + mask] += 1
            }
        }
        var (oldMemo, newMemo) = (ServiceMemo(), ServiceMemo())
        for a in representatives.indices {
            for b in a..<representatives.count {
                let (listed, reverse) = (counts[start(a, b)..<(start(a, b) + Self.masks)], counts[start(b, a)..<(start(b, a) + Self.masks)])
                let (one, other) = (representatives[a], representatives[b])
                let open = before.openFamilies(was[one], was[other], &oldMemo) | after.openFamilies(now[one], now[other], &newMemo) << 2
                let pairs = Self.pairs(listed, reverse, open)
                // Within one class, each pair was counted twice and each device was paired once with itself.
                let divisor = a == b ? 2 : 1
                let itself = a == b ? Self.pairsWithItself(listed, open) : (0, 0)
                difference.gained += (pairs.gained - itself.0) / divisor
                difference.lost += (pairs.lost - itself.1) / divisor
            }
        }
    }

    private struct Lists: Hashable {
        let before: [IPPrefix]?
        let after: [IPPrefix]?
        let was: Reachability.Seat.Kind
        let now: Reachability.Seat.Kind
    }

    /// `open` are the families in which the rules let something pass, like a mask.
    private static func pairs(_ listed: ArraySlice<Int>, _ reverse: ArraySlice<Int>, _ open: Mask) -> (gained: Int, lost: Int) {
        var result = (gained: 0, lost: 0)
        for (mask, count) in listed.enumerated() where count > 0 {
            for (other, otherCount) in reverse.enumerated() where otherCount > 0 {
                let change = change(mask & other & open)
                result.gained += change > 0 ? count * otherCount : 0
                result.lost += change < 0 ? count * otherCount : 0
            }
        }
        return result
    }

    private static func pairsWithItself(_ listed: ArraySlice<Int>, _ open: Mask) -> (Int, Int) {
        var result = (0, 0)
        for (mask, count) in listed.enumerated() {
            let change = change(mask & open)
            result.0 += change > 0 ? count : 0
            result.1 += change < 0 ? count : 0
        }
        return result
    }

    /// 1 for a new link, -1 for a lost one, from the address families that both sides list.
    private static func change(_ mutual: Mask) -> Int { (mutual >> 2 != 0 ? 1 : 0) - (mutual & 3 != 0 ? 1 : 0) }
}
