// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// Who takes part in a packet, by slot, as far as that is known.
struct Parties: Equatable {
    static let nobody = UInt32.max

    var sender = Parties.nobody
    var receiver = Parties.nobody
}

/// What one thread dropped for whom: a count and the last time for each reason and pair of peers. One writer, read by anybody.
///
/// Open addressing in memory of a fixed size. An entry belongs to tenants, not to slots: when a slot gets a new peer its entries
/// are dead, and the writer takes the place of a dead entry that it meets. Where no place is left the drop counts as `unlisted`.
struct DropLedger: ~Copyable, Sendable {
    /// 192 KiB a thread, touched as far as it is used.
    static let capacity = 8192
    /// Entries looked at before a drop is unlisted.
    private static let probes = 16

    private let entries: Slab<Entry>
    /// How often each slot was given to a peer; written by the control side.
    private let tenancies: Slab<Atomic<UInt32>>
    private let unlistedDrops = Atomic<UInt64>(0)

    private struct Entry: ~Copyable {
        /// A packed `Key`; 0 is free.
        let key: Atomic<UInt64>
        let count: Atomic<UInt64>
        let lastAt: Atomic<UInt64>
    }

    /// Reason and parties with the low bits of their tenancies: `reason + 1` (8 bits), then 17 bits of slot + 1 and 11 of tenancy for each.
    private struct Key {
        static let slotMask: UInt64 = (1 << 17) - 1
        static let tenancyMask: UInt64 = (1 << 11) - 1
        let packed: UInt64

        init(packed: UInt64) { self.packed = packed }

        init(_ reason: DropReason, _ parties: Parties, _ tenancies: borrowing Slab<Atomic<UInt32>>) {
            packed = UInt64(reason.rawValue + 1) << 56 | Self.half(parties.sender, tenancies) << 28 | Self.half(parties.receiver, tenancies)
        }

        private static func half(_ slot: UInt32, _ tenancies: borrowing Slab<Atomic<UInt32>>) -> UInt64 {
            guard slot != Parties.nobody else { return 0 }
            return (UInt64(slot) + 1) << 11 | (UInt64(tenancies.at(slot).pointee.load(ordering: .relaxed)) & tenancyMask)
        }

        var reason: DropReason? { DropReason(rawValue: UInt8(truncatingIfNeeded: packed >> 56) &- 1) }
        var parties: Parties { Parties(sender: slot(packed >> 39), receiver: slot(packed >> 11)) }

        /// False when a slot has another tenant by now.
        func isCurrent(_ tenancies: borrowing Slab<Atomic<UInt32>>) -> Bool {
            guard let reason else { return false }
            return Key(reason, parties, tenancies).packed == packed
        }

        private func slot(_ bits: UInt64) -> UInt32 { UInt32(bits & Self.slotMask) &- 1 }
    }

    init(peers: Int) {
        entries = Slab(capacity: Self.capacity)
        tenancies = Slab(capacity: peers)
    }

    /// Drops that found no place.
    var unlisted: UInt64 { unlistedDrops.load(ordering: .relaxed) }

    /// For a slot that gets a new peer: what was counted for the one before is dead.
    borrowing func reset(_ slot: UInt32) {
        let tenancy = tenancies.at(slot)
        tenancy.pointee.store(tenancy.pointee.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    /// Counts as the only writer.
    borrowing func note(_ reason: DropReason, _ parties: Parties, count: Int, now: Instant) {
        let key = Key(reason, parties, tenancies).packed
        var place: UnsafeMutablePointer<Entry>?
        let start = UInt32(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 40)
        for probe in 0..<Self.probes {
            let entry = entries.at((start &+ UInt32(probe)) % UInt32(Self.capacity))
            let found = entry.pointee.key.load(ordering: .relaxed)
            if found == key {
                entry.pointee.lastAt.store(now.nanoseconds, ordering: .relaxed)
                return entry.pointee.count.increment(by: UInt64(count))
            }
            if place == nil, !Key(packed: found).isCurrent(tenancies) { place = entry }
            if found == 0 { break }
        }
        guard let place else { return unlistedDrops.increment(by: UInt64(count)) }
        // A reader that sees the old key again afterwards has read the old numbers.
        place.pointee.key.store(0, ordering: .relaxed)
        atomicMemoryFence(ordering: .releasing)
        place.pointee.count.store(UInt64(count), ordering: .relaxed)
        place.pointee.lastAt.store(now.nanoseconds, ordering: .relaxed)
        place.pointee.key.store(key, ordering: .releasing)
    }

    /// Lends each entry whose peers are still there to `body`. Any thread.
    borrowing func forEach(_ body: (DropReason, Parties, _ count: UInt64, _ lastAt: Instant) -> Void) {
        for index in 0..<UInt32(Self.capacity) {
            let entry = entries.at(index)
            let packed = entry.pointee.key.load(ordering: .acquiring)
            guard packed != 0 else { continue }
            let (count, lastAt) = (entry.pointee.count.load(ordering: .relaxed), entry.pointee.lastAt.load(ordering: .relaxed))
            atomicMemoryFence(ordering: .acquiring)
            let key = Key(packed: packed)
            guard entry.pointee.key.load(ordering: .relaxed) == packed, key.isCurrent(tenancies), let reason = key.reason else { continue }
            body(reason, key.parties, count, Instant(nanoseconds: lastAt))
        }
    }
}
