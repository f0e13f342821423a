// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// Finds the slot of a peer by its key. Holds only slots, four bytes each in at most four times as many cells, because a large hub has many
/// peers; their keys are where the peers are.
///
/// Open addressing with linear probing and without tombstones. A secret is part of the hash, so that nobody can choose keys that collide.
struct KeyTable {
    /// 0 in a free cell: slot 0 belongs to the hub.
    private var cells: [UInt32] = []
    private(set) var count = 0
    private let secret: UInt64

    init(secret: UInt64 = UInt64(SecureRandom.uint32()) << 32 | UInt64(SecureRandom.uint32())) { self.secret = secret }

    /// The slot whose key this is, or nil.
    func slot(of key: PublicKey, in peers: [Peer?]) -> UInt32? {
        guard !cells.isEmpty else { return nil }
        let found = cells[cell(of: key, in: peers)]
        return found == 0 ? nil : found
    }

    /// Adds the slot of a key that has none.
    mutating func insert(_ slot: UInt32, of key: PublicKey, in peers: [Peer?]) {
        if 2 * (count + 1) > cells.count { resize(to: max(16, 2 * cells.count), in: peers) }
        cells[cell(of: key, in: peers)] = slot
        count += 1
    }

    /// Removes the slot of a key. The peer must still be in `peers`.
    mutating func remove(_ key: PublicKey, in peers: [Peer?]) {
        guard slot(of: key, in: peers) != nil else { return }
        let mask = cells.count - 1
        var hole = cell(of: key, in: peers)
        var next = (hole + 1) & mask
        // Later entries move back, so that a search can stop at the first free cell.
        while cells[next] != 0 {
            let home = peers[Int(cells[next])].map { hash($0.configuration.publicKey) & mask } ?? next
            if (next - home) & mask >= (next - hole) & mask {
                cells[hole] = cells[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        cells[hole] = 0
        count -= 1
    }

    /// The cell that holds the slot of a key, or the free one where it belongs.
    private func cell(of key: PublicKey, in peers: [Peer?]) -> Int {
        let mask = cells.count - 1
        var cell = hash(key) & mask
        while cells[cell] != 0, peers[Int(cells[cell])]?.configuration.publicKey != key { cell = (cell + 1) & mask }
        return cell
    }

    private func hash(_ key: PublicKey) -> Int {
        withBytes(of: key.bytes) { bytes in
            let words = UnsafeRawPointer(bytes)
            let (first, second) = (words.loadUnaligned(as: UInt64.self), words.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            let product = (first ^ secret).multipliedFullWidth(by: second ^ 0x9E37_79B9_7F4A_7C15)
            return Int(truncatingIfNeeded: product.high ^ product.low)
        }
    }

    private mutating func resize(to newCount: Int, in peers: [Peer?]) {
        let old = cells
        cells = Array(repeating: 0, count: newCount)
        for slot in old where slot != 0 {
            if let key = peers[Int(slot)]?.configuration.publicKey { cells[cell(of: key, in: peers)] = slot }
        }
    }
}
