// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import Linux

struct `A netlink event` {
    @Test func `is read from RTM_NEWLINK`() {
        let event = NetlinkEvent(
            message(
                """
                2c000000 1000 0000 00000000 00000000   # nlmsghdr: RTM_NEWLINK
                00 00 0100 03000000 43100100 00000000  # ifinfomsg: Ethernet, interface 3, up, broadcast, running …
                0900 0300 77673030 00 000000           # IFLA_IFNAME "wg00"
                """), nameOf: { _ in "" })
        #expect(event == .linkChanged(interfaceIndex: 3, interfaceName: "wg00", isRunning: true))
    }

    @Test func `says that a removed link is not running`() {
        let event = NetlinkEvent(
            message(
                """
                20000000 1100 0000 00000000 00000000   # nlmsghdr: RTM_DELLINK
                00 00 0100 03000000 43100100 00000000  # ifinfomsg with the last known flags
                """), nameOf: { _ in "" })
        #expect(event == .linkChanged(interfaceIndex: 3, interfaceName: "", isRunning: false))
    }

    @Test func `is not read from a message about something else`() {
        let neighbour = message("10000000 1c00 0000 00000000 00000000")
        #expect(NetlinkEvent(neighbour, nameOf: { _ in "" }) == nil)
    }
}
