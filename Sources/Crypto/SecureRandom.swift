// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// The kernel's random source through libsodium. Ready after `Sodium.start()`.
public enum SecureRandom {
    /// `count` random bytes.
    public static func bytes(_ count: Int) -> [UInt8] {
        Sodium.start()
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            randombytes_buf(buffer.baseAddress!, count)
            filled = count
        }
    }

    /// Overwrites the buffer with random bytes.
    public static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let base = buffer.baseAddress else { return }
        randombytes_buf(base, buffer.count)
    }

    /// A random number, uniform over all 32 bits.
    public static func uint32() -> UInt32 { randombytes_random() }

    /// Uniform in `0..<bound`.
    public static func uint32(below bound: UInt32) -> UInt32 { randombytes_uniform(bound) }
}

/// Initialises libsodium once. Every function here that needs it calls this; repeated calls cost one load.
public enum Sodium {
    /// Stops the process if the system has no random source, because nothing here is safe without one.
    public static func start() { precondition(started, "libsodium could not start: the system has no random source") }
    private static let started = sodium_init() >= 0
}
