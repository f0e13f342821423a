// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@testable import Linux

struct `A netlink message` {
    @Test func `is one of several in a datagram, each padded to four bytes`() {
        let messages = NetlinkMessage.all(
            in: annotatedHex(
                """
                12000000 1400 0200 01000000 00000000  # nlmsghdr: 18 bytes, type 20, NLM_F_MULTI, sequence 1
                aabb 0000                             # payload and padding
                14000000 0300 0200 02000000 00000000  # nlmsghdr: 20 bytes, NLMSG_DONE, sequence 2
                00000000                              # no error
                """))
        #expect(
            messages == [
                NetlinkMessage(type: 20, flags: 2, sequence: 1, payload: [0xAA, 0xBB]),
                NetlinkMessage(type: 3, flags: 2, sequence: 2, payload: [0, 0, 0, 0]),
            ])
    }

    @Test(arguments: [
        "",
        "10000000 1400 0000 01000000 000000",  // shorter than a header
        "0f000000 1400 0000 01000000 00000000",  // a length below the header's
        "11000000 1400 0000 01000000 00000000",  // a length beyond the datagram
        "00000000 1400 0000 01000000 00000000",  // no length: must not loop forever
        "ffffffff 1400 0000 01000000 00000000",  // negative as a signed number
    ])
    func `with an impossible length is left out`(datagram: String) {
        #expect(NetlinkMessage.all(in: annotatedHex(datagram)).isEmpty)
    }

    @Test func `is kept if a broken one follows`() {
        let messages = NetlinkMessage.all(
            in: annotatedHex(
                """
                10000000 1400 0000 01000000 00000000  # a message without payload
                99000000 1400 0000 01000000 00000000  # a length beyond the datagram
                """))
        #expect(messages.map(\.sequence) == [1])
    }
}

struct `The attributes of a netlink message` {
    @Test func `are found by number, without marks and padding`() {
        let attributes = NetlinkAttributes(
            annotatedHex(
                """
                0700 0300 6c6f00 00  # 3: "lo", zero, padding
                0800 0480 78563412   # 4, marked as nested: 0x12345678
                0600 0500 0102       # 5: two bytes, and no padding at the end
                """))
        #expect(attributes.text(3) == "lo")
        #expect(attributes.uint32(4) == 0x1234_5678)
        #expect(attributes[5] == [1, 2])
        #expect(attributes[6] == nil)
    }

    @Test(arguments: ["0800 03", "0300 0300", "0900 0300 00000000", "0000 0300 00000000", "ffff 0300 00000000"])
    func `end at an impossible length`(bytes: String) {
        let attributes = NetlinkAttributes(annotatedHex("0500 0100 07 000000" + bytes))
        #expect(attributes[1] == [7])
        #expect(attributes[3] == nil)
    }

    @Test func `are numbers or addresses only if they have the right size`() {
        let attributes = NetlinkAttributes(annotatedHex("0700 0100 010203 00 0900 0200 0102030405"))
        #expect(attributes.uint32(1) == nil)
        #expect(attributes.address(1) == nil)
        #expect(attributes.uint32(2) == nil)
        #expect(attributes.address(2) == nil)
    }
}

struct `A netlink request` {
    @Test func `is laid out as the kernel reads it`() {
        let request = NetlinkRequest(
            type: 26, flags: 0x300, sequence: 7, header: UInt64(0x1122_3344_5566_7788),
            attribute: (number: 1, value: [1, 2, 3, 4, 5]))
        #expect(
            request.bytes[...]
                == annotatedHex(
                    """
                    24000000 1a00 0103 07000000 00000000  # nlmsghdr: 36 bytes, type 26, NLM_F_REQUEST and flags, sequence 7
                    88776655 44332211                     # the struct
                    0900 0100 0102030405 000000           # attribute 1 and padding
                    """))
    }
}
