// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// The tokens of running probes, by which workers recognise answers. The control side writes the tokens; the first worker that sees an
/// answer records it. While there are no probes, this costs workers one relaxed load per round.
struct ProbeTable: ~Copyable, Sendable {
    /// The largest number of probes that can be remembered at once, if they start as fast as allowed and live as long as possible.
    static let capacity = 64

    private let cells = Slab<Cell>(capacity: capacity)
    private let used = Atomic<Int>(0)

    private struct Cell: ~Copyable {
        /// The token's upper half; 0 in a free cell.
        let high: Atomic<UInt64>
        let low: Atomic<UInt64>
        /// The slot of the peer that must answer.
        let peer: Atomic<UInt32>
        /// When the answer arrived, in nanoseconds. The lowest bit is set for a reply and clear for an error; 0 means no answer yet.
        let answer: Atomic<UInt64>
        /// The sized echoes that were answered: bit n for number n (`SizeSearch`).
        let sizes: Atomic<UInt64>
    }

    /// The bits of a token that hold an echo's number: 0 for the first one of each probe, others for its sized echoes.
    static let numberMask: UInt128 = 63

    /// What kind of answer arrived, and when.
    struct Answer: Equatable {
        var at: Instant
        var isReply: Bool
    }

    /// Whether any probe is remembered.
    var isActive: Bool { used.load(ordering: .relaxed) > 0 }

    // MARK: The control side

    /// Stores a token, whose upper half must not be zero and whose number must be, in a free cell; nil when there is none.
    borrowing func add(_ token: UInt128, peer: UInt32) -> UInt32? {
        guard let free = (0..<UInt32(Self.capacity)).first(where: { cells.at($0).pointee.high.load(ordering: .relaxed) == 0 }) else { return nil }
        let cell = cells.at(free)
        cell.pointee.peer.store(peer, ordering: .relaxed)
        cell.pointee.answer.store(0, ordering: .relaxed)
        cell.pointee.sizes.store(0, ordering: .relaxed)
        cell.pointee.low.store(UInt64(truncatingIfNeeded: token), ordering: .relaxed)
        cell.pointee.high.store(UInt64(truncatingIfNeeded: token >> 64), ordering: .releasing)
        used.add(1, ordering: .relaxed)
        return free
    }

    /// Forgets a token; from now on its answer is treated like any other packet.
    borrowing func remove(_ cell: UInt32) {
        cells.at(cell).pointee.high.store(0, ordering: .relaxed)
        used.subtract(1, ordering: .relaxed)
    }

    /// The first answer to the token in this cell.
    borrowing func answer(of cell: UInt32) -> Answer? {
        let value = cells.at(cell).pointee.answer.load(ordering: .acquiring)
        return value == 0 ? nil : Answer(at: Instant(nanoseconds: value), isReply: value & 1 == 1)
    }

    /// The sized echoes of the token in this cell that were answered, as a bit mask.
    borrowing func sizes(of cell: UInt32) -> UInt64 { cells.at(cell).pointee.sizes.load(ordering: .acquiring) }

    // MARK: Workers

    /// True when `answer`, which came from `sender`, answers one of the probes. The caller must not forward it.
    borrowing func take(_ answer: ICMP.ProbeAnswer, from sender: UInt32, now: Instant) -> Bool {
        let (token, value) =
            switch answer {
            case .reply(let token): (token, now.nanoseconds | 1)
            case .unreachable(let token): (token, now.nanoseconds & ~1)
            }
        let number = UInt64(truncatingIfNeeded: token & Self.numberMask)
        let (high, low) = (UInt64(truncatingIfNeeded: token >> 64), UInt64(truncatingIfNeeded: token & ~Self.numberMask))
        guard high != 0 else { return false }
        for index in 0..<UInt32(Self.capacity) {
            let cell = cells.at(index)
            guard cell.pointee.high.load(ordering: .acquiring) == high, cell.pointee.low.load(ordering: .relaxed) == low,
                cell.pointee.peer.load(ordering: .relaxed) == sender
            else { continue }
            if number == 0 {
                _ = cell.pointee.answer.compareExchange(expected: 0, desired: value, ordering: .acquiringAndReleasing)
            } else if value & 1 == 1 {
                cell.pointee.sizes.bitwiseOr(1 << number, ordering: .acquiringAndReleasing)
            }
            return true
        }
        return false
    }
}
