// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Testing

@testable import hairpin

@Suite struct `The warning about small queues` {
    @Test func `is not given when the kernel granted all`() {
        #expect(QueueWarning(UDPSocket.Queues(receive: 16 << 20, send: 16 << 20)) == nil)
    }

    @Test func `has the command that allows more, for what is too small`() throws {
        let both = try #require(QueueWarning(UDPSocket.Queues(receive: 212_992, send: 212_992)))
        #expect(both.command == "sysctl -w net.core.rmem_max=16777216 net.core.wmem_max=16777216")
        #expect(both.receive == 208)
        #expect(both.send == 208)
        let one = try #require(QueueWarning(UDPSocket.Queues(receive: 212_992, send: 16 << 20)))
        #expect(one.command == "sysctl -w net.core.rmem_max=16777216")
    }
}
