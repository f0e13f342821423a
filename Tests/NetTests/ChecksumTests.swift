// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

struct `The Internet checksum` {
    @Test func `is the sum of RFC 1071 section 3`() {
        let bytes = hex("0001 f203 f4f5 f6f7")
        #expect(checksum(bytes) == 0x220D)
    }

    @Test func `treats an odd last byte as the high half of a word`() {
        #expect(checksum([0x12, 0x34, 0x56]) == 0x97CB)
    }

    @Test func `of no bytes is all ones`() {
        #expect(checksum([]) == 0xFFFF)
    }

    @Test func `can continue from an earlier sum`() {
        let (first, second): ([UInt8], [UInt8]) = (hex("0001 f203"), hex("f4f5 f6f7"))
        #expect(Checksum.finish(Checksum.sum(second, byteCount: 4, initial: Checksum.sum(first, byteCount: 4))) == checksum(first + second))
    }

    @Test func `of any bytes equals a naive sum`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(checksum(bytes) == naiveChecksum(bytes), "seed \(seed)")
        }
    }

    /// The example of RFC 1624 section 4, which the equation of RFC 1141 gets wrong.
    @Test func `is updated as in RFC 1624 section 4`() {
        #expect(Checksum.updated(0xDD2F, from: 0x5555, to: 0x3285) == 0x0000)
    }

    @Test func `is the same whether it is updated or computed from scratch`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5000 {
            var bytes = (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) }
            bytes[0] = 0x45
            let before = naiveChecksum(bytes)
            let word = Int.random(in: 1..<10, using: &random) * 2
            let old = UInt16(bytes[word]) << 8 | UInt16(bytes[word + 1])
            let new = UInt16.random(in: 0...0xFFFF, using: &random)
            (bytes[word], bytes[word + 1]) = (UInt8(new >> 8), UInt8(new & 0xFF))
            #expect(Checksum.updated(before, from: old, to: new) == naiveChecksum(bytes), "seed \(seed)")
        }
    }

    private func checksum(_ bytes: [UInt8]) -> UInt16 {
        Checksum.finish(Checksum.sum(bytes, byteCount: bytes.count))
    }
}
