// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// The tokens of probes under way, by which workers know an answer. Written by the control side, except for the answer, which the first worker
/// that sees it writes. While there are none it costs workers one relaxed load a round.
struct ProbeTable: ~Copyable, Sendable {
    /// As many as can be remembered at once: those of the longest life, begun as fast as may be.
    static let capacity = 64

    private let cells = Slab<Cell>(capacity: capacity)
    private let used = Atomic<Int>(0)

    private struct Cell: ~Copyable {
        /// The token's upper half; 0 in a free cell.
        let high: Atomic<UInt64>
        let low: Atomic<UInt64>
        /// The slot of the peer that must answer.
        let peer: Atomic<UInt32>
        /// When the answer came, in nanoseconds with the lowest bit set for a reply and clear for an error; 0 while none came.
        let answer: Atomic<UInt64>
    }

    /// How a probe was answered, and when.
    struct Answer: Equatable {
        var at: Instant
        var isReply: Bool
    }

    /// Whether any probe is remembered.
    var isActive: Bool { used.load(ordering: .relaxed) > 0 }

    // MARK: The control side

    /// Puts a token, whose upper half is not zero, into a free cell; nil when there is none.
    borrowing func add(_ token: UInt128, peer: UInt32) -> UInt32? {
        guard let free = (0..<UInt32(Self.capacity)).first(where: { cells.at($0).pointee.high.load(ordering: .relaxed) == 0 }) else { return nil }
        let cell = cells.at(free)
        cell.pointee.peer.store(peer, ordering: .relaxed)
        cell.pointee.answer.store(0, ordering: .relaxed)
        cell.pointee.low.store(UInt64(truncatingIfNeeded: token), ordering: .relaxed)
        cell.pointee.high.store(UInt64(truncatingIfNeeded: token >> 64), ordering: .releasing)
        used.add(1, ordering: .relaxed)
        return free
    }

    /// Forgets a token; from now on its answer is a packet like any other.
    borrowing func remove(_ cell: UInt32) {
        cells.at(cell).pointee.high.store(0, ordering: .relaxed)
        used.subtract(1, ordering: .relaxed)
    }

    /// The first answer to the token in this cell.
    borrowing func answer(of cell: UInt32) -> Answer? {
        let value = cells.at(cell).pointee.answer.load(ordering: .acquiring)
        return value == 0 ? nil : Answer(at: Instant(nanoseconds: value), isReply: value & 1 == 1)
    }

    // MARK: Workers

    /// True when `answer`, which came from `sender`, is to one of the probes: it must go no further.
    borrowing func take(_ answer: ICMP.ProbeAnswer, from sender: UInt32, now: Instant) -> Bool {
        let (token, value) =
            switch answer {
            case .reply(let token): (token, now.nanoseconds | 1)
            case .unreachable(let token): (token, now.nanoseconds & ~1)
            }
        let (high, low) = (UInt64(truncatingIfNeeded: token >> 64), UInt64(truncatingIfNeeded: token))
        guard high != 0 else { return false }
        for index in 0..<UInt32(Self.capacity) {
            let cell = cells.at(index)
            guard cell.pointee.high.load(ordering: .acquiring) == high, cell.pointee.low.load(ordering: .relaxed) == low,
                cell.pointee.peer.load(ordering: .relaxed) == sender
            else { continue }
            _ = cell.pointee.answer.compareExchange(expected: 0, desired: value, ordering: .acquiringAndReleasing)
            return true
        }
        return false
    }
}
