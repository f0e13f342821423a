// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Support
import Testing

struct `A comparison` {
    /// A megabyte, so that a comparison that stops at the first difference would be thousands of times faster.
    @Test func `WG-N-15 takes as long for a difference in the first byte as in the last`() {
        let bytes = [UInt8](repeating: 7, count: 1 << 20)
        var (early, late) = (bytes, bytes)
        early[0] = 8
        late[late.count - 1] = 8
        let time = { (other: [UInt8]) in
            (0..<20).map { _ in ContinuousClock().measure { #expect(!constantTimeEqual(bytes, other)) } }.min()!
        }
        let (first, last) = (time(early), time(late))
        #expect(first * 2 > last, "\(first), \(last)")
        #expect(last * 2 > first, "\(first), \(last)")
    }

    @Test func `WG-N-15 finds every differing bit`() {
        let bytes = [UInt8](0..<32)
        for bit in 0..<256 {
            var other = bytes
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(!constantTimeEqual(bytes, other))
        }
        #expect(constantTimeEqual(bytes, bytes))
        #expect(!constantTimeEqual(bytes, Array(bytes.dropLast())))
    }
}

struct `Wiping` {
    @Test func `leaves zeros in a value`() {
        var secret: Bytes32 = hex("6f0e5ad38daba1bea8a0d213688736f19763239305e0f58aba697f9ffc41c633")
        wipe(&secret)
        #expect(Array(secret) == Array(repeating: 0, count: 32))
    }

    @Test func `leaves zeros in the given part of a buffer`() {
        var bytes: [UInt8] = [1, 2, 3, 4]
        bytes.withUnsafeMutableBytes { wipe(UnsafeMutableRawBufferPointer(rebasing: $0[1...2])) }
        #expect(bytes == [1, 0, 0, 4])
    }
}
