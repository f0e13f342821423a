// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Synchronization

/// The flows that rules have allowed: what they started may be answered (Documentation/rules.md).
///
/// A table of a fixed size that all workers share. A flow has a few places, in one stretch of memory. Looking up a flow takes no lock and
/// writes nothing while the flow stays as it is, so that both directions may be on different cores. Only one place is locked at a time, and
/// only to change it. When all places of a flow are taken, the flow that was idle for the longest time goes, and is counted.
struct FlowTable: ~Copyable, Sendable {
    /// 16 MiB; pages are touched only when used.
    static let capacity = 262_144
    /// The places that one flow may have.
    static let ways = 8
    /// How often the time of the last packet is written.
    private static let tick: UInt64 = 1_000_000_000

    private let entries = Slab<FlowEntry>(capacity: capacity)
    private let evictions = Atomic<UInt64>(0)

    /// What was read of an entry at one time.
    struct Found {
        let entry: UnsafeMutablePointer<FlowEntry>
        var head: UInt64
        var state: FlowState

        /// The lower half of the number of the snapshot that allowed the flow.
        var epoch: UInt32 { UInt32(truncatingIfNeeded: head >> 32) }
    }

    /// How many flows had to go because their places were taken.
    var evicted: UInt64 { evictions.load(ordering: .relaxed) }

    /// The live entry of a flow; nil if there is none.
    borrowing func find(_ name: FlowName, now: UInt64) -> Found? {
        let hash = name.hash
        let (first, start) = Self.places(hash)
        for way in 0..<Self.ways {
            let entry = entries.at(first &+ UInt32((start &+ way) & (Self.ways &- 1)))
            guard entry.pointee.state.load(ordering: .relaxed) & FlowState.nameMask == name.transport else { continue }
            guard let found = read(entry, name) else { continue }
            let seen = entry.pointee.seenAt.load(ordering: .relaxed)
            guard now < seen &+ found.state.patience else { continue }
            return found
        }
        return nil
    }

    /// The first entry of a flow's places, and which of them to look at first.
    private static func places(_ hash: UInt64) -> (first: UInt32, start: Int) {
        let set = UInt32(truncatingIfNeeded: hash) & UInt32(capacity / ways - 1)
        return (set &* UInt32(ways), Int(truncatingIfNeeded: hash >> 60))
    }

    /// Reads an entry if it is that of this flow, and nobody writes to it meanwhile.
    private borrowing func read(_ entry: UnsafeMutablePointer<FlowEntry>, _ name: FlowName) -> Found? {
        for _ in 0..<64 {
            let head = entry.pointee.head.load(ordering: .acquiring)
            guard head & 1 == 0 else { continue }
            let isSame =
                entry.pointee.lowLow.load(ordering: .relaxed) == name.lowLow && entry.pointee.highLow.load(ordering: .relaxed) == name.highLow
                && entry.pointee.lowHigh.load(ordering: .relaxed) == name.lowHigh
                && entry.pointee.highHigh.load(ordering: .relaxed) == name.highHigh
                && entry.pointee.members.load(ordering: .relaxed) == name.members
            let state = FlowState(word: entry.pointee.state.load(ordering: .relaxed))
            atomicMemoryFence(ordering: .acquiring)
            guard entry.pointee.head.load(ordering: .relaxed) == head else { continue }
            return isSame && state.word & FlowState.nameMask == name.transport ? Found(entry: entry, head: head, state: state) : nil
        }
        return nil
    }

    /// Notes that a packet of the flow passed.
    borrowing func touch(_ found: Found, now: UInt64) {
        let seen = found.entry.pointee.seenAt.load(ordering: .relaxed)
        // Another worker's time may be later than ours.
        if now > seen &+ Self.tick { found.entry.pointee.seenAt.store(now, ordering: .relaxed) }
    }

    /// Changes a flow's state and the snapshot that it goes by, unless somebody else has changed it since it was found.
    borrowing func change(_ found: Found, to state: FlowState, epoch: UInt32) {
        guard lock(found.entry, found.head) else { return }
        found.entry.pointee.state.store(state.word, ordering: .relaxed)
        unlock(found.entry, found.head, epoch: epoch)
    }

    /// Ends a flow, unless somebody else has changed it since it was found.
    borrowing func end(_ found: Found) {
        guard lock(found.entry, found.head) else { return }
        found.entry.pointee.state.store(0, ordering: .relaxed)
        unlock(found.entry, found.head, epoch: 0)
    }

