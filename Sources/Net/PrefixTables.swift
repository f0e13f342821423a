// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Longest-prefix match for any number of tables, all in one array: tuple space search (Srinivasan, Suri and Varghese, 1999).
///
/// A table is named by a number or `empty`, and maps prefixes to a `UInt32`. Each prefix stands in a slot that a hash of its table, its length
/// and its bits leads to; a lookup tries the lengths that occur in the table, longest first. So it takes as many steps as there are different
/// lengths, one to three in a hub, however many prefixes there are. A copy is a value: readers keep theirs while the writer changes its own.
/// `Key` is the address as a number, first bit highest.
public struct PrefixTables<Key: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    public typealias Table = UInt32

    /// The table without prefixes.
    @inlinable public static var empty: Table { .max }
    /// The answer of a lookup that found nothing, and the value of a free slot.
    @inlinable public static var noValue: UInt32 { .max }

    /// What a table has, beside its slots.
    @usableFromInline struct Head: Sendable {
        /// Bit `length - 1` is set where the table has a prefix of this length.
        @usableFromInline var lengths: Key = 0
        /// The value of the prefix of length 0.
        @usableFromInline var whole: UInt32 = .max

        var isEmpty: Bool { lengths == 0 && whole == .max }
    }

    @usableFromInline var heads: [Head] = []
    @usableFromInline var slots = PrefixSlots<Key>()
    private var free: [Table] = []

    public init() {}

    /// Prefixes in all tables.
    public private(set) var count = 0

    /// The value of the longest prefix in `table` that covers `key`, else `noValue`.
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

    /// The value of exactly this prefix, else `noValue`.
    public func value(of key: Key, length: Int, in table: Table) -> UInt32 {
        guard table != Self.empty else { return Self.noValue }
        let head = heads[Int(table)]
        guard length > 0 else { return head.whole }
        // Also keeps a question out of slots that are not there yet.
        guard head.lengths & Self.bit(length) != 0 else { return Self.noValue }
        return slots.value(of: key, PrefixSlots<Key>.Tag(table: table, length: length))
    }

    /// Sets the value of a prefix whose host bits are zero; an earlier value is replaced.
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

    /// Takes a prefix out; nothing happens when it is not there. `table` is `empty` after the last one went.
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
