// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// A netlink connection to the kernel. Needs no privileges. Use it from one thread at a time. netlink(7)
public struct NetlinkSocket: ~Copyable {
    public let descriptor: Descriptor
    private var lastSequence: UInt32 = 0
    /// The kernel fills datagrams of a dump up to this size.
    private var buffer = [UInt8](repeating: 0, count: 32_768)

    /// `family` is NETLINK_ROUTE or NETLINK_SOCK_DIAG, `groups` the multicasts to listen to (RTMGRP_…).
    init(family: Int32, groups: UInt32 = 0) throws(Errno) {
        let descriptor = try Descriptor.socket(AF_NETLINK, SOCK_RAW, protocol: family)
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        address.nl_groups = groups
        let socket = descriptor.raw
        _ = try systemCall {
            withUnsafePointer(to: &address) { pointer in
                // SAFETY: all sockaddr structs begin with the family; the length says how much of it may be read.
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(socket, __CONST_SOCKADDR_ARG(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_nl>.size))
                }
            }
        }
        self.descriptor = descriptor
    }

    /// Sends a request and returns the answer's messages: one, or all of a dump when `flags` contain NLM_F_DUMP. Never blocks, because the
    /// kernel answers within the call.
    /// Throws the kernel's error, and EINTR if the dumped data changed during four attempts in a row.
    mutating func ask<Header: BitwiseCopyable>(
        type: Int, flags: Int32 = 0, header: Header, attributes: [(number: Int, value: [UInt8])] = []
    ) throws(Errno) -> [NetlinkMessage] {
        for _ in 0..<4 {
            lastSequence &+= 1
            let request = NetlinkRequest(type: type, flags: flags, sequence: lastSequence, header: header, attributes: attributes)
            let socket = descriptor.raw
            _ = try systemCall { send(socket, request.bytes, request.bytes.count, 0) }
            if let answer = try receiveAnswer(isDump: flags & NLM_F_DUMP == NLM_F_DUMP) { return answer }
        }
        throw Errno(EINTR)
    }

    /// Nil for a dump that the kernel marked as inconsistent.
    private mutating func receiveAnswer(isDump: Bool) throws(Errno) -> [NetlinkMessage]? {
        var answer: [NetlinkMessage] = []
        var isConsistent = true
        while true {
            for message in try receive() where message.sequence == lastSequence {
                isConsistent = isConsistent && message.flags & UInt16(NLM_F_DUMP_INTR) == 0
                switch Int32(message.type) {
                case NLMSG_ERROR, NLMSG_DONE:
                    // Both types begin with a negative error number or zero; zero after a dump means success.
                    let code = message.payload.loadStruct(Int32.self) ?? 0
                    if code != 0 { throw Errno(-code) }
                    return isConsistent ? answer : nil
                default:
                    answer.append(message)
                    if !isDump { return answer }
                }
            }
        }
    }

    /// The messages of the next datagram. Throws `.wouldBlock` when there is none, `.noBufferSpace` when the kernel dropped messages since
    /// the last call. recvfrom(2)
    mutating func receive() throws(Errno) -> [NetlinkMessage] {
        var sender = sockaddr_nl()
        var senderByteCount = socklen_t(MemoryLayout<sockaddr_nl>.size)
        let socket = descriptor.raw
        let byteCount = try systemCall {
            buffer.withUnsafeMutableBytes { buffer in
                withUnsafeMutablePointer(to: &sender) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        recvfrom(
                            socket, buffer.baseAddress, buffer.count, Int32(MSG_TRUNC),
                            __SOCKADDR_ARG(__sockaddr__: $0), &senderByteCount)
                    }
                }
            }
        }
        // Other processes have non-zero numbers; only messages of the kernel are accepted.
        guard sender.nl_pid == 0 else { return [] }
        guard byteCount <= buffer.count else { throw Errno(EMSGSIZE) }
        return NetlinkMessage.all(in: buffer[..<byteCount])
    }
}
