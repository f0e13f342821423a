// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Longest-prefix match for any number of tables in one array, by tuple space search (Srinivasan, Suri and Varghese, 1999).
///
/// A table has a number, or is `empty`, and maps prefixes to a `UInt32`. A hash of its table, length and bits gives the slot of a prefix. A
/// lookup tries each length that occurs in the table, longest first. Its cost grows with the number of different lengths (one to three in a
/// typical hub), not with the number of prefixes.
/// This is a value type: readers keep their copy while the writer changes its own. `Key` is the address as a number, first bit highest.
public struct PrefixTables<Key: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    public typealias Table = UInt32

    /// The table without prefixes.
    @inlinable public static var empty: Table { .max }
    /// The result of a lookup that finds nothing, and the value of a free slot.
    @inlinable public static var noValue: UInt32 { .max }

    /// What a table keeps outside its slots.
    @usableFromInline struct Head: Sendable {
        /// Bit `length - 1` is set when the table has a prefix of this length.
        @usableFromInline var lengths: Key = 0
        /// The value of the prefix of length 0.
        @usableFromInline var whole: UInt32 = .max

        var isEmpty: Bool { lengths == 0 && whole == .max }
    }

    @usableFromInline var heads: [Head] = []
    @usableFromInline var slots = PrefixSlots<Key>()
    private var free: [Table] = []

    public init() {}

    /// The number of prefixes in all tables.
    public private(set) var count = 0

    /// The value of the longest prefix in `table` that covers `key`, or `noValue`.
    @inlinable public func lookup(_ key: Key, in table: Table) -> UInt32 {
        guard table != Self.empty else { return Self.noValue }
        let head = heads[Int(table)]
        var lengths = head.lengths
        while lengths != 0 {
            let hostBits = Key(truncatingIfNeeded: lengths.leadingZeroBitCount)
            let length = Key.bitWidth &- Int(truncatingIfNeeded: hostBits)
            let value = slots.value(of: key & Key.max &<< hostBits, PrefixSlots<Key>.Tag(table: table, length: length))
            if value != Self.noValue { return value }
            lengths ^= 1 &<< Key(truncatingIfNeeded: length &- 1)
        }
        return head.whole
    }

    /// The length of the longest prefix in `table` that covers `key`; nil if there is none.
    public func matchedLength(_ key: Key, in table: Table) -> Int? {
        guard table != Self.empty else { return nil }
        let head = heads[Int(table)]
        for length in stride(from: Key.bitWidth, to: 0, by: -1) where head.lengths & Self.bit(length) != 0 {
            let kept = key & ~(length == Key.bitWidth ? 0 : Key.max >> Key(length))
            if value(of: kept, length: length, in: table) != Self.noValue { return length }
        }
        return head.whole == Self.noValue ? nil : 0
    }

    /// The value of exactly this prefix, or `noValue`.
    public func value(of key: Key, length: Int, in table: Table) -> UInt32 {
        guard table != Self.empty else { return Self.noValue }
        let head = heads[Int(table)]
        guard length > 0 else { return head.whole }
        // This also avoids reading `slots` while it is still empty.
        guard head.lengths & Self.bit(length) != 0 else { return Self.noValue }
        return slots.value(of: key, PrefixSlots<Key>.Tag(table: table, length: length))
    }

    /// Sets the value of a prefix, replacing an earlier value. The host bits of `key` must be zero.
    public mutating func insert(_ key: Key, length: Int, value: UInt32, in table: inout Table) {
        precondition(value != Self.noValue)
        if table == Self.empty { table = allocate() }
        if self.value(of: key, length: length, in: table) == Self.noValue { count += 1 }
        guard length > 0 else {
            heads[Int(table)].whole = value
            return
        }
        let tag = PrefixSlots<Key>.Tag(table: table, length: length)
        guard slots.set(value, of: key, tag) else { return }
        heads[Int(table)].lengths |= Self.bit(length)
        let counted = slots.value(of: 0, tag.ofCount)
        _ = slots.set(counted == Self.noValue ? 1 : counted + 1, of: 0, tag.ofCount)
    }

    /// Removes a prefix, if it exists. `table` becomes `empty` when its last prefix is removed.
    public mutating func remove(_ key: Key, length: Int, from table: inout Table) {
        guard value(of: key, length: length, in: table) != Self.noValue else { return }
        count -= 1
        if length > 0 {
            let tag = PrefixSlots<Key>.Tag(table: table, length: length)
            slots.remove(key, tag)
            let counted = slots.value(of: 0, tag.ofCount)
            if counted > 1 {
                _ = slots.set(counted - 1, of: 0, tag.ofCount)
            } else {
                slots.remove(0, tag.ofCount)
                heads[Int(table)].lengths ^= Self.bit(length)
            }
        } else {
            heads[Int(table)].whole = Self.noValue
        }
        guard heads[Int(table)].isEmpty else { return }
        free.append(table)
        table = Self.empty
    }

    private mutating func allocate() -> Table {
        if let table = free.popLast() { return table }
        heads.append(Head())
        return Table(heads.count - 1)
    }

    private static func bit(_ length: Int) -> Key { 1 << Key(length - 1) }
}

extension IPv6Address {
    /// The address as one number.
    @inlinable public var bits: UInt128 { UInt128(high) << 64 | UInt128(low) }
}
