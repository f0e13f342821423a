// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
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
        #expect(first * 2 > last && last * 2 > first, "\(first), \(last)")
    }

    @Test func `WG-N-15 finds every differing bit`() {
        let bytes = [UInt8](0..<32)
        for bit in 0..<256 {
            var other = bytes
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(!constantTimeEqual(bytes, other))
        }
        #expect(constantTimeEqual(bytes, bytes) && !constantTimeEqual(bytes, Array(bytes.dropLast())))
    }
}
