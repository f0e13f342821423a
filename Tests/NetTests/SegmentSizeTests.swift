// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

struct `The segment size of a TCP SYN` {
    private enum Family: CaseIterable { case v4, v6, v6WithOptions }

    /// A TCP segment with its checksum over the pseudo header.
    private func segment(_ family: Family, flags: UInt8 = 0x02, options: [UInt8]) -> [UInt8] {
        let offset = UInt8((20 + options.count) / 4)
        var tcp = hex("c000 01bb 00000001 00000000") + [offset << 4, flags] + hex("ffff 0000 0000") + options
        let whole = family == .v4 ? packet4(transport: 6, payload: tcp) : packet6(transport: 6, payload: tcp)
        let addresses = family == .v4 ? whole[12..<20] : whole[8..<40]
        let checksum = naiveChecksum(Array(addresses) + [0, 6, UInt8(tcp.count >> 8), UInt8(tcp.count & 255)] + tcp)
        (tcp[16], tcp[17]) = (UInt8(checksum >> 8), UInt8(checksum & 255))
        switch family {
        case .v4: return packet4(transport: 6, payload: tcp)
        case .v6: return packet6(transport: 6, payload: tcp)
        // Destination options of eight bytes before it.
        case .v6WithOptions: return packet6(transport: 60, payload: hex("06 00 01 04 00000000") + tcp)
        }
    }

    private func lowered(_ packet: [UInt8], mtu: Int) throws -> [UInt8] {
        var packet = packet
        try packet.asPacket { $0.lowerSegmentSize(mtu: mtu) }
        return packet
    }

    @Test(arguments: [0x02, 0x12, 0xC2] as [UInt8])
    func `WG-H-14 is lowered to what fits into the MTU, with its checksum, in SYN and SYN-ACK of both families`(flags: UInt8) throws {
        let options = { (size: String) in hex("02 04 \(size)  01 03 03 07  04 02") + [0, 0] }
        for family in Family.allCases {
            let fits = family == .v4 ? "04ec" : "04d8"  // 1300 less 40 or 60
            #expect(
                try lowered(segment(family, flags: flags, options: options("05b4")), mtu: 1300)
                    == segment(family, flags: flags, options: options(fits)))
        }
    }

    @Test func `WG-H-14 is lowered at an odd offset too`() throws {
        #expect(
            try lowered(segment(.v4, options: hex("01 02 04 05b4 01 01 00")), mtu: 1300)
                == segment(.v4, options: hex("01 02 04 04ec 01 01 00")))
    }

    @Test func `WG-H-14 is never raised`() throws {
        for size in ["0218", "04ec"] {
            let packet = segment(.v4, options: hex("02 04 \(size)"))
            #expect(try lowered(packet, mtu: 1300) == packet)
        }
    }

    @Test func `WG-H-14 of any other packet is not changed`() throws {
        let size = hex("02 04 05b4")
        var fragment = segment(.v4, options: size)
        fragment[7] = 1
        var cut = segment(.v4, options: size)
        cut[32] = 0xF0
        let packets = [
            segment(.v4, flags: 0x10, options: size),  // no SYN
            packet4(transport: 17, payload: Array(segment(.v4, options: size)[20...])),
            fragment,
            cut,  // a header that ends behind the packet
            segment(.v4, options: hex("00 00 00 00 02 04 05b4")),  // behind the end of the options
            segment(.v4, options: hex("02 00 05b4")),  // lengths that lead nowhere
            segment(.v4, options: hex("02 05 05b4")),
            segment(.v4, options: hex("01 01 01 02")),
            segment(.v4, options: hex("02 03 05 00")),
            segment(.v4, options: []),
            packet4(transport: 6, payload: [1, 2, 3]),
        ]
        for packet in packets { #expect(try lowered(packet, mtu: 1300) == packet) }
    }
}
