// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

struct `A prefix forest` {
    @Test func `A-1 finds the longest prefix, from none to a whole address`() {
        var tree = Tree<UInt32>()
        tree.insert(0, 0, 1)
        tree.insert(0x0A00_0000, 8, 2)
        tree.insert(0x0A03_0200, 24, 3)
        tree.insert(0x0A03_0201, 32, 4)
        #expect(tree.lookup(0x0B00_0000) == 1)
        #expect(tree.lookup(0x0AFF_FFFF) == 2)
        #expect(tree.lookup(0x0A03_02FF) == 3)
        #expect(tree.lookup(0x0A03_0201) == 4)
    }

    @Test func `A-1 finds nothing in an empty tree or outside its prefixes`() {
        var tree = Tree<UInt128>()
        #expect(tree.lookup(1) == nil)
        tree.insert(1, 128, 7)
        #expect(tree.lookup(0) == nil)
        #expect(tree.lookup(1) == 7)
    }

    @Test func `A-2 replaces the value of a prefix that is there`() {
        var tree = Tree<UInt32>()
        tree.insert(0x0A00_0000, 8, 1)
        tree.insert(0x0A00_0000, 8, 2)
        #expect(tree.lookup(0x0A00_0001) == 2)
        #expect(tree.forest.count == 1)
    }

    @Test func `A-3 falls to the next shorter prefix after a removal`() {
        var tree = Tree<UInt32>()
        tree.insert(0x0A00_0000, 8, 1)
        tree.insert(0x0A03_0000, 16, 2)
        tree.remove(0x0A03_0000, 16)
        #expect(tree.lookup(0x0A03_0001) == 1)
    }

    @Test func `A-4 is not changed by removing what is not exactly there`() {
        var tree = Tree<UInt32>()
        tree.insert(0x0A03_0000, 16, 1)
        tree.insert(0x0A04_0000, 16, 2)
        tree.remove(0x0A03_0000, 17)
        tree.remove(0x0A00_0000, 13)  // A node that only branches.
        tree.remove(0x0A00_0000, 8)
        #expect(tree.lookup(0x0A03_0001) == 1 && tree.lookup(0x0A04_0001) == 2)
        #expect(tree.forest.count == 3)
    }

    @Test func `tells an exact prefix from one that covers it`() {
        var tree = Tree<UInt32>()
        tree.insert(0x0A00_0000, 8, 1)
        #expect(tree.forest.value(of: 0x0A00_0000, length: 8, in: tree.root) == 1)
        #expect(tree.forest.value(of: 0x0A00_0000, length: 9, in: tree.root) == PrefixForest<UInt32>.noValue)
        #expect(tree.forest.value(of: 0x0A00_0000, length: 7, in: tree.root) == PrefixForest<UInt32>.noValue)
    }

    @Test func `A-5 has no nodes left when the last prefix is gone`() {
        var tree = Tree<UInt128>()
        for length in 0...128 { tree.insert(0, length, UInt32(length)) }
        #expect(tree.forest.count == 129)
        for length in (0...128).shuffled() { tree.remove(0, length) }
        #expect(tree.forest.count == 0)
        #expect(tree.root == PrefixForest<UInt128>.empty)
    }

    @Test func `A-5 drops a node without value that has only one child left`() {
        var tree = Tree<UInt32>()
        tree.insert(0x0A00_0000, 8, 1)
        tree.insert(0x0A03_0000, 16, 2)
        tree.insert(0x0A03_0200, 24, 3)
        tree.remove(0x0A03_0000, 16)
        #expect(tree.forest.count == 2)
        tree.insert(0x0AFF_0000, 16, 4)
        tree.remove(0x0A03_0200, 24)
        #expect(tree.forest.count == 2)
        #expect(tree.lookup(0x0A03_0201) == 1 && tree.lookup(0x0AFF_0001) == 4)
    }

    @Test func `A-5 uses the nodes of removed prefixes again`() {
        var tree = Tree<UInt32>()
        for cycle in 0..<1000 as Range<UInt32> {
            tree.insert(cycle << 12, 20, cycle)
            tree.insert(~cycle << 12, 20, cycle)
            #expect(tree.forest.count <= 3)
            tree.remove(cycle << 12, 20)
            tree.remove(~cycle << 12, 20)
        }
        #expect(tree.forest.count == 0)
    }

