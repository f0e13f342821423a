// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

struct `Explicit congestion notification` {
    /// RFC 6040 figure 4, except that a packet without ECN is never dropped (WG-D-9): inner, outer, result.
    @Test(
        arguments: [
            (.notECT, .notECT, .notECT), (.notECT, .ect0, .notECT), (.notECT, .ect1, .notECT), (.notECT, .congestionExperienced, .notECT),
            (.ect0, .notECT, .ect0), (.ect0, .ect0, .ect0), (.ect0, .ect1, .ect1), (.ect0, .congestionExperienced, .congestionExperienced),
            (.ect1, .notECT, .ect1), (.ect1, .ect0, .ect1), (.ect1, .ect1, .ect1), (.ect1, .congestionExperienced, .congestionExperienced),
            (.congestionExperienced, .notECT, .congestionExperienced), (.congestionExperienced, .ect0, .congestionExperienced),
            (.congestionExperienced, .ect1, .congestionExperienced), (.congestionExperienced, .congestionExperienced, .congestionExperienced),
        ] as [(ECN, ECN, ECN)])
    func `WG-D-9 leaves the tunnel as RFC 6040 says`(inner: ECN, outer: ECN, result: ECN) {
        #expect(inner.afterDecapsulation(outer: outer) == result)
    }

    @Test(arguments: [(.notECT, .notECT), (.ect0, .ect0), (.ect1, .ect1), (.congestionExperienced, .ect0)] as [(ECN, ECN)])
    func `WG-D-9 enters the tunnel with CE as ECT 0`(inner: ECN, outer: ECN) {
        #expect(inner.encapsulated == outer)
    }

    /// Codepoints of RFC 3168 section 5.
    @Test(arguments: [(0b00, .notECT), (0b01, .ect1), (0b10, .ect0), (0b11, .congestionExperienced)] as [(UInt8, ECN)])
    func `is in the last two bits of the service type or traffic class`(bits: UInt8, ecn: ECN) throws {
        var v4 = packet4(serviceType: 0xB8 | bits)
        try v4.asPacket { #expect($0.ecn == ecn) }
        var v6 = packet6(trafficClass: 0xB8 | bits)
        try v6.asPacket { #expect($0.ecn == ecn) }
    }

    @Test func `WG-D-9 is set in IPv4 with a correct checksum and an unchanged DSCP`() throws {
        for (before, after) in [(0, 3), (1, 3), (2, 1), (3, 0), (2, 2)] as [(UInt8, UInt8)] {
            var bytes = packet4(serviceType: 0xB8 | before)
            try bytes.asPacket { $0.set(ecn: ECN(rawValue: after)!) }
            #expect(bytes == packet4(serviceType: 0xB8 | after))
        }
    }

    @Test func `WG-D-9 is set in IPv6 with an unchanged DSCP and flow label`() throws {
        var bytes = packet6(trafficClass: 0xFE)
        (bytes[1], bytes[2], bytes[3]) = (0xEA, 0xBC, 0xDE)
        try bytes.asPacket { $0.set(ecn: .ect1) }
        #expect(Array(bytes.prefix(4)) == [0x6F, 0xDA, 0xBC, 0xDE])
    }
}
