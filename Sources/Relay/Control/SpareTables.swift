// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The tables of a replaced snapshot, which the next one uses again. So a change costs what it changes, and not a copy of tables that may hold
/// a hundred thousand prefixes.
///
/// Two sets of tables take turns: workers read one, and the other waits for the next change, which brings it up to date with the steps of the
/// change before. When a change comes before all workers have left the replaced snapshot, the tables are copied instead.
struct SpareTables {
    /// What leads from the tables of one snapshot to those of the next.
    struct Steps {
        var table: [ForwardingTable.Step] = []
        var mtus: [(slot: UInt32, mtu: UInt16)] = []
    }

    /// What leads from the snapshot with this number to the newest one.
    private var latest: (number: UInt64, steps: Steps)?
    private var spare: (table: ForwardingTable.Decisions, mtus: [UInt16], steps: Steps)?

    /// The newest snapshot replaced the one with this number. Without `steps`, there were too many of them.
    mutating func noteReplaced(_ number: UInt64, _ steps: Steps?) {
        latest = steps.map { (number, $0) }
        spare = nil
    }

    /// No worker uses this snapshot any more.
    mutating func take(_ snapshot: Snapshot) {
        guard let latest, latest.number == snapshot.number else { return }
        spare = (snapshot.table, snapshot.mtus, latest.steps)
        self.latest = nil
    }

    /// Tables that are equal to those of the newest snapshot and belong to the caller alone; nil if there are none.
    mutating func make() -> (table: ForwardingTable.Decisions, mtus: [UInt16])? {
        guard let steps = spare?.steps, var (table, mtus) = spare.map({ ($0.table, $0.mtus) }) else { return nil }
        spare = nil
        for step in steps.table { table.apply(step) }
        for (slot, mtu) in steps.mtus {
            while mtus.count <= Int(slot) { mtus.append(0) }
            mtus[Int(slot)] = mtu
        }
        return (table, mtus)
    }
}
