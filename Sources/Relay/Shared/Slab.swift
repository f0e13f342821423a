// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux

/// Elements at fixed addresses, indexed by slot. The address space is reserved once and costs nothing until touched. Workers find a slot
/// with one addition, and nothing ever moves. Zeroed memory must be a valid element.
struct Slab<Element: ~Copyable>: ~Copyable, @unchecked Sendable {
    private let memory: ZeroedMemory
    let base: UnsafeMutablePointer<Element>
    let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        memory = ZeroedMemory(byteCount: capacity * MemoryLayout<Element>.stride)
        base = memory.base.bindMemory(to: Element.self, capacity: capacity)
    }

    /// The element of a slot below `capacity`.
    borrowing func at(_ slot: UInt32) -> UnsafeMutablePointer<Element> { base + Int(slot) }
}
