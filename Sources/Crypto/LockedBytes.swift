// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// A secret in separate memory: never swapped, excluded from core dumps, between guard pages, and overwritten when freed.
/// Immutable after creation, so any thread may read it.
// SAFETY: unchecked because of the raw address; nothing writes there after `init`, and only `deinit` frees it.
final class LockedBytes: @unchecked Sendable {
    private let address: UnsafeMutableRawPointer
    let count: Int

    /// Copies the bytes. Stops the process when no memory is available, because there is no safe way to continue.
    init(_ bytes: [UInt8]) {
        Sodium.start()
        guard let address = sodium_malloc(bytes.count) else { preconditionFailure("there is no memory for a secret") }
        self.address = address
        count = bytes.count
        bytes.withUnsafeBytes { if let base = $0.baseAddress { address.copyMemory(from: base, byteCount: $0.count) } }
        sodium_mprotect_readonly(address)
    }

    deinit { sodium_free(address) }

    /// Calls `body` with the address, which it must not keep.
    func withBytes<Result>(_ body: (UnsafePointer<UInt8>) throws -> Result) rethrows -> Result {
        // SAFETY: the memory holds `count` initialised bytes and lives as long as this object.
        try body(UnsafePointer(address.assumingMemoryBound(to: UInt8.self)))
    }
}

/// Overwrites a value of plain bytes with zeros; the optimiser cannot remove this (WG-N-14). Overwrites only this variable, not copies that
/// the compiler made elsewhere.
public func wipe<Value: BitwiseCopyable>(_ value: inout Value) {
    // SAFETY: a BitwiseCopyable value owns nothing, so zeros may replace its bytes; the pointer does not leave the closure.
    withUnsafeMutableBytes(of: &value) { sodium_memzero($0.baseAddress!, $0.count) }
}

/// Overwrites the elements of an array. If the array shares its storage, only this copy is overwritten.
public func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { wipe($0) }
}

/// Overwrites `buffer` with zeros; the optimiser cannot remove this.
public func wipe(_ buffer: UnsafeMutableRawBufferPointer) {
    guard let base = buffer.baseAddress else { return }
    sodium_memzero(base, buffer.count)
}
