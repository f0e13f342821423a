// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// Records under which keypairs a peer changed its endpoint, to detect a key that two machines use. The worker that sees a move writes it.
/// Relaxed atomics suffice, because a lost count does no harm. Zeroed memory means "never moved".
///
/// A machine that roams moves under its newest keypair and never returns to an older one (whitepaper 6.3). Two machines with one key have
/// one keypair each and alternate: a move under one keypair, a move under the other, then a return to the first, as long as both are
/// online. Late packets can look like this for a moment, so only returns that are seconds apart count.
struct MoveCell: ~Copyable {
    /// The number of returns that indicates two machines.
    static let threshold: UInt32 = 3
    /// The minimum time between two returns that count separately.
    static let gap: Duration = .seconds(2)
    static let span: Duration = .seconds(180)
    /// How long a contested key is reported after the last return.
    static let memory: Duration = .seconds(600)

    /// The local indices of the last two keypairs under which the peer moved, the later one in the lower half.
    private let movers: Atomic<UInt64>
    private let returnedAt: Atomic<UInt64>
    private let returns: Atomic<UInt32>
    /// The two endpoints of the last return.
    private let first: PathCell
    private let second: PathCell

    /// Records a move under the keypair with this index. True when this move again indicates two machines.
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

    /// Resets the cell for a new peer. A cell that was never used stays untouched, and takes no memory.
    borrowing func clear() {
        guard movers.load(ordering: .relaxed) != 0 else { return }
        movers.store(0, ordering: .relaxed)
        returnedAt.store(0, ordering: .relaxed)
        returns.store(0, ordering: .relaxed)
        first.store(Path())
        second.store(Path())
    }

    /// The endpoints of the two machines.
    var endpoints: [Endpoint] { [first.load(), second.load()].compactMap(\.remote.endpoint) }
}
