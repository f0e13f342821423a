// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CGMP

/// The curve of Ed25519: the points of Curve25519 in other coordinates (RFC 7748 section 4.1).
enum Edwards25519 {
    /// Converts a point from Ed25519's form to X25519's: u = (1 + y) / (1 - y) modulo 2^255 - 19. The neutral point, which has no u, gives
    /// zero.
    ///
    /// Only for public points, because the time depends on the point. Nothing here is secret: the result is sent in the clear, and
    /// libsodium multiplies by the private scalar in constant time.
    ///
    /// Done with GMP because of one inversion per handshake: 0.6 us, where libcrypto's BN_mod_inverse takes 7.1 and BN_mod_exp_mont 8.4 (AMD
    /// EPYC, OpenSSL 3.0.19). The product before it takes 11.
    static func u(of point: Bytes32) -> Bytes32 {
        var (y, numerator, denominator, quotient) = (integer(), integer(), integer(), integer())
        defer {
            __gmpz_clear(&y)
            __gmpz_clear(&numerator)
            __gmpz_clear(&denominator)
            __gmpz_clear(&quotient)
        }
        var bytes = point
        // The highest bit is the sign of x.
        bytes[31] &= 0x7F
        withBytes(of: bytes) { __gmpz_import(&y, 32, leastFirst, 1, 0, 0, $0) }
        __gmpz_add_ui(&numerator, &y, 1)
        __gmpz_ui_sub(&denominator, 1, &y)
        divide(&numerator, by: &denominator, into: &quotient)
        var u = Bytes32(repeating: 0)
        withMutableBytes(of: &u) { _ = __gmpz_export($0, nil, leastFirst, 1, 0, 0, &quotient) }
        return u
    }

    /// 2^255 - 19. Read only, so any thread may use it.
    private nonisolated(unsafe) static let prime: __mpz_struct = {
        var (power, prime) = (integer(), integer())
        defer { __gmpz_clear(&power) }
        __gmpz_ui_pow_ui(&power, 2, 255)
        __gmpz_sub_ui(&prime, &power, 19)
        return prime
    }()

    /// The inverse modulo the prime; zero for zero.
    private static func divide(_ numerator: inout __mpz_struct, by denominator: inout __mpz_struct, into quotient: inout __mpz_struct) {
        var (inverse, product, prime) = (integer(), integer(), prime)
        defer {
            __gmpz_clear(&inverse)
            __gmpz_clear(&product)
        }
        guard __gmpz_invert(&inverse, &denominator, &prime) != 0 else { return }
        __gmpz_mul(&product, &numerator, &inverse)
        __gmpz_mod(&quotient, &product, &prime)
    }

    /// The byte order in which GMP reads and writes.
    private static let leastFirst: Int32 = -1

    private static func integer() -> __mpz_struct {
        var integer = __mpz_struct()
        __gmpz_init(&integer)
        return integer
    }
}
