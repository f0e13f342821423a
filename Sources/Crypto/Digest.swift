// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// Hash functions for fingerprints of random secrets and for hash chains; not for passwords.
public enum Digest {
    /// SHA-256 (FIPS 180-4).
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(crypto_hash_sha256_BYTES)) { buffer, filled in
            // SAFETY: the buffer has exactly the 32 bytes that the function writes.
            crypto_hash_sha256(buffer.baseAddress!, bytes, UInt64(bytes.count))
            filled = buffer.count
        }
    }

    /// SHA-256 of the UTF-8 form.
    public static func sha256(_ text: String) -> [UInt8] { sha256(Array(text.utf8)) }
}
