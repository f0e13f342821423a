// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// Two peers between which the engine passed packets, in either direction.
public struct PeerPair: Hashable, Sendable {
    /// The peer that was added first.
    public let first: PublicKey
    /// The other peer.
    public let second: PublicKey

    /// Pairs are equal only if they name their peers in the same order.
    public init(first: PublicKey, second: PublicKey) { (self.first, self.second) = (first, second) }
}

extension Engine {
    /// How many cells are emptied before the lock is released: at most about 20 microseconds.
    private static let cellsPerPiece = 1024

    /// The pairs of peers between which packets passed since the last call. Leaves out removed peers. Most pairs are reported once, and some
    /// again for each thread that passed their packets. With tens of thousands of pairs at a time, some are reported by a later call.
    public func takePairs() -> [PeerPair] {
        var taken = control.locked { control.takeEarlierPairs() }
        for thread in shared.counters.indices {
            for start in stride(from: 0, to: PairMarks.capacity, by: Self.cellsPerPiece) {
                taken += control.locked { control.takePairs(ofThread: thread, start..<start + Self.cellsPerPiece) }
            }
        }
        return taken
    }
}

extension Control {
    /// Pairs to keep while nobody asks for them.
    private static let keptPairs = 100_000

    /// Empties some cells of one thread's marks.
    func takePairs(ofThread thread: Int, _ cells: Range<Int>) -> [PeerPair] {
        var taken: [PeerPair] = []
        shared.counters[thread].pairs.empty(cells) { a, b in
            guard a != b, let first = peers[a]?.configuration.publicKey, let second = peers[b]?.configuration.publicKey else { return }
            taken.append(PeerPair(first: first, second: second))
        }
        return taken
    }

    /// The pairs that `keepPairs` kept.
    func takeEarlierPairs() -> [PeerPair] {
        defer { earlierPairs = [] }
        return earlierPairs
    }

    /// Reads all marks before the slot of a removed peer gets a new one, so that nobody takes the old peer's pairs for the new peer's. Removed
    /// peers lose their newest marks.
    func keepPairs() {
        guard earlierPairs.count < Self.keptPairs else { return }
        for thread in shared.counters.indices { earlierPairs += takePairs(ofThread: thread, 0..<PairMarks.capacity) }
    }
}
