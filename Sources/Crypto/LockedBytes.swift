// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// A secret in memory of its own: never swapped out, left out of core dumps, between guard pages, and overwritten when it goes.
/// Thread rule: immutable after it was made.
// SAFETY: unchecked because of the raw address; nothing writes there after `init`, and only `deinit` frees it.
final class LockedBytes: @unchecked Sendable {
    private let address: UnsafeMutableRawPointer
    let count: Int

    /// Copies the bytes. Stops the process where no memory can be had, as there is nothing safe to go on with.
    init(_ bytes: [UInt8]) {
        Sodium.start()
        guard let address = sodium_malloc(bytes.count) else { preconditionFailure("there is no memory for a secret") }
        self.address = address
        count = bytes.count
        bytes.withUnsafeBytes { if let base = $0.baseAddress { address.copyMemory(from: base, byteCount: $0.count) } }
        sodium_mprotect_readonly(address)
    }

    deinit { sodium_free(address) }

    /// Lends the address to `body`, which must not keep it.
    func withBytes<Result>(_ body: (UnsafePointer<UInt8>) throws -> Result) rethrows -> Result {
        // SAFETY: the memory holds `count` initialised bytes and lives as long as this object.
        try body(UnsafePointer(address.assumingMemoryBound(to: UInt8.self)))
    }
}
