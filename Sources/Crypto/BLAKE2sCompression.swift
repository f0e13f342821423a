// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The compression function of BLAKE2s, F in RFC 7693 3.2: mixes one block of 64 bytes into the eight chained words.
/// Written out flat: words in local variables and constant indices, so nothing is looked up and nothing allocated.
enum BLAKE2sCompression {
    typealias Chain = InlineArray<8, UInt32>

    /// RFC 7693 2.6; the same words as SHA-256's.
    static let initialChain: Chain = [
        0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
    ]

    /// `byteCount` counts the input up to the end of this block, without the padding of the last one.
    static func mix(_ block: UnsafeRawPointer, into h: inout Chain, byteCount: UInt64, isLast: Bool) {
        // SAFETY: every caller passes 64 readable bytes; the loads need no alignment.
        let m = InlineArray<16, UInt32> {
            UInt32(littleEndian: block.loadUnaligned(fromByteOffset: $0 &* 4, as: UInt32.self))
        }
        var v0 = h[0], v1 = h[1], v2 = h[2], v3 = h[3], v4 = h[4], v5 = h[5], v6 = h[6], v7 = h[7]
        var v8: UInt32 = 0x6A09_E667, v9: UInt32 = 0xBB67_AE85, v10: UInt32 = 0x3C6E_F372, v11: UInt32 = 0xA54F_F53A
        var v12 = UInt32(truncatingIfNeeded: byteCount) ^ 0x510E_527F
        var v13 = UInt32(truncatingIfNeeded: byteCount >> 32) ^ 0x9B05_688C
        var v14: UInt32 = isLast ? ~0x1F83_D9AB : 0x1F83_D9AB
        var v15: UInt32 = 0x5BE0_CD19

        // The arguments of each call are a row of the message schedule, RFC 7693 2.7.
        @inline(__always) func round(
            _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, _ e: UInt32, _ f: UInt32, _ g: UInt32, _ i: UInt32,
            _ j: UInt32, _ k: UInt32, _ l: UInt32, _ n: UInt32, _ o: UInt32, _ p: UInt32, _ q: UInt32, _ r: UInt32
        ) {
            quarter(&v0, &v4, &v8, &v12, a, b)
            quarter(&v1, &v5, &v9, &v13, c, d)
            quarter(&v2, &v6, &v10, &v14, e, f)
            quarter(&v3, &v7, &v11, &v15, g, i)
            quarter(&v0, &v5, &v10, &v15, j, k)
            quarter(&v1, &v6, &v11, &v12, l, n)
            quarter(&v2, &v7, &v8, &v13, o, p)
            quarter(&v3, &v4, &v9, &v14, q, r)
        }
        round(m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8], m[9], m[10], m[11], m[12], m[13], m[14], m[15])
        round(m[14], m[10], m[4], m[8], m[9], m[15], m[13], m[6], m[1], m[12], m[0], m[2], m[11], m[7], m[5], m[3])
        round(m[11], m[8], m[12], m[0], m[5], m[2], m[15], m[13], m[10], m[14], m[3], m[6], m[7], m[1], m[9], m[4])
        round(m[7], m[9], m[3], m[1], m[13], m[12], m[11], m[14], m[2], m[6], m[5], m[10], m[4], m[0], m[15], m[8])
        round(m[9], m[0], m[5], m[7], m[2], m[4], m[10], m[15], m[14], m[1], m[11], m[12], m[6], m[8], m[3], m[13])
        round(m[2], m[12], m[6], m[10], m[0], m[11], m[8], m[3], m[4], m[13], m[7], m[5], m[15], m[14], m[1], m[9])
        round(m[12], m[5], m[1], m[15], m[14], m[13], m[4], m[10], m[0], m[7], m[6], m[3], m[9], m[2], m[8], m[11])
        round(m[13], m[11], m[7], m[14], m[12], m[1], m[3], m[9], m[5], m[0], m[15], m[4], m[8], m[6], m[2], m[10])
        round(m[6], m[15], m[14], m[9], m[11], m[3], m[0], m[8], m[12], m[2], m[13], m[7], m[1], m[4], m[10], m[5])
        round(m[10], m[2], m[8], m[4], m[7], m[6], m[1], m[5], m[15], m[11], m[9], m[14], m[3], m[12], m[13], m[0])

        h[0] ^= v0 ^ v8
        h[1] ^= v1 ^ v9
        h[2] ^= v2 ^ v10
        h[3] ^= v3 ^ v11
        h[4] ^= v4 ^ v12
        h[5] ^= v5 ^ v13
        h[6] ^= v6 ^ v14
        h[7] ^= v7 ^ v15
    }

    /// G in RFC 7693 3.1.
    @inline(__always)
    private static func quarter(
        _ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32, _ d: inout UInt32, _ x: UInt32, _ y: UInt32
    ) {
        a = a &+ b &+ x
        d = (d ^ a).rotatedRight(16)
        c = c &+ d
        b = (b ^ c).rotatedRight(12)
        a = a &+ b &+ y
        d = (d ^ a).rotatedRight(8)
        c = c &+ d
        b = (b ^ c).rotatedRight(7)
    }
}

extension UInt32 {
    @inline(__always) fileprivate func rotatedRight(_ count: UInt32) -> UInt32 { self &>> count | self &<< (32 &- count) }
}
