// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// The last sources of handshakes that belong to no peer: made for another hub's key, or with a key that no peer has. A peer whose file is
/// wrong is found by the address at which it was heard before.
///
/// Fixed memory, one cell per hash of the source, written at most ten times a second each, so a flood costs next to nothing. It can only
/// push out other strangers. Any thread may write.
struct StrangerTable: ~Copyable, Sendable {
    private static let capacity = 64
    private static let interval: UInt64 = 100_000_000

    private let cells = Slab<Cell>(capacity: capacity)

    private struct Cell: ~Copyable {
        let source: PathCell
        /// When its last handshake arrived, in nanoseconds; 0 in a free cell.
        let at: Atomic<UInt64>
        /// The raw value of the drop reason.
        let reason: Atomic<UInt8>
    }

    /// Records a handshake that was dropped for `reason`.
    borrowing func note(_ reason: DropReason, _ source: UDPAddress, now: Instant) {
        let words = source.words
        let mixed = (words.0 ^ words.1 &* 31 ^ words.2 &* 17 ^ UInt64(words.3) ^ UInt64(reason.rawValue) << 48) &* 0x9E37_79B9_7F4A_7C15
        let cell = cells.at(UInt32(truncatingIfNeeded: mixed >> 40) % UInt32(Self.capacity))
        guard now.nanoseconds &- cell.pointee.at.load(ordering: .relaxed) >= Self.interval else { return }
        cell.pointee.source.store(Path(remote: source))
        cell.pointee.reason.store(reason.rawValue, ordering: .relaxed)
        cell.pointee.at.store(now.nanoseconds, ordering: .releasing)
    }

    /// Calls `body` with each recorded source, its drop reason and the time of its last handshake.
    borrowing func forEach(_ body: (Endpoint, DropReason, Instant) -> Void) {
        for index in 0..<UInt32(Self.capacity) {
            let cell = cells.at(index)
            let at = cell.pointee.at.load(ordering: .acquiring)
            guard at != 0, let reason = DropReason(rawValue: cell.pointee.reason.load(ordering: .relaxed)),
                let source = cell.pointee.source.load().remote.endpoint
            else { continue }
            body(source, reason, Instant(nanoseconds: at))
        }
    }
}
