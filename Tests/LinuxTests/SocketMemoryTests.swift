// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Net
import Testing

@testable import Linux

struct `The memory of a socket` {
    @Test func `is read from an inet_diag_msg`() {
        let memory = SocketMemory(
            message(
                """
                80000000 1400 0200 01000000 00000000   # nlmsghdr: SOCK_DIAG_BY_FAMILY
                02 07 00 00                            # inet_diag_msg: AF_INET, closed
                ca6c 0000                              # source port 51820, destination port
                7f000001 00000000 00000000 00000000    # source 127.0.0.1
                00000000 00000000 00000000 00000000    # destination
                00000000 01000000 00000000             # interface, cookie
                00000000 c0090000 00000000             # expires, receive queue, send queue
                00000000 16710100                      # uid, inode 94486
                2800 0700                              # INET_DIAG_SKMEMINFO
                c0090000 00400300 64000000 00200300    # rmem_alloc, rcvbuf, wmem_alloc, sndbuf
                00000000 00000000 00000000 00000000    # fwd_alloc, wmem_queued, optmem, backlog
                05000000                               # drops
                """))
        #expect(
            memory
                == SocketMemory(
                    local: Endpoint(address: IPAddress("127.0.0.1")!, port: 51820), inode: 94486, receiveQueue: 2496,
                    receiveLimit: 212_992, sendQueue: 100, sendLimit: 204_800, drops: 5))
    }

    @Test func `shows waiting bytes and dropped datagrams`() throws {
        let datagrams = __socket_type(rawValue: 2)  // SOCK_DGRAM, which Glibc's module hides
        let descriptor = try Descriptor.socket(AF_INET, datagrams)
        try descriptor.setOption(SOL_SOCKET, SO_RCVBUF, Int32(4096))
        let any = Endpoint(address: .v4(.loopback), port: 0)
        _ = try systemCall { SocketAddress.with(any) { bind(descriptor.raw, $0, $1) } }
        let local = try SocketAddress.local(of: descriptor)
        let packet = [UInt8](repeating: 7, count: 1000)
        for _ in 0..<20 {
            _ = SocketAddress.with(local) { sendto(descriptor.raw, packet, packet.count, 0, $0, $1) }
        }
        var status = stat()
        fstat(descriptor.raw, &status)

        let memory = try SocketMemory.udp(port: local.port).first { $0.inode == status.st_ino }
        #expect(memory?.local == local)
        #expect(memory?.receiveLimit == 8192)
        #expect(try #require(memory).receiveQueue > 1000)
        #expect((1..<20).contains(try #require(memory).drops))
    }

    @Test func `is missing for a port that no socket uses`() throws {
        #expect(try SocketMemory.udp(port: 1) == [])
    }
}