    /// Adds a flow that has no entry.
    borrowing func add(_ name: FlowName, _ state: FlowState, epoch: UInt32, now: UInt64) {
        // Others may take the place in the meantime. A flow without an entry is decided again with its next packet.
        for _ in 0..<4 {
            let (entry, isInUse) = place(for: name, now: now)
            let head = entry.pointee.head.load(ordering: .relaxed)
            guard head & 1 == 0, lock(entry, head) else { continue }
            entry.pointee.lowHigh.store(name.lowHigh, ordering: .relaxed)
            entry.pointee.lowLow.store(name.lowLow, ordering: .relaxed)
            entry.pointee.highHigh.store(name.highHigh, ordering: .relaxed)
            entry.pointee.highLow.store(name.highLow, ordering: .relaxed)
            entry.pointee.members.store(name.members, ordering: .relaxed)
            entry.pointee.seenAt.store(now, ordering: .relaxed)
            entry.pointee.state.store(state.word, ordering: .relaxed)
            unlock(entry, head, epoch: epoch)
            if isInUse { _ = evictions.add(1, ordering: .relaxed) }
            return
        }
    }

    /// A free place for a flow, or one whose flow has ended; else the place of the flow that was idle for the longest time, which is in use.
    private borrowing func place(for name: FlowName, now: UInt64) -> (UnsafeMutablePointer<FlowEntry>, isInUse: Bool) {
        let (first, start) = Self.places(name.hash)
        var oldest = (entry: entries.at(first), seen: UInt64.max)
        for way in 0..<Self.ways {
            let entry = entries.at(first &+ UInt32((start &+ way) & (Self.ways &- 1)))
            let state = FlowState(word: entry.pointee.state.load(ordering: .relaxed))
            let seen = entry.pointee.seenAt.load(ordering: .relaxed)
            guard state.isTaken, now < seen &+ state.patience else { return (entry, false) }
            if seen < oldest.seen { oldest = (entry, seen) }
        }
        return (oldest.entry, true)
    }

    private borrowing func lock(_ entry: UnsafeMutablePointer<FlowEntry>, _ head: UInt64) -> Bool {
        let isLocked = entry.pointee.head.compareExchange(expected: head, desired: head | 1, ordering: .acquiringAndReleasing).exchanged
        // Readers that see a new word must also see the odd head.
        if isLocked { atomicMemoryFence(ordering: .releasing) }
        return isLocked
    }

    private borrowing func unlock(_ entry: UnsafeMutablePointer<FlowEntry>, _ head: UInt64, epoch: UInt32) {
        let sequence = UInt32(truncatingIfNeeded: head) &+ 2
        entry.pointee.head.store(UInt64(epoch) << 32 | UInt64(sequence), ordering: .releasing)
    }

    /// A flow as `forEach` tells of it: as its initiator's first packet.
    struct Flow {
        var packet: RuleSet.Packet
        var from: UInt32
        var to: UInt32
    }

    /// Calls `body` with each live flow; the fragments of packets are none. May be called from any thread.
    borrowing func forEach(now: UInt64, _ body: (Flow) -> Void) {
        for index in 0..<UInt32(Self.capacity) {
            let entry = entries.at(index)
            guard entry.pointee.state.load(ordering: .relaxed) != 0, let flow = flow(entry, now: now) else { continue }
            body(flow)
        }
    }

    private borrowing func flow(_ entry: UnsafeMutablePointer<FlowEntry>, now: UInt64) -> Flow? {
        let head = entry.pointee.head.load(ordering: .acquiring)
        let low = (entry.pointee.lowHigh.load(ordering: .relaxed), entry.pointee.lowLow.load(ordering: .relaxed))
        let high = (entry.pointee.highHigh.load(ordering: .relaxed), entry.pointee.highLow.load(ordering: .relaxed))
        let members = entry.pointee.members.load(ordering: .relaxed)
        let state = FlowState(word: entry.pointee.state.load(ordering: .relaxed))
        let seen = entry.pointee.seenAt.load(ordering: .relaxed)
        atomicMemoryFence(ordering: .acquiring)
        guard head & 1 == 0, entry.pointee.head.load(ordering: .relaxed) == head, state.isTaken, !state.isFragments, now < seen &+ state.patience
        else { return nil }
        let address = { (words: (UInt64, UInt64)) -> IPAddress in
            state.isV4
                ? .v4(IPv4Address(bits: UInt32(truncatingIfNeeded: words.1))) : .v6(IPv6Address(high: words.0, low: words.1))
        }
        let (lowMember, highMember) = (UInt32(truncatingIfNeeded: members >> 32), UInt32(truncatingIfNeeded: members))
        let isHigh = state.isInitiatorHigh
        let port = state.number == 6 || state.number == 17 ? (isHigh ? state.ports.low : state.ports.high) : 0
        let packet = RuleSet.Packet(
            source: address(isHigh ? high : low), destination: address(isHigh ? low : high), number: state.number, port: port)
        return Flow(packet: packet, from: isHigh ? highMember : lowMember, to: isHigh ? lowMember : highMember)
    }
}
