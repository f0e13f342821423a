// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import Linux

@Suite struct `UDP sockets` {
    @Test func `get a port of their own if the kernel picks it, however many there are`() throws {
        // With 28,232 ports to pick from, 600 sockets that take any port would meet six times on average.
        try withPorts(600) { #expect(Set($0).count == 600) }
    }

    @Test func `join a socket whose port the kernel picked`() throws {
        let first = try UDPSocket(bindingTo: Endpoint("127.0.0.1:0")!, merging: false)
        let second = try UDPSocket(bindingTo: first.local, merging: false)
        #expect(second.local == first.local)
        #expect(throws: Errno.addressInUse) { try UDPSocket.checkIsFree(first.local) }
    }

    private func withPorts(_ count: Int, holding ports: [UInt16] = [], _ body: ([UInt16]) -> Void) throws {
        guard ports.count < count else { return body(ports) }
        let socket = try UDPSocket(bindingTo: Endpoint("127.0.0.1:0")!, merging: false)
        try withPorts(count, holding: ports + [socket.local.port], body)
    }
}
