// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// 32 bytes. The key types differ by role, not by form.
public typealias Bytes32 = InlineArray<32, UInt8>

/// 16 bytes: a message authentication code or a cookie.
public typealias Bytes16 = InlineArray<16, UInt8>

extension InlineArray where Element == UInt8 {
    /// Nil unless `bytes` has exactly as many elements as this type holds.
    public init?(exactly bytes: some Collection<UInt8>) {
        guard bytes.count == count else { return nil }
        var iterator = bytes.makeIterator()
        self.init { _ in iterator.next()! }
    }
}

extension Array where Element == UInt8 {
    /// The bytes in order.
    public init<let byteCount: Int>(_ bytes: InlineArray<byteCount, UInt8>) {
        self = bytes.indices.map { bytes[$0] }
    }
}

/// Calls `body` with the address of the bytes.
@inlinable public func withBytes<let byteCount: Int, R>(
    of bytes: InlineArray<byteCount, UInt8>, _ body: (UnsafePointer<UInt8>) throws -> R
) rethrows -> R {
    // SAFETY: an InlineArray of bytes is stored inline and contiguous; the pointer does not leave the closure.
    try withUnsafeBytes(of: bytes) { try body($0.baseAddress!.assumingMemoryBound(to: UInt8.self)) }
}

/// Calls `body` with the address of the bytes for writing.
@inlinable public func withMutableBytes<let byteCount: Int, R>(
    of bytes: inout InlineArray<byteCount, UInt8>, _ body: (UnsafeMutablePointer<UInt8>) throws -> R
) rethrows -> R {
    // SAFETY: as above.
    try withUnsafeMutableBytes(of: &bytes) { try body($0.baseAddress!.assumingMemoryBound(to: UInt8.self)) }
}

/// Equality whose time does not depend on where the values differ (WG-N-15).
public func constantTimeEqual<let byteCount: Int>(
    _ a: InlineArray<byteCount, UInt8>, _ b: InlineArray<byteCount, UInt8>
) -> Bool {
    withBytes(of: a) { x in withBytes(of: b) { y in sodium_memcmp(x, y, byteCount) == 0 } }
}

/// Equality whose time depends on the lengths only.
public func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && (a.isEmpty || sodium_memcmp(a, b, a.count) == 0)
}
