// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// The kernel memory of a UDP socket, and its dropped datagrams. sock_diag(7), INET_DIAG_SKMEMINFO
public struct SocketMemory: Hashable, Sendable {
    /// The address and port the socket is bound to.
    public var local: Endpoint
    /// The inode number that fstat(2) returns for the descriptor; distinguishes sockets on the same port.
    public var inode: UInt32
    /// Bytes of kernel memory that wait to be read; at the limit the kernel drops datagrams.
    public var receiveQueue: UInt32
    public var receiveLimit: UInt32
    /// Bytes of kernel memory that wait to be sent.
    public var sendQueue: UInt32
    public var sendLimit: UInt32
    /// Datagrams dropped since the socket was opened, because the queue was full or the checksum was wrong.
    public var drops: UInt32
}

extension SocketMemory {
    /// All UDP sockets in this network namespace that are bound to `port`, including those of other processes. Throws `.noSuchFile` if the
    /// kernel has no udp_diag.
    public static func udp(port: UInt16) throws(Errno) -> [SocketMemory] {
        var socket = try NetlinkSocket(family: NETLINK_SOCK_DIAG)
        var sockets: [SocketMemory] = []
        for family in [AF_INET, AF_INET6] {
            var request = inet_diag_req_v2()
            request.sdiag_family = UInt8(family)
            request.sdiag_protocol = UInt8(IPPROTO_UDP)
            request.idiag_ext = 1 << UInt8(INET_DIAG_SKMEMINFO - 1)
            request.idiag_states = .max
            request.id.idiag_sport = port.bigEndian
            sockets += try socket.ask(type: Int(SOCK_DIAG_BY_FAMILY), flags: NLM_F_DUMP, header: request)
                .compactMap { SocketMemory($0) }
        }
        // Kernels that do not filter a dump by port give all sockets.
        return sockets.filter { $0.local.port == port }
    }

    /// Parses SOCK_DIAG_BY_FAMILY with an inet_diag_msg. Nil for any other message and for one without memory numbers.
    init?(_ message: NetlinkMessage) {
        guard Int32(message.type) == SOCK_DIAG_BY_FAMILY, let (header, attributes) = message.read(inet_diag_msg.self),
            let memory = attributes[INET_DIAG_SKMEMINFO]?.loadStruct(SocketMemoryInformation.self)
        else { return nil }
        let source = withUnsafeBytes(of: header.id.idiag_src) { Array($0) }
        guard let address = IPAddress(networkOrder: source.prefix(header.idiag_family == AF_INET ? 4 : 16)) else { return nil }
        local = Endpoint(address: address, port: UInt16(bigEndian: header.id.idiag_sport))
        inode = header.idiag_inode
        receiveQueue = memory.receiveQueue
        receiveLimit = memory.receiveLimit
        sendQueue = memory.sendQueue
        sendLimit = memory.sendLimit
        drops = memory.drops
    }
}

/// The array of SK_MEMINFO_… numbers as a struct.
struct SocketMemoryInformation: BitwiseCopyable {
    var receiveQueue: UInt32 = 0
    var receiveLimit: UInt32 = 0
    var sendQueue: UInt32 = 0
    var sendLimit: UInt32 = 0
    var reserved: UInt32 = 0
    var queued: UInt32 = 0
    var options: UInt32 = 0
    var backlog: UInt32 = 0
    var drops: UInt32 = 0
}
