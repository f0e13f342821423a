// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The slots of `PrefixTables`: a hash table with open addressing and linear probing. It is at most half full and uses no tombstones.
@usableFromInline struct PrefixSlots<Key: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    /// A table and a prefix length, 1 to 128.
    @usableFromInline struct Tag: Equatable, Sendable {
        @usableFromInline let bits: UInt32

        @inlinable init(table: UInt32, length: Int) { bits = table &<< 8 | UInt32(truncatingIfNeeded: length &- 1) }

        private init(bits: UInt32) { self.bits = bits }

        /// The tag under which, at key 0, the number of prefixes with this tag is kept.
        var ofCount: Tag { Tag(bits: bits | 0x80) }
    }

    /// A slot is free while its value is `.max`.
    @usableFromInline struct Slot: Sendable {
        @usableFromInline var key: Key = 0
        @usableFromInline var tag = Tag(table: 0, length: 1)
        @usableFromInline var value: UInt32 = .max

        @inlinable init() {}

        @inlinable var isFree: Bool { value == .max }
    }

    /// Empty, or a power of two in size.
    @usableFromInline var slots: [Slot] = []
    private var used = 0

    /// The value of a key, or `.max`. At least one key must have been set before.
    @inlinable func value(of key: Key, _ tag: Tag) -> UInt32 { slots[index(of: key, tag)].value }

    /// The index where a key is stored, or where it would be inserted.
    @inlinable func index(of key: Key, _ tag: Tag) -> Int {
        let mask = slots.count &- 1
        var index = Self.hash(key, tag) & mask
        while !slots[index].isFree, slots[index].key != key || slots[index].tag != tag { index = (index &+ 1) & mask }
        return index
    }

    /// Multiplies the halves of the key by odd constants and folds the product, so that nearby keys and multiples spread over the table.
    @inlinable static func hash(_ key: Key, _ tag: Tag) -> Int {
        let low = UInt64(truncatingIfNeeded: key) ^ UInt64(tag.bits) &<< 32
        let high = Key.bitWidth > 64 ? UInt64(truncatingIfNeeded: key >> 64) : 0
        let product = (low ^ 0x9e37_79b9_7f4a_7c15).multipliedFullWidth(by: high ^ 0xd6e8_feb8_6659_fd93)
        return Int(truncatingIfNeeded: product.high ^ product.low)
    }

    /// Sets the value of a key. Returns true when the key is new.
    mutating func set(_ value: UInt32, of key: Key, _ tag: Tag) -> Bool {
        if 2 * (used + 1) > slots.count { resize(to: max(16, 2 * slots.count)) }
        let index = index(of: key, tag)
        let isNew = slots[index].isFree
        if isNew { used += 1 }
        slots[index].key = key
        slots[index].tag = tag
        slots[index].value = value
        return isNew
    }

    /// Frees the slot of an existing key. Later entries move back, so that a search can still stop at the first free slot.
    mutating func remove(_ key: Key, _ tag: Tag) {
        let mask = slots.count - 1
        var hole = index(of: key, tag)
        var next = (hole + 1) & mask
        while !slots[next].isFree {
            let home = Self.hash(slots[next].key, slots[next].tag) & mask
            if (next - home) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = Slot()
        used -= 1
        if slots.count > 16, 8 * used < slots.count { resize(to: slots.count / 2) }
    }

    private mutating func resize(to count: Int) {
        let old = slots
        slots = Array(repeating: Slot(), count: count)
        for slot in old where !slot.isFree { slots[index(of: slot.key, slot.tag)] = slot }
    }
}
