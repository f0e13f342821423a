// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// Under which keypairs a peer changed its address, to find a key that two machines use. Written by the worker that sees a move; relaxed,
/// for a lost count does no harm. Zeroed is "never moved".
///
/// A machine that roams moves under its newest keypair and never sends under an older one again (whitepaper 6.3). Two machines with one key
/// have a keypair each, and take turns: a move under one, a move under the other, and then one under the first again, for as long as both are on.
/// Late packets can look like that for a moment, so returns count only when they are seconds apart.
struct MoveCell: ~Copyable {
    /// Returns that make it two machines.
    static let threshold: UInt32 = 3
    /// Returns closer together than this are one, and further apart have nothing to do with each other.
    static let gap: Duration = .seconds(2)
    static let span: Duration = .seconds(180)
    /// How long after the last return it is told.
    static let memory: Duration = .seconds(600)

    /// The local indices of the last two keypairs that the peer moved under, the later one in the lower half.
    private let movers: Atomic<UInt64>
    private let returnedAt: Atomic<UInt64>
    private let returns: Atomic<UInt32>
    /// The two addresses of the last return.
    private let first: PathCell
    private let second: PathCell

    /// Notes a move under the keypair with this index; true when it shows, once more, that there are two machines.
    borrowing func moved(under index: UInt32, from before: Path, to after: Path, now: Instant) -> Bool {
        let last = movers.load(ordering: .relaxed)
        guard UInt32(truncatingIfNeeded: last) != index else { return false }
        movers.store(last << 32 | UInt64(index), ordering: .relaxed)
        let since = now - Instant(nanoseconds: returnedAt.load(ordering: .relaxed))
        guard UInt32(truncatingIfNeeded: last >> 32) == index, since >= Self.gap else { return false }
        let count = since < Self.span ? returns.load(ordering: .relaxed) + 1 : 1
        returnedAt.store(now.nanoseconds, ordering: .relaxed)
        returns.store(count, ordering: .relaxed)
        first.store(before)
        second.store(after)
        return count >= Self.threshold
    }

    /// For a peer that is new here.
    borrowing func clear() {
        movers.store(0, ordering: .relaxed)
        returnedAt.store(0, ordering: .relaxed)
        returns.store(0, ordering: .relaxed)
        first.store(Path())
        second.store(Path())
    }

    /// Where the two machines were seen.
    var endpoints: [Endpoint] { [first.load(), second.load()].compactMap(\.remote.endpoint) }
}
