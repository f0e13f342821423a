// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@testable import Linux

struct `UDP statistics` {
    @Test func `WG-Q-5 are read from both families and added`() {
        let statistics = UDPStatistics(
            snmp: """
                Tcp: RtoAlgorithm RtoMin
                Tcp: 1 200
                Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors
                Udp: 1000 2 30 900 20 4 1
                UdpLite: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors
                UdpLite: 0 0 7 0 7 7 0
                """,
            snmp6: """
                Udp6InDatagrams                 	50
                Udp6InErrors                    	3
                Udp6RcvbufErrors                	2
                Udp6SndbufErrors                	1
                UdpLite6InErrors                	9
                """)
        #expect(statistics.inErrors == 33)
        #expect(statistics.receiveBufferErrors == 22)
        #expect(statistics.sendBufferErrors == 5)
    }

    @Test func `can be read on this host`() { #expect(throws: Never.self) { try UDPStatistics.current() } }

    @Test func `of a text in another form are zero`() {
        #expect(UDPStatistics(snmp: "Udp: InErrors\n", snmp6: "Udp6InErrors").inErrors == 0)
    }
}