    @Test func `A-5 gives back a whole tree and leaves its neighbour`() {
        var forest = PrefixForest<UInt32>()
        var one = PrefixForest<UInt32>.empty
        var other = PrefixForest<UInt32>.empty
        for number in 0..<100 as Range<UInt32> {
            forest.insert(number << 8, length: 24, value: number, in: &one)
            forest.insert(number << 8, length: 24, value: number + 1000, in: &other)
        }
        forest.removeAll(from: &one)
        #expect(forest.lookup(7 << 8, in: one) == PrefixForest<UInt32>.noValue)
        #expect(forest.lookup(7 << 8, in: other) == 1007)
        forest.removeAll(from: &other)
        #expect(forest.count == 0)
    }

    @Test func `A-6 is a value: a copy does not see later changes`() {
        var tree = Tree<UInt32>()
        tree.insert(0x0A00_0000, 8, 1)
        let copy = tree
        tree.insert(0x0A00_0000, 16, 2)
        tree.remove(0x0A00_0000, 8)
        #expect(copy.lookup(0x0A00_0001) == 1)
        #expect(copy.lookup(0x0AFF_0001) == 1)
    }

    @Test func `A-8 agrees with a naive list on IPv4`() { compareWithList(UInt32.self) }
    @Test func `A-8 agrees with a naive list on IPv6`() { compareWithList(UInt128.self) }

    /// Insertions, removals and queries in random order; prefixes are mutations of a few, so that they nest and collide.
    private func compareWithList<Key: FixedWidthInteger & UnsignedInteger & Sendable>(_: Key.Type) {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let centres = (0..<20).map { _ in Key.random(in: 0...Key.max, using: &random) }
        func mutated() -> Key {
            let centre = centres.randomElement(using: &random)!
            let changed = Int.random(in: 0...Key.bitWidth, using: &random)
            return changed == 0 ? centre : centre ^ Key.random(in: 0...Key.max, using: &random) >> Key(Key.bitWidth - changed)
        }
        var tree = Tree<Key>()
        var list = NaiveList<Key>()
        var disagreements = 0
        for step in 0..<3000 {
            let length = Int.random(in: 0...Key.bitWidth, using: &random)
            let key = NaiveList.masked(mutated(), length)
            if step < 1500 ? Int.random(in: 0..<4, using: &random) > 0 : Int.random(in: 0..<4, using: &random) == 0 {
                tree.insert(key, length, UInt32(step))
                list.insert(key, length, UInt32(step))
            } else if let present = list.entries.randomElement(using: &random), Bool.random(using: &random) {
                tree.remove(present.key, present.length)
                list.remove(present.key, present.length)
            } else {
                tree.remove(key, length)
                list.remove(key, length)
            }
            for _ in 0..<3 {
                let query = mutated()
                if tree.lookup(query) != list.lookup(query) { disagreements += 1 }
            }
        }
        #expect(disagreements == 0, "seed \(seed)")
        #expect(tree.forest.count < 2 * list.entries.count, "seed \(seed)")
        for entry in list.entries { tree.remove(entry.key, entry.length) }
        #expect(tree.forest.count == 0, "seed \(seed)")
    }
}

/// A forest with one tree.
private struct Tree<Key: FixedWidthInteger & UnsignedInteger & Sendable> {
    var forest = PrefixForest<Key>()
    var root = PrefixForest<Key>.empty

    mutating func insert(_ key: Key, _ length: Int, _ value: UInt32) { forest.insert(key, length: length, value: value, in: &root) }
    mutating func remove(_ key: Key, _ length: Int) { forest.remove(key, length: length, from: &root) }

    func lookup(_ key: Key) -> UInt32? {
        let value = forest.lookup(key, in: root)
        return value == PrefixForest<Key>.noValue ? nil : value
    }
}

/// The same as a list that is searched from end to end.
private struct NaiveList<Key: FixedWidthInteger & UnsignedInteger> {
    var entries: [(key: Key, length: Int, value: UInt32)] = []

    static func masked(_ key: Key, _ length: Int) -> Key {
        length == 0 ? 0 : (key >> Key(Key.bitWidth - length)) << Key(Key.bitWidth - length)
    }

    mutating func insert(_ key: Key, _ length: Int, _ value: UInt32) {
        remove(key, length)
        entries.append((key, length, value))
    }

    mutating func remove(_ key: Key, _ length: Int) { entries.removeAll { $0.key == key && $0.length == length } }

    func lookup(_ key: Key) -> UInt32? {
        entries.filter { Self.masked(key, $0.length) == $0.key }.max { $0.length < $1.length }?.value
    }
}
