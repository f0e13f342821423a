// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

extension InlineArray where Element == UInt8, count == 32 {
    /// Nil unless `bytes` has exactly 32 elements.
    public init?(exactly bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var iterator = bytes.makeIterator()
        self.init { _ in iterator.next()! }
    }
}

extension Array where Element == UInt8 {
    /// The 32 bytes in order.
    public init(_ bytes: Bytes32) {
        self = (0..<32).map { bytes[$0] }
    }
}

/// Lends the address of the 32 bytes to `body`.
@inlinable public func withBytes<R>(of bytes: Bytes32, _ body: (UnsafePointer<UInt8>) throws -> R) rethrows -> R {
    // SAFETY: an InlineArray of bytes is stored inline and contiguous; the pointer does not leave the closure.
    try withUnsafeBytes(of: bytes) { try body($0.baseAddress!.assumingMemoryBound(to: UInt8.self)) }
}

/// Lends the address of the 32 bytes to `body` for writing.
@inlinable public func withMutableBytes<R>(of bytes: inout Bytes32, _ body: (UnsafeMutablePointer<UInt8>) throws -> R) rethrows -> R {
    // SAFETY: as above.
    try withUnsafeMutableBytes(of: &bytes) { try body($0.baseAddress!.assumingMemoryBound(to: UInt8.self)) }
}

/// Equality whose time does not depend on where the values differ (protocol.md N-15).
public func constantTimeEqual(_ a: Bytes32, _ b: Bytes32) -> Bool {
    withBytes(of: a) { x in withBytes(of: b) { y in sodium_memcmp(x, y, 32) == 0 } }
}

/// Equality whose time depends on the lengths only.
public func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && (a.isEmpty || sodium_memcmp(a, b, a.count) == 0)
}
