// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import Linux

struct `An interface address` {
    @Test func `of IPv4 is read from RTM_NEWADDR`() {
        let address = InterfaceAddress(
            message(
                """
                58000000 1400 0200 01000000 00000000   # nlmsghdr: RTM_NEWADDR
                02 18 80 00 02000000                   # ifaddrmsg: AF_INET, /24, permanent, RT_SCOPE_UNIVERSE, interface 2
                0800 0100 c0000202                     # IFA_ADDRESS 192.0.2.2
                0800 0200 c0000202                     # IFA_LOCAL 192.0.2.2
                0800 0400 c00002ff                     # IFA_BROADCAST 192.0.2.255
                0900 0300 65746830 00 000000           # IFA_LABEL "eth0"
                0800 0800 80000000                     # IFA_FLAGS permanent
                1400 0600 ffffffff ffffffff 14000000 14000000  # IFA_CACHEINFO
                """), nameOf: { "interface\($0)" })
        #expect(
            address
                == InterfaceAddress(
                    address: IPAddress("192.0.2.2")!, prefixLength: 24, interfaceIndex: 2, interfaceName: "interface2",
                    scope: .global,
                    isDeprecated: false, isTemporary: false, isTentative: false))
    }

    @Test func `of IPv6 takes its flags from IFA_FLAGS`() {
        let address = InterfaceAddress(
            message(
                """
                34000000 1400 0200 01000000 00000000   # nlmsghdr: RTM_NEWADDR
                0a 40 80 fd 02000000                   # ifaddrmsg: AF_INET6, /64, permanent, RT_SCOPE_LINK, interface 2
                1400 0100 fe800000 00000000 00fc00ff fe000001  # IFA_ADDRESS fe80::fc:ff:fe00:1
                0800 0800 61010000                     # IFA_FLAGS temporary, deprecated, tentative, managed
                """), nameOf: { _ in "eth0" })
        #expect(
            address
                == InterfaceAddress(
                    address: IPAddress("fe80::fc:ff:fe00:1")!, prefixLength: 64, interfaceIndex: 2, interfaceName: "eth0",
                    scope: .link,
                    isDeprecated: true, isTemporary: true, isTentative: true))
    }

    @Test func `on a point-to-point link is our end, not the other one`() {
        let address = InterfaceAddress(
            message(
                """
                28000000 1400 0000 01000000 00000000   # nlmsghdr: RTM_NEWADDR
                02 20 01 fe 03000000                   # ifaddrmsg: AF_INET, /32, secondary, RT_SCOPE_HOST, interface 3
                0800 0100 0a000002                     # IFA_ADDRESS 10.0.0.2, the other end
                0800 0200 0a000001                     # IFA_LOCAL 10.0.0.1
                """), nameOf: { _ in "" })
        #expect(address?.address == IPAddress("10.0.0.1"))
        #expect(address?.scope == .host)
        #expect(address?.isTemporary == false)
    }

    @Test(arguments: [
        "18000000 1400 0000 01000000 00000000  02 18 80 00 02000000",  // no address
        "14000000 1400 0000 01000000 00000000  02 18 80 00",  // half of the struct
        "20000000 1400 0000 01000000 00000000  0a 18 80 00 02000000  0800 0100 c0000202",  // IPv6 with four bytes
        "20000000 1400 0000 01000000 00000000  02 21 80 00 02000000  0800 0100 c0000202",  // prefix length 33
        "20000000 1000 0000 01000000 00000000  02 18 80 00 02000000  0800 0100 c0000202",  // RTM_NEWLINK
    ])
    func `is not read from any other message`(datagram: String) {
        #expect(InterfaceAddress(message(datagram), nameOf: { _ in "" }) == nil)
    }

    @Test func `of the loopback interface is in the list`() throws {
        let loopback = try InterfaceAddress.all().first { $0.address == .v4(.loopback) }
        #expect(loopback?.interfaceName == "lo")
        #expect(loopback?.prefixLength == 8)
        #expect(loopback?.scope == .host)
    }
}
