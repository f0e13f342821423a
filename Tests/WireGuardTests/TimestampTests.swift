// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Support
import Testing
import WireGuard

struct `A timestamp` {
    @Test(
        arguments: [
            (0, "400000000000000a 00000000"),
            (1_700_000_000_000_000_000, "400000006553f10a 00000000"),
            (1_700_000_000_500_000_000, "400000006553f10a 1d000000"),
            (1_700_000_000_999_999_999, "400000006553f10a 3b000000"),
        ] as [(UInt64, String)])
    func `WG-T-1 is TAI64N, big endian, with a precision of 2^24 nanoseconds`(unixNanoseconds: UInt64, bytes: String) {
        #expect(Timestamp(unixNanoseconds: unixNanoseconds).bytes == hex(bytes))
    }

    @Test func `WG-T-2 never shows the lower 24 bits of the nanoseconds`() {
        for _ in 0..<1000 {
            #expect(Timestamp(unixNanoseconds: .random(in: 0...UInt64.max)).bytes[9...] == [0, 0, 0])
        }
    }

    @Test func `WG-T-3 is ordered like its bytes`() throws {
        let sorted = [
            "000000000000000000000000", "400000000000000a00000001", "400000000000000a01000000", "400000000000000b00000000",
            "8000000000000000ffffffff", "ffffffffffffffff00000000",
        ]
        let timestamps = try sorted.map { try #require(Timestamp(hex($0))) }
        #expect(timestamps.shuffled().sorted() == timestamps)
    }

    @Test func `survives conversion to bytes and back`() {
        let timestamp = Timestamp(unixNanoseconds: 1_700_000_000_500_000_000)
        #expect(Timestamp(timestamp.bytes) == timestamp)
    }

    @Test(arguments: [0, 11, 13])
    func `has twelve bytes`(count: Int) {
        #expect(Timestamp(Array(repeating: 0, count: count)) == nil)
    }

    @Test func `WG-T-4 of a new peer is older than every real one`() {
        #expect(Timestamp.zero < Timestamp(unixNanoseconds: 0))
    }
}
