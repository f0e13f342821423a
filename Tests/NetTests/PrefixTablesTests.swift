// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

struct `Prefix tables` {
    @Test func `WG-A-1 find the longest prefix, from none to a whole address`() {
        var table = OneTable<UInt32>()
        table.insert(0, 0, 1)
        table.insert(0x0A00_0000, 8, 2)
        table.insert(0x0A03_0200, 24, 3)
        table.insert(0x0A03_0201, 32, 4)
        #expect(table.lookup(0x0B00_0000) == 1)
        #expect(table.lookup(0x0AFF_FFFF) == 2)
        #expect(table.lookup(0x0A03_02FF) == 3)
        #expect(table.lookup(0x0A03_0201) == 4)
    }

    @Test func `WG-A-1 find nothing in an empty table or outside its prefixes`() {
        var table = OneTable<UInt128>()
        #expect(table.lookup(1) == nil)
        table.insert(1, 128, 7)
        #expect(table.lookup(0) == nil)
        #expect(table.lookup(1) == 7)
    }

    @Test func `WG-A-2 replace the value of an existing prefix`() {
        var table = OneTable<UInt32>()
        table.insert(0x0A00_0000, 8, 1)
        table.insert(0x0A00_0000, 8, 2)
        #expect(table.lookup(0x0A00_0001) == 2)
        #expect(table.all.count == 1)
    }

    @Test func `WG-A-3 find the next shorter prefix after a removal`() {
        var table = OneTable<UInt32>()
        table.insert(0x0A00_0000, 8, 1)
        table.insert(0x0A03_0000, 16, 2)
        table.remove(0x0A03_0000, 16)
        #expect(table.lookup(0x0A03_0001) == 1)
    }

    @Test func `WG-A-4 do not change if the removed prefix is not exactly there`() {
        var table = OneTable<UInt32>()
        table.insert(0x0A03_0000, 16, 1)
        table.insert(0x0A04_0000, 16, 2)
        table.remove(0x0A03_0000, 17)
        table.remove(0x0A00_0000, 13)
        table.remove(0x0A00_0000, 8)
        #expect(table.lookup(0x0A03_0001) == 1)
        #expect(table.lookup(0x0A04_0001) == 2)
        #expect(table.all.count == 2)
    }

    @Test func `distinguish an exact prefix from one that covers it`() {
        var table = OneTable<UInt32>()
        table.insert(0x0A00_0000, 8, 1)
        #expect(table.all.value(of: 0x0A00_0000, length: 8, in: table.name) == 1)
        #expect(table.all.value(of: 0x0A00_0000, length: 9, in: table.name) == PrefixTables<UInt32>.noValue)
        #expect(table.all.value(of: 0x0A00_0000, length: 7, in: table.name) == PrefixTables<UInt32>.noValue)
    }

    @Test func `WG-A-5 have nothing left when the last prefix is removed`() {
        var table = OneTable<UInt128>()
        for length in 0...128 { table.insert(0, length, UInt32(length)) }
        #expect(table.all.count == 129)
        for length in (0...128).shuffled() { table.remove(0, length) }
        #expect(table.all.count == 0)
        #expect(table.name == PrefixTables<UInt128>.empty)
    }

    @Test func `WG-A-5 no longer look for a length whose last prefix is removed`() {
        var table = OneTable<UInt32>()
        table.insert(0x0A00_0000, 8, 1)
        table.insert(0x0A03_0000, 16, 2)
        table.insert(0x0A04_0000, 16, 3)
        table.remove(0x0A03_0000, 16)
        #expect(table.lookup(0x0A03_0001) == 1)
        #expect(table.lookup(0x0A04_0001) == 3)
        table.remove(0x0A04_0000, 16)
        #expect(table.lookup(0x0A04_0001) == 1)
        #expect(table.all.value(of: 0x0A04_0000, length: 16, in: table.name) == PrefixTables<UInt32>.noValue)
        table.insert(0x0A04_0000, 16, 4)
        #expect(table.lookup(0x0A04_0001) == 4)
    }

    @Test func `WG-A-5 reuse the slots of removed prefixes`() {
        var table = OneTable<UInt32>()
        for cycle in 0..<1000 as Range<UInt32> {
            table.insert(cycle << 12, 20, cycle)
            table.insert(~cycle << 12, 20, cycle)
            #expect(table.all.count == 2)
            table.remove(cycle << 12, 20)
            table.remove(~cycle << 12, 20)
        }
        #expect(table.all.count == 0)
    }

