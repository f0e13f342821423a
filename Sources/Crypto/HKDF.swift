// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// WireGuard's KDF1 to KDF3 (whitepaper 5.4): HKDF (RFC 5869) with HMAC-BLAKE2s, the chaining key as salt and no info.
/// The results are secret: the caller must wipe them. Allocates nothing.
public enum HKDF {
    /// KDF1: the next chaining key.
    public static func derive1(chainingKey: Bytes32, input: UnsafeRawBufferPointer) -> Bytes32 {
        var expand = expander(chainingKey: chainingKey, input: input)
        defer { wipe(&expand) }
        return first(expand)
    }

    /// KDF2: the next chaining key and one more key.
    public static func derive2(chainingKey: Bytes32, input: UnsafeRawBufferPointer) -> (Bytes32, Bytes32) {
        var expand = expander(chainingKey: chainingKey, input: input)
        defer { wipe(&expand) }
        let one = first(expand)
        return (one, next(expand, after: one, number: 2))
    }

    /// KDF3: the next chaining key and two more keys.
    public static func derive3(chainingKey: Bytes32, input: UnsafeRawBufferPointer) -> (Bytes32, Bytes32, Bytes32) {
        var expand = expander(chainingKey: chainingKey, input: input)
        defer { wipe(&expand) }
        let one = first(expand)
        let two = next(expand, after: one, number: 2)
        return (one, two, next(expand, after: two, number: 3))
    }

    /// HKDF-Extract: an HMAC keyed with HMAC(chaining key, input).
    private static func expander(chainingKey: Bytes32, input: UnsafeRawBufferPointer) -> HMACBLAKE2s {
        var extract = HMACBLAKE2s(key: chainingKey)
        var secret = extract.code(input)
        defer {
            wipe(&extract)
            wipe(&secret)
        }
        var expand = HMACBLAKE2s(key: secret)
        expand.prepareForMany()
        return expand
    }

    /// T(1) of HKDF-Expand.
    private static func first(_ expand: HMACBLAKE2s) -> Bytes32 {
        withUnsafeBytes(of: 1 as UInt8) { expand.code($0) }
    }

    /// T(number) of HKDF-Expand, which follows `previous`.
    private static func next(_ expand: HMACBLAKE2s, after previous: Bytes32, number: UInt8) -> Bytes32 {
        var input = InlineArray<33, UInt8> { $0 < 32 ? previous[$0] : number }
        defer { wipe(&input) }
        return withUnsafeBytes(of: &input) { expand.code($0) }
    }
}
