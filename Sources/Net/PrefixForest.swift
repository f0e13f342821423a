// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A forest of path-compressed binary tries for longest-prefix match, all in one array.
///
/// A tree is named by its root, an index or `empty`. Every tree maps prefixes to a `UInt32`. A copy of the forest
/// is a value: readers keep theirs while the writer changes its own. `Key` is the address as a number, first bit highest.
public struct PrefixForest<Key: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    public typealias Root = UInt32

    /// The root of a tree without prefixes, and the absent child.
    @inlinable public static var empty: Root { .max }
    /// The value of a node that only branches, and the answer of a lookup that found nothing.
    @inlinable public static var noValue: UInt32 { .max }

    @usableFromInline struct Node: Sendable {
        @usableFromInline var key: Key
        @usableFromInline var length: Int32
        @usableFromInline var value: UInt32
        @usableFromInline var zero: UInt32
        @usableFromInline var one: UInt32

        @inlinable init(key: Key, length: Int32, value: UInt32) {
            self.key = key
            self.length = length
            self.value = value
            zero = .max
            one = .max
        }
    }

    @usableFromInline var nodes: [Node] = []
    @usableFromInline var free: [UInt32] = []

    public init() {}

    /// Nodes in use, over all trees.
    public var count: Int { nodes.count - free.count }

    /// The value of the longest prefix in the tree `root` that covers `key`, else `noValue`.
    @inlinable public func lookup(_ key: Key, in root: Root) -> UInt32 {
        var best = Self.noValue
        var index = root
        while index != Self.empty {
            let node = nodes[Int(index)]
            guard Self.matches(key, node.key, length: node.length) else { break }
            if node.value != Self.noValue { best = node.value }
            guard node.length < Key.bitWidth else { break }
            index = Self.bit(key, node.length) ? node.one : node.zero
        }
        return best
    }

    /// The value of exactly this prefix, else `noValue`.
    public func value(of key: Key, length: Int, in root: Root) -> UInt32 {
        var index = root
        while index != Self.empty {
            let node = nodes[Int(index)]
            guard node.length <= length, Self.matches(key, node.key, length: node.length) else { break }
            if node.length == length { return node.value }
            index = Self.bit(key, node.length) ? node.one : node.zero
        }
        return Self.noValue
    }

    /// Sets the value of a prefix whose host bits are zero; an earlier value is replaced.
    public mutating func insert(_ key: Key, length: Int, value: UInt32, in root: inout Root) {
        precondition(value != Self.noValue)
        root = inserted(key, Int32(length), value, at: root)
    }

    /// Takes a prefix out; nothing happens when it is not there.
    public mutating func remove(_ key: Key, length: Int, from root: inout Root) {
        root = removed(key, Int32(length), at: root)
    }

    /// Gives back every node of a tree.
    public mutating func removeAll(from root: inout Root) {
        var stack = root == Self.empty ? [] : [root]
        while let index = stack.popLast() {
            let node = nodes[Int(index)]
            if node.zero != Self.empty { stack.append(node.zero) }
            if node.one != Self.empty { stack.append(node.one) }
            free.append(index)
        }
        root = Self.empty
    }

    private mutating func inserted(_ key: Key, _ length: Int32, _ value: UInt32, at index: UInt32) -> UInt32 {
        guard index != Self.empty else { return allocate(Node(key: key, length: length, value: value)) }
        let node = nodes[Int(index)]
        let shared = min(Self.commonLength(key, node.key), length, node.length)
        if shared == node.length {
            if length == node.length {
                nodes[Int(index)].value = value
            } else if Self.bit(key, node.length) {
                let child = inserted(key, length, value, at: node.one)
                nodes[Int(index)].one = child
            } else {
                let child = inserted(key, length, value, at: node.zero)
                nodes[Int(index)].zero = child
            }
            return index
        }
        let parent = allocate(
            Node(key: Self.masked(key, length: shared), length: shared, value: shared == length ? value : Self.noValue))
        adopt(index, under: parent)
        if shared < length { adopt(allocate(Node(key: key, length: length, value: value)), under: parent) }
        return parent
    }

    private mutating func removed(_ key: Key, _ length: Int32, at index: UInt32) -> UInt32 {
        guard index != Self.empty else { return index }
        let node = nodes[Int(index)]
        guard node.length <= length, Self.matches(key, node.key, length: node.length) else { return index }
        if node.length == length {
            nodes[Int(index)].value = Self.noValue
        } else if Self.bit(key, node.length) {
            let child = removed(key, length, at: node.one)
            nodes[Int(index)].one = child
        } else {
            let child = removed(key, length, at: node.zero)
            nodes[Int(index)].zero = child
        }
        return collapsed(index)
    }

    /// A node without value is only worth keeping when it has two children.
    private mutating func collapsed(_ index: UInt32) -> UInt32 {
        let node = nodes[Int(index)]
        guard node.value == Self.noValue, node.zero == Self.empty || node.one == Self.empty else { return index }
        free.append(index)
        return node.zero == Self.empty ? node.one : node.zero
    }

    private mutating func adopt(_ child: UInt32, under parent: UInt32) {
        if Self.bit(nodes[Int(child)].key, nodes[Int(parent)].length) {
            nodes[Int(parent)].one = child
        } else {
            nodes[Int(parent)].zero = child
        }
    }

    private mutating func allocate(_ node: Node) -> UInt32 {
        if let index = free.popLast() {
            nodes[Int(index)] = node
            return index
        }
        nodes.append(node)
        return UInt32(nodes.count - 1)
    }

    @inlinable static func bit(_ key: Key, _ position: Int32) -> Bool {
        key &>> Key(truncatingIfNeeded: Key.bitWidth - 1 - Int(position)) & 1 != 0
    }

    @inlinable static func matches(_ a: Key, _ b: Key, length: Int32) -> Bool {
        length == 0 || (a ^ b) &>> Key(truncatingIfNeeded: Key.bitWidth - Int(length)) == 0
    }

    private static func commonLength(_ a: Key, _ b: Key) -> Int32 { Int32((a ^ b).leadingZeroBitCount) }

    private static func masked(_ key: Key, length: Int32) -> Key {
        length == 0 ? 0 : key & ~0 << Key(Key.bitWidth - Int(length))
    }
}

extension IPv6Address {
    /// The address as one number.
    @inlinable public var bits: UInt128 { UInt128(high) << 64 | UInt128(low) }
}