    @Test func `WG-A-5 leave a table unchanged when another one is emptied`() {
        var tables = PrefixTables<UInt32>()
        var one = PrefixTables<UInt32>.empty
        var other = PrefixTables<UInt32>.empty
        for number in 0..<100 as Range<UInt32> {
            tables.insert(number << 8, length: 24, value: number, in: &one)
            tables.insert(number << 8, length: 24, value: number + 1000, in: &other)
        }
        for number in 0..<100 as Range<UInt32> { tables.remove(number << 8, length: 24, from: &one) }
        #expect(one == PrefixTables<UInt32>.empty)
        #expect(tables.lookup(7 << 8, in: one) == PrefixTables<UInt32>.noValue)
        #expect(tables.lookup(7 << 8, in: other) == 1007)
        for number in 0..<100 as Range<UInt32> { tables.remove(number << 8, length: 24, from: &other) }
        #expect(tables.count == 0)
    }

    @Test func `WG-A-6 are values: a copy does not see later changes`() {
        var table = OneTable<UInt32>()
        table.insert(0x0A00_0000, 8, 1)
        let copy = table
        table.insert(0x0A00_0000, 16, 2)
        table.remove(0x0A00_0000, 8)
        #expect(copy.lookup(0x0A00_0001) == 1)
        #expect(copy.lookup(0x0AFF_0001) == 1)
    }

    /// The distribution of addresses must not matter: adjacent, in consecutive networks, or far apart.
    @Test(arguments: [UInt32(1), 256, 65_536, 0x9E37_79B1])
    func `WG-A-8 agree with a dictionary on addresses at equal distances`(distance: UInt32) {
        var tables = PrefixTables<UInt32>()
        var names = [PrefixTables<UInt32>.empty, PrefixTables<UInt32>.empty]
        var expected: [[UInt32: UInt32]] = [[:], [:]]
        func wrongAnswers() -> Int {
            (0..<40_000 as Range<UInt32>).count { number in
                let (key, side) = (number &* distance, Int(number & 1))
                return tables.lookup(key, in: names[side]) != expected[side][key] ?? PrefixTables<UInt32>.noValue
            }
        }
        for number in 0..<20_000 as Range<UInt32> {
            tables.insert(number &* distance, length: 32, value: number, in: &names[Int(number & 1)])
            expected[Int(number & 1)][number &* distance] = number
        }
        #expect(wrongAnswers() == 0)
        for number in 0..<20_000 as Range<UInt32> where number % 3 > 0 {
            tables.remove(number &* distance, length: 32, from: &names[Int(number & 1)])
            expected[Int(number & 1)][number &* distance] = nil
        }
        #expect(wrongAnswers() == 0)
        #expect(tables.count == expected[0].count + expected[1].count)
    }

    @Test func `WG-A-8 agree with a naive list on IPv4`() { compareWithList(UInt32.self) }
    @Test func `WG-A-8 agree with a naive list on IPv6`() { compareWithList(UInt128.self) }

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
        var table = OneTable<Key>()
        var list = NaiveList<Key>()
        var disagreements = 0
        for step in 0..<3000 {
            let length = Int.random(in: 0...Key.bitWidth, using: &random)
            let key = NaiveList.masked(mutated(), length)
            if step < 1500 ? Int.random(in: 0..<4, using: &random) > 0 : Int.random(in: 0..<4, using: &random) == 0 {
                table.insert(key, length, UInt32(step))
                list.insert(key, length, UInt32(step))
            } else if let present = list.entries.randomElement(using: &random), Bool.random(using: &random) {
                table.remove(present.key, present.length)
                list.remove(present.key, present.length)
            } else {
                table.remove(key, length)
                list.remove(key, length)
            }
            for _ in 0..<3 {
                let query = mutated()
                if table.lookup(query) != list.lookup(query) { disagreements += 1 }
            }
        }
        #expect(disagreements == 0, "seed \(seed)")
        #expect(table.all.count == list.entries.count, "seed \(seed)")
        for entry in list.entries { table.remove(entry.key, entry.length) }
        #expect(table.all.count == 0, "seed \(seed)")
    }
}

/// A single table.
private struct OneTable<Key: FixedWidthInteger & UnsignedInteger & Sendable> {
    var all = PrefixTables<Key>()
    var name = PrefixTables<Key>.empty

    mutating func insert(_ key: Key, _ length: Int, _ value: UInt32) { all.insert(key, length: length, value: value, in: &name) }
    mutating func remove(_ key: Key, _ length: Int) { all.remove(key, length: length, from: &name) }

    func lookup(_ key: Key) -> UInt32? {
        let value = all.lookup(key, in: name)
        return value == PrefixTables<Key>.noValue ? nil : value
    }
}

/// The same as a list with linear search.
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
