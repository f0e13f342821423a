// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// Argon2id (RFC 9106) in PHC string form, as `argon2` and argon2-cffi read and write it.
///
/// One hash takes about a quarter of a second and 64 MiB: call it on a thread that may wait, never inside a transaction.
public enum PasswordHash {
    /// Passes over the memory, `t` of the PHC string.
    public static let passes: UInt64 = 3
    /// Memory in bytes, `m` of the PHC string times 1024. OWASP asks for 19 MiB with two passes; this is well above.
    public static let memoryBytes = 64 << 20

    /// The PHC string of a password under a new random salt. Nil when the memory for it cannot be had.
    public static func make(_ password: String) -> String? {
        Sodium.start()
        var output = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let result = withBytes(of: password) { bytes, count in
            crypto_pwhash_str_alg(&output, bytes, count, passes, memoryBytes, crypto_pwhash_ALG_ARGON2ID13)
        }
        guard result == 0 else { return nil }
        return String(decoding: output.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// True when `password` made `hash`. False for a damaged hash too.
    public static func verify(_ password: String, against hash: String) -> Bool {
        Sodium.start()
        return withBytes(of: password) { crypto_pwhash_str_verify(hash, $0, $1) == 0 }
    }

    /// True when `hash` was made with other parameters than today's and should be made anew at the next sign-in.
    public static func needsRehash(_ hash: String) -> Bool {
        crypto_pwhash_str_needs_rehash(hash, passes, memoryBytes) != 0
    }

    /// Does the work of `verify` for an account that does not exist, so that time does not tell who has one. Always false.
    public static func verifyDummy(_ password: String) -> Bool {
        _ = verify(password, against: dummy)
        return false
    }

    /// The hash of a random password that was thrown away.
    static let dummy = "$argon2id$v=19$m=65536,t=3,p=1$Tkh1YUZ1dGwweXFZLzlLKw$7zyf92/hrQU3rwYxDS5JuF4m04aZax5BH1QZCjjfeTo"

    private static func withBytes<R>(of password: String, _ body: (UnsafePointer<CChar>, UInt64) -> R) -> R {
        let characters = password.utf8CString
        // SAFETY: the array ends with a zero byte, so it is never empty and has an address, which does not leave the closure.
        return characters.withUnsafeBufferPointer { body($0.baseAddress!, UInt64($0.count - 1)) }
    }
}
