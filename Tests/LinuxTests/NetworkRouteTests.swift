// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import Linux

struct `A network route` {
    @Test func `is read from RTM_NEWROUTE`() {
        let route = NetworkRoute(
            message(
                """
                3c000000 1800 0000 01000000 00000000   # nlmsghdr: RTM_NEWROUTE
                02 20 00 00 fe 00 00 01 00000000       # rtmsg: AF_INET, /32, table main, RTN_UNICAST
                0800 0100 c6336401                     # RTA_DST 198.51.100.1
                0800 0500 c0000201                     # RTA_GATEWAY 192.0.2.1
                0800 0400 02000000                     # RTA_OIF 2
                0800 0700 c0000202                     # RTA_PREFSRC 192.0.2.2
                """), nameOf: { "interface\($0)" })
        #expect(
            route
                == NetworkRoute(
                    interfaceIndex: 2, interfaceName: "interface2", preferredSource: IPAddress("192.0.2.2"),
                    gateway: IPAddress("192.0.2.1")))
    }

    @Test func `without an interface is ignored`() {
        let route = NetworkRoute(
            message("1c000000 1800 0000 01000000 00000000  02 20 00 00 fe 00 00 06 00000000"), nameOf: { _ in "" })
        #expect(route == nil)
    }

    @Test func `to this machine uses the loopback interface`() throws {
        let route = try NetworkRoute.lookup(to: .v4(.loopback))
        #expect(route?.interfaceName == "lo")
        #expect(route?.preferredSource == .v4(.loopback))
        #expect(route?.gateway == nil)
    }
}
