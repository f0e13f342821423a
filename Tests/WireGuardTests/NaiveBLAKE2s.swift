// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// BLAKE2s as RFC 7693 states it, word by word and slow: the hash of the naive handshake.
func naiveBLAKE2s(_ input: [UInt8], key: [UInt8] = [], byteCount: Int = 32) -> [UInt8] {
    let iv: [UInt32] = [
        0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
    ]
    let sigma: [[Int]] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4], [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13], [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11], [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5], [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
    ]
    var h = iv
    h[0] ^= 0x0101_0000 ^ UInt32(key.count) << 8 ^ UInt32(byteCount)
    let whole = (key.isEmpty ? [] : key + Array(repeating: 0, count: 64 - key.count)) + input
    var offset = 0
    repeat {
        var block = Array(whole[offset..<min(offset + 64, whole.count)])
        offset += block.count
        block += Array(repeating: 0, count: 64 - block.count)
        let m: [UInt32] = (0..<16).map { word in
            block[4 * word..<4 * word + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        var v = h + iv
        v[12] ^= UInt32(offset)
        if offset == whole.count { v[14] = ~v[14] }
        func g(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ x: UInt32, _ y: UInt32) {
            func turned(_ word: UInt32, _ bits: UInt32) -> UInt32 { word >> bits | word << (32 - bits) }
            v[a] = v[a] &+ v[b] &+ x
            v[d] = turned(v[d] ^ v[a], 16)
            v[c] = v[c] &+ v[d]
            v[b] = turned(v[b] ^ v[c], 12)
            v[a] = v[a] &+ v[b] &+ y
            v[d] = turned(v[d] ^ v[a], 8)
            v[c] = v[c] &+ v[d]
            v[b] = turned(v[b] ^ v[c], 7)
        }
        for s in sigma {
            g(0, 4, 8, 12, m[s[0]], m[s[1]])
            g(1, 5, 9, 13, m[s[2]], m[s[3]])
            g(2, 6, 10, 14, m[s[4]], m[s[5]])
            g(3, 7, 11, 15, m[s[6]], m[s[7]])
            g(0, 5, 10, 15, m[s[8]], m[s[9]])
            g(1, 6, 11, 12, m[s[10]], m[s[11]])
            g(2, 7, 8, 13, m[s[12]], m[s[13]])
            g(3, 4, 9, 14, m[s[14]], m[s[15]])
        }
        for word in 0..<8 { h[word] ^= v[word] ^ v[word + 8] }
    } while offset < whole.count
    let bytes: [UInt8] = h.flatMap { word in [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> ($0 as UInt32)) } }
    return Array(bytes.prefix(byteCount))
}
