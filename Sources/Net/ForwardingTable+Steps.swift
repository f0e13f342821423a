// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

extension ForwardingTable {
    /// One change of the tables that readers use. A copy that repeats the steps in order becomes equal to the table they were recorded from, so
    /// a writer with two copies changes the one that nobody reads, and never copies a whole table.
    public enum Step: Sendable {
        /// Makes room for so many members.
        case grow(Int)
        /// A member's allowed IPs are the lists with these numbers.
        case allow(Member, v4: UInt32, v6: UInt32)
        /// A prefix belongs to an owner, or to nobody.
        case own(IPPrefix, UInt32)
        case disown(IPPrefix)
        /// A prefix is added to the list with this number, or removed from it.
        case list(IPPrefix, in: UInt32)
        case unlist(IPPrefix, in: UInt32)
        /// Packets to a prefix that nobody owns go this way, or as a wider prefix says.
        case lead(IPPrefix, Way?)
    }

    /// The steps since they were last taken.
    struct Record: Sendable {
        /// Repeating more steps than this is no faster than copying the tables of a large hub.
        static let limit = 4096

        var steps: [Step] = []
        var isComplete = true

        mutating func append(_ step: Step) {
            if steps.count < Self.limit { steps.append(step) } else { isComplete = false }
        }
    }

    /// Begins to record steps.
    public mutating func recordSteps() { record = Record() }

    /// The steps since the last call. Nil if there were too many to repeat, or none are recorded.
    public mutating func takeSteps() -> [Step]? {
        guard let taken = record else { return nil }
        record = Record()
        return taken.isComplete ? taken.steps : nil
    }

    /// Uses a copy of the tables that is equal to this one's, but shared with no reader.
    public mutating func use(_ copy: consuming Decisions) { decisions = copy }

    /// Changes the tables and records the step. Returns the number of the list that was changed, which may be new.
    @discardableResult mutating func perform(_ step: Step) -> UInt32 {
        record?.append(step)
        return decisions.apply(step)
    }
}

extension ForwardingTable.Decisions {
    /// Performs a step. Returns the number of the list that was changed.
    @discardableResult public mutating func apply(_ step: ForwardingTable.Step) -> UInt32 {
        switch step {
        case .grow(let count):
            while allowed4.count < count {
                allowed4.append(PrefixTables<UInt32>.empty)
                allowed6.append(PrefixTables<UInt128>.empty)
            }
        case .allow(let member, let v4, let v6):
            allowed4[Int(member)] = v4
            allowed6[Int(member)] = v6
        case .own(let prefix, let value):
            switch prefix.address {
            case .v4(let a): tables4.insert(a.bits, length: prefix.length, value: value, in: &owners4)
            case .v6(let a): tables6.insert(a.bits, length: prefix.length, value: value, in: &owners6)
            }
        case .disown(let prefix):
            switch prefix.address {
            case .v4(let a): tables4.remove(a.bits, length: prefix.length, from: &owners4)
            case .v6(let a): tables6.remove(a.bits, length: prefix.length, from: &owners6)
            }
        case .list(let prefix, in: var list):
            switch prefix.address {
            case .v4(let a): tables4.insert(a.bits, length: prefix.length, value: 0, in: &list)
            case .v6(let a): tables6.insert(a.bits, length: prefix.length, value: 0, in: &list)
            }
            return list
        case .unlist(let prefix, in: var list):
            switch prefix.address {
            case .v4(let a): tables4.remove(a.bits, length: prefix.length, from: &list)
            case .v6(let a): tables6.remove(a.bits, length: prefix.length, from: &list)
            }
            return list
        case .lead(let prefix, let way?):
            switch prefix.address {
            case .v4(let a): tables4.insert(a.bits, length: prefix.length, value: way.rawValue, in: &ways4)
            case .v6(let a): tables6.insert(a.bits, length: prefix.length, value: way.rawValue, in: &ways6)
            }
        case .lead(let prefix, nil):
            switch prefix.address {
            case .v4(let a): tables4.remove(a.bits, length: prefix.length, from: &ways4)
            case .v6(let a): tables6.remove(a.bits, length: prefix.length, from: &ways6)
            }
        }
        return PrefixTables<UInt32>.empty
    }
}
