// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// The last sources of handshakes that belong to no peer: made for another hub's key, or with a key that no peer has. A peer whose file is
/// wrong is found by the address at which it was heard before.
///
/// Fixed memory: the hash of a source gives a few cells, of which it takes its own or the oldest. Each is written at most ten times a second,
/// so a flood costs next to nothing. It can only push out other strangers. Any thread may write.
struct StrangerTable: ~Copyable, Sendable {
    private static let capacity = 64
    /// Cells for sources with the same hash, so that two strangers who call all the time do not push each other out.
    private static let ways = 4
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
        let first = Int(mixed >> 40) % (Self.capacity / Self.ways) * Self.ways
        let path = Path(remote: source)
        var place = first
        for candidate in first..<first + Self.ways {
            let cell = cells.at(UInt32(candidate))
            if cell.pointee.source.load() == path, cell.pointee.reason.load(ordering: .relaxed) == reason.rawValue {
                place = candidate
                break
            }
            let oldest = cells.at(UInt32(place)).pointee.at.load(ordering: .relaxed)
            if cell.pointee.at.load(ordering: .relaxed) < oldest { place = candidate }
        }
        let cell = cells.at(UInt32(place))
        guard now.nanoseconds &- cell.pointee.at.load(ordering: .relaxed) >= Self.interval else { return }
        cell.pointee.source.store(path)
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
