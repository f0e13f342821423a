// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

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
