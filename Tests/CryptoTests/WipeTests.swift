// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Support
import Testing

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
