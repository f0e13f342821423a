// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// The sender and receiver of a packet, by slot, as far as they are known.
struct Parties: Equatable {
    static let nobody = UInt32.max

    var sender = Parties.nobody
    var receiver = Parties.nobody
}

/// The drops of one thread by peers: a count and the last time for each reason and pair of peers. One thread writes, any thread may read.
///
/// Open addressing in memory of a fixed size. An entry belongs to the peers that used the slots at that time. When a slot gets a new peer,
/// its entries become invalid, and the writer reuses an invalid entry when it finds one. A drop without a free entry counts as `unlisted`.
struct DropLedger: ~Copyable, Sendable {
    /// 192 KiB per thread; pages are touched only when used.
    static let capacity = 8192
    /// How many entries are examined before a drop counts as unlisted.
    private static let probes = 16

    private let entries: Slab<Entry>
    /// How often each slot was assigned to a peer; written by the control side.
    private let tenancies: Slab<Atomic<UInt32>>
    private let unlistedDrops = Atomic<UInt64>(0)

    private struct Entry: ~Copyable {
        /// A packed `Key`; 0 means free.
        let key: Atomic<UInt64>
        let count: Atomic<UInt64>
        let lastAt: Atomic<UInt64>
    }

    /// Reason and parties with the low bits of their tenancies: `reason + 1` (8 bits), then 18 bits of slot + 1 and 10 of tenancy for each.
    private struct Key {
        static let slotMask: UInt64 = (1 << 18) - 1
        static let tenancyMask: UInt64 = (1 << 10) - 1
        let packed: UInt64

        init(packed: UInt64) { self.packed = packed }

        init(_ reason: DropReason, _ parties: Parties, _ tenancies: borrowing Slab<Atomic<UInt32>>) {
            packed = UInt64(reason.rawValue + 1) << 56 | Self.half(parties.sender, tenancies) << 28 | Self.half(parties.receiver, tenancies)
        }

        private static func half(_ slot: UInt32, _ tenancies: borrowing Slab<Atomic<UInt32>>) -> UInt64 {
            guard slot != Parties.nobody else { return 0 }
            return (UInt64(slot) + 1) << 10 | (UInt64(tenancies.at(slot).pointee.load(ordering: .relaxed)) & tenancyMask)
        }

        var reason: DropReason? { DropReason(rawValue: UInt8(truncatingIfNeeded: packed >> 56) &- 1) }
        var parties: Parties { Parties(sender: slot(packed >> 38), receiver: slot(packed >> 10)) }

        /// False when one of the slots has a different peer by now.
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

    /// The number of drops without an entry.
    var unlisted: UInt64 { unlistedDrops.load(ordering: .relaxed) }

    /// Invalidates the counts of a slot's previous peer.
    borrowing func reset(_ slot: UInt32) {
        let tenancy = tenancies.at(slot)
        tenancy.pointee.store(tenancy.pointee.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    /// Counts a drop. Only one thread may write.
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
        // Clear the key first: a reader that sees the old key both before and after has read consistent numbers.
        place.pointee.key.store(0, ordering: .relaxed)
        atomicMemoryFence(ordering: .releasing)
        place.pointee.count.store(UInt64(count), ordering: .relaxed)
        place.pointee.lastAt.store(now.nanoseconds, ordering: .relaxed)
        place.pointee.key.store(key, ordering: .releasing)
    }

    /// Calls `body` with each entry whose peers still exist. May be called from any thread.
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
