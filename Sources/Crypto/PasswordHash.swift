// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CSodium

/// Argon2id (RFC 9106) in PHC string form, as `argon2` and argon2-cffi read and write it.
///
/// One hash takes about a quarter of a second and 64 MiB. Call it on a thread that may block, never inside a transaction.
public enum PasswordHash {
    /// Passes over the memory, `t` of the PHC string.
    public static let passes: UInt64 = 3
    /// Memory in bytes: `m` of the PHC string times 1024. Well above OWASP's minimum of 19 MiB with two passes.
    public static let memoryBytes = 64 << 20

    /// Hashes a password with a new random salt, in PHC form. Nil when the memory is not available.
    public static func make(_ password: String) -> String? {
        Sodium.start()
        var output = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let result = withBytes(of: password) { bytes, count in
            crypto_pwhash_str_alg(&output, bytes, count, passes, memoryBytes, crypto_pwhash_ALG_ARGON2ID13)
        }
        guard result == 0 else { return nil }
        return String(decoding: output.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// True when `hash` was made from `password`. False for a damaged hash too, and for one that would take much more than ours to check:
    /// it is from somebody else, and would keep the thread busy and the memory taken.
    public static func verify(_ password: String, against hash: String) -> Bool {
        Sodium.start()
        guard isAffordable(hash) else { return false }
        return withBytes(of: password) { crypto_pwhash_str_verify(hash, $0, $1) == 0 }
    }

    /// True for an Argon2id hash in PHC form whose check takes at most four times the memory and passes of ours: `m` up to 262,144 KiB and `t`
    /// up to 12, in one lane. False for anything else.
    public static func isAffordable(_ hash: String) -> Bool {
        let parts = hash.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19", !parts[4].isEmpty, !parts[5].isEmpty,
            hash.utf8.count < Int(crypto_pwhash_STRBYTES)
        else { return false }
        let costs = parts[3].split(separator: ",", omittingEmptySubsequences: false).map { $0.split(separator: "=", maxSplits: 1) }
        guard costs.count == 3, costs.allSatisfy({ $0.count == 2 }), costs.map(\.[0]) == ["m", "t", "p"], costs[2][1] == "1",
            let kibibytes = UInt64(costs[0][1]), let passes = UInt64(costs[1][1])
        else { return false }
        return kibibytes <= UInt64(memoryBytes) / 1024 * 4 && passes <= Self.passes * 4
    }

    /// True when `hash` uses other parameters than the current ones and should be replaced at the next sign-in.
    public static func needsRehash(_ hash: String) -> Bool {
        crypto_pwhash_str_needs_rehash(hash, passes, memoryBytes) != 0
    }

    /// Takes as long as `verify`, for an account that does not exist, so that timing does not reveal which accounts exist. Always false.
    public static func verifyDummy(_ password: String) -> Bool {
        _ = verify(password, against: dummy)
        return false
    }

    /// The hash of a discarded random password.
    static let dummy = "$argon2id$v=19$m=65536,t=3,p=1$Tkh1YUZ1dGwweXFZLzlLKw$7zyf92/hrQU3rwYxDS5JuF4m04aZax5BH1QZCjjfeTo"

    private static func withBytes<R>(of password: String, _ body: (UnsafePointer<CChar>, UInt64) -> R) -> R {
        let characters = password.utf8CString
        // SAFETY: the array ends with a zero byte, so it is never empty and has an address, which does not leave the closure.
        return characters.withUnsafeBufferPointer { body($0.baseAddress!, UInt64($0.count - 1)) }
    }
}
