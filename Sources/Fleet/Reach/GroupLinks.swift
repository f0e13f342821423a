// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// How many pairs of devices have a link over which rules let something pass, within groups and between groups.
public struct GroupLinks: Sendable {
    /// The pairs within one group, or between two groups.
    public struct Count: Equatable, Sendable {
        /// Packets pass in both directions, perhaps only those of some services.
        public fileprivate(set) var both = 0
        /// Only one of the two lists the other, so no packets pass.
        public fileprivate(set) var oneSided = 0
        /// All pairs of enabled devices.
        public fileprivate(set) var pairs = 0

        /// True if all pairs have a link in both directions.
        public var isWhole: Bool { pairs > 0 && both == pairs }
        /// True if no pair has a link.
        public var isEmpty: Bool { both == 0 && oneSided == 0 }
    }

    /// The most lookups in the table. If a count needs more, there is no count.
    private static let maximumQuestions = 150_000
    /// The most cells that rules may make of the groups and lists.
    private static let maximumCells = 400

    private let size: Int
    private var counts: [Count]

    /// The pairs of two groups, or of one group with itself.
    public private(set) subscript(a: Int, b: Int) -> Count {
        get { counts[min(a, b) * size + max(a, b)] }
        set { counts[min(a, b) * size + max(a, b)] = newValue }
    }

    /// Checks every pair. `groups` hold positions in the devices of `links`.
    public init(_ links: PairLinks, groups: [[Int]]) {
        self.init(size: groups.count)
        var group = [Int](repeating: 0, count: links.devices.count)
        for (number, members) in groups.enumerated() { for member in members { group[member] = number } }
        for link in links.all {
            if link.isOneSided { self[group[link.from], group[link.to]].oneSided += 1 } else { self[group[link.from], group[link.to]].both += 1 }
        }
        countPairs(groups.map { members in members.count { links.isOn[$0] } })
    }

    /// Counts without checking every pair, for large hubs. Devices with equal allowed IPs form one class, and the class's list is looked up once
    /// for each device. A hub of ten thousand devices then costs ten thousand lookups for each different list. `groups` hold positions in the
    /// devices of `reachability`. Nil if there are too many different lists, or if rules tell too many devices apart.
    public init?(_ reachability: Reachability, groups: [[Int]]) {
        self.init(size: groups.count)
        var numbers: [[IPPrefix]: Int] = [:]
        var representatives: [Int] = []
        var cells: [Cell] = []
        var cellNumbers: [Cell: Int] = [:]
        var members: [(place: Int, cell: Int)] = []
        let seats = reachability.seats
        for (group, places) in groups.enumerated() {
            for place in places {
                guard let list = reachability.allowed(at: place) else { continue }
                let number = numbers[list] ?? representatives.count
                if number == representatives.count {
                    numbers[list] = number
                    representatives.append(place)
                }
                let cell = Cell(list: number, group: group, kind: seats[place].kind)
                let index = cellNumbers[cell] ?? cells.count
                if index == cells.count {
                    cellNumbers[cell] = index
                    cells.append(cell)
                }
                members.append((place, index))
            }
        }
        guard representatives.count * members.count <= Self.maximumQuestions else { return nil }
        guard !reachability.hasRules || cells.count <= Self.maximumCells else { return nil }
        let samples = Dictionary(members.map { ($0.cell, seats[$0.place]) }) { first, _ in first }
        // For each list and cell: how many of the cell's devices have which families, and in which families the list contains them.
        var seen = [Sights](repeating: Sights(), count: representatives.count * cells.count)
        for (list, lister) in representatives.enumerated() {
            for (place, cell) in members {
                let listed = reachability.listedFamilies(of: seats[place], byListOf: seats[lister])
                let named = reachability.namedFamilies(of: seats[place], byListOf: seats[lister], listed: listed)
                seen[list * cells.count + cell].count(seats[place].families, listed: listed, named: named)
            }
        }
        var memo = ServiceMemo()
        for a in cells.indices {
            for b in a..<cells.count {
                let (listed, reverse) = (seen[cells[b].list * cells.count + a], seen[cells[a].list * cells.count + b])
                let open = samples[a].flatMap { one in samples[b].map { reachability.openFamilies(one, $0, &memo) } } ?? 0
                var count = Sights.pairs(listed, reverse, open)
                if a == b {
                    // Every pair was counted twice, and every device with itself once.
                    let itself = listed.pairsWithItself(open)
                    count = Count(both: (count.both - itself.both) / 2, oneSided: (count.oneSided - itself.oneSided) / 2)
                }
                self[cells[a].group, cells[b].group].both += count.both
                self[cells[a].group, cells[b].group].oneSided += count.oneSided
            }
        }
        var on = [Int](repeating: 0, count: size)
        for (_, cell) in members { on[cells[cell].group] += 1 }
        countPairs(on)
    }

    private init(size: Int) {
        self.size = size
        counts = [Count](repeating: Count(), count: size * size)
    }

    /// `on` is the number of devices in each group that the hub knows as peers.
    private mutating func countPairs(_ on: [Int]) {
        for a in 0..<size {
            for b in a..<size { self[a, b].pairs = a == b ? on[a] * (on[a] - 1) / 2 : on[a] * on[b] }
        }
    }

    /// The devices of one group that have the same list and are the same to all rules.
    private struct Cell: Hashable {
        let list: Int
        let group: Int
        let kind: Reachability.Seat.Kind
    }

    /// Counts of devices by how one list holds their addresses.
    private struct Sights {
        /// How a list holds the address of a device in one family.
        private enum Grade: Int {
            /// The device has no address of this family.
            case absent
            case missing
            /// The list holds the whole Internet.
            case held
            case named
        }

        /// The index has the grade for IPv4 in bits 0 and 1, and the one for IPv6 in bits 2 and 3.
        private var counts = [Int](repeating: 0, count: 16)

        /// Counts a device. Each argument is a mask of families, and each mask contains the next one.
        mutating func count(_ families: Int, listed: Int, named: Int) {
            let grade = { (bit: Int) in (families >> bit & 1) + (listed >> bit & 1) + (named >> bit & 1) }
            counts[grade(0) + grade(1) * 4] += 1
        }

        /// `open` are the families in which rules let something pass, as a mask.
        static func pairs(_ first: Sights, _ second: Sights, _ open: Int) -> Count {
            var result = Count()
            for (a, count) in first.counts.enumerated() where count > 0 {
                for (b, other) in second.counts.enumerated() where other > 0 {
                    switch relation(a, b, open) {
                    case .both: result.both += count * other
                    case .out, .in: result.oneSided += count * other
                    case .none: break
                    }
                }
            }
            return result
        }

        func pairsWithItself(_ open: Int) -> Count {
            var result = Count()
            for (sight, count) in counts.enumerated() where Self.relation(sight, sight, open) == .both { result.both += count }
            return result
        }

        private static func relation(_ a: Int, _ b: Int, _ open: Int) -> Reachability.Relation {
            let grades = [(a & 3, b & 3), (a >> 2, b >> 2)]
            let mutual = grades.enumerated().reduce(0) { $0 | (min($1.element.0, $1.element.1) >= Grade.held.rawValue ? 1 << $1.offset : 0) }
            if mutual != 0 { return mutual & open != 0 ? .both : .none }
            if grades.contains(where: { $0 >= Grade.missing.rawValue && $1 == Grade.named.rawValue }) { return .out }
            return grades.contains { $0 == Grade.named.rawValue && $1 >= Grade.missing.rawValue } ? .in : .none
        }
    }
}
