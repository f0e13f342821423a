// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// A non-blocking UDP socket for batches of datagrams, one of a group on the same port with a socket per thread. udp(7)
/// Its thread receives; any thread may send.
public struct UDPSocket: ~Copyable, Sendable {
    /// For the poller.
    public let descriptor: Descriptor
    public let isV4: Bool
    /// The requested endpoint, with the actual port.
    public let local: Endpoint
    /// Whether the kernel merges received datagrams.
    public let mergesReceived: Bool
    let calls: DatagramCalls

    /// The queue size to request in bytes; the kernel's own overhead counts too.
    public static let bufferByteCount: Int32 = 16 << 20

    /// Opens and binds one member of a group. All members need the same `merging`; open all before traffic comes.
    /// Throws `.addressInUse`, `.addressNotAvailable`, `.addressFamilyNotSupported` (a host without IPv6), `.permissionDenied` (a port below 1024).
    /// socket(2), bind(2)
    public init(bindingTo local: Endpoint, merging: Bool, calls: DatagramCalls = .kernel) throws(Errno) {
        let descriptor = try Descriptor.socket(local.address.isV4 ? AF_INET : AF_INET6, SOCK_DGRAM)
        try Self.prepare(descriptor, isV4: local.address.isV4)
        let merges = merging && Self.startMerging(descriptor)
        // A socket that may share its port gets, for port 0, also ports that another group of this user has. So it asks for a port of its
        // own first, and shares it then.
        if local.port != 0 { try Self.share(descriptor) }
        let bound = try Self.bind(descriptor, to: local)
        if local.port == 0 { try Self.share(descriptor) }
        isV4 = local.address.isV4
        self.local = bound
        mergesReceived = merges
        self.calls = calls
        self.descriptor = descriptor
    }

    private static func prepare(_ descriptor: borrowing Descriptor, isV4: Bool) throws(Errno) {
        let (ip, ip6) = (Int32(IPPROTO_IP), Int32(IPPROTO_IPV6))
        if isV4 {
            try descriptor.setOption(ip, IP_PKTINFO, 1 as Int32)
            try descriptor.setOption(ip, IP_RECVTOS, 1 as Int32)
            // The outer path may fragment: no DF. What ICMP says about a path's MTU is not believed: anyone can forge it (WG-D-7).
            try descriptor.setOption(ip, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT)
        } else {
            try descriptor.setOption(ip6, IPV6_V6ONLY, 1 as Int32)
            try descriptor.setOption(ip6, IPV6_RECVPKTINFO, 1 as Int32)
            try descriptor.setOption(ip6, IPV6_RECVTCLASS, 1 as Int32)
            try descriptor.setOption(ip6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT)
        }
        for (force, plain) in [(SO_RCVBUFFORCE, SO_RCVBUF), (SO_SNDBUFFORCE, SO_SNDBUF)] {
            do { try descriptor.setOption(SOL_SOCKET, force, bufferByteCount) } catch {
                // Without privileges, the kernel limits it to net.core.rmem_max or wmem_max.
                try descriptor.setOption(SOL_SOCKET, plain, bufferByteCount)
            }
        }
        try descriptor.setOption(SOL_SOCKET, SO_RXQ_OVFL, 1 as Int32)
    }

    /// Lets the other members of the group bind the same port. socket(7), SO_REUSEPORT
    private static func share(_ descriptor: borrowing Descriptor) throws(Errno) {
        try descriptor.setOption(SOL_SOCKET, SO_REUSEPORT, 1 as Int32)
    }

    /// Kernels before 5.0 have no UDP_GRO; everything works without it.
    private static func startMerging(_ descriptor: borrowing Descriptor) -> Bool {
        (try? descriptor.setOption(SOL_UDP_LEVEL, UDP_GRO_TYPE, 1 as Int32)) != nil
    }

    private static func bind(_ descriptor: borrowing Descriptor, to local: Endpoint) throws(Errno) -> Endpoint {
        let socket = descriptor.raw
        _ = try systemCall { SocketAddress.with(local) { Glibc.bind(socket, $0, $1) } }
        var bound = local
        bound.port = try SocketAddress.local(of: descriptor).port
        return bound
    }

    /// Throws `.addressInUse` when the address is already used. Group members would silently share it with another process of the same
    /// user, so check this first.
    public static func checkIsFree(_ local: Endpoint) throws(Errno) {
        let descriptor = try Descriptor.socket(local.address.isV4 ? AF_INET : AF_INET6, SOCK_DGRAM)
        if !local.address.isV4 { try descriptor.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1 as Int32) }
        _ = try bind(descriptor, to: local)
    }

    /// What the kernel granted for the queues of a socket, in bytes; `bufferByteCount` was requested for each.
    public struct Queues: Equatable, Sendable {
        public var receive: Int
        public var send: Int

        public init(receive: Int, send: Int) {
            self.receive = receive
            self.send = send
        }
    }

    /// The queues of this socket. The kernel reports twice what it was asked for. socket(7), SO_RCVBUF, SO_SNDBUF
    public var queues: Queues { Queues(receive: granted(SO_RCVBUF) / 2, send: granted(SO_SNDBUF) / 2) }

    private func granted(_ option: Int32) -> Int {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor.raw, SOL_SOCKET, option, &value, &length) == 0 ? Int(value) : 0
    }

    /// How much of the send queue is in use, by datagrams that wait in the kernel, also those for neighbours that do not answer.
    public struct SendQueue: Equatable, Sendable {
        public var used: UInt32
        public var limit: UInt32

        public init(used: UInt32, limit: UInt32) {
            self.used = used
            self.limit = limit
        }

        /// Whether more than so many quarters are in use (WG-D-12, WG-D-14).
        public func exceeds(quarters: UInt32) -> Bool { UInt64(used) * 4 > UInt64(limit) * UInt64(quarters) }
    }

    /// The send queue of this socket; an empty one when the kernel does not say. socket(7), SO_MEMINFO
    public var sendQueue: SendQueue {
        var memory = SocketMemoryInformation()
        let byteCount = calls.memory(descriptor.raw, &memory, socklen_t(MemoryLayout<SocketMemoryInformation>.size))
        return byteCount >= 16 ? SendQueue(used: memory.sendQueue, limit: memory.sendLimit) : SendQueue(used: 0, limit: 0)
    }

    /// Fills `batch` with received datagrams. Returns the number of trains, 0 when there are none. recvmmsg(2)
    public func receive(into batch: borrowing UDPReceiveBatch) throws(Errno) -> Int {
        batch.reset()
        let socket = descriptor.raw
        let headers = batch.headers
        let calls = calls
        do throws(Errno) {
            return Int(
                try systemCall { calls.receive(socket, headers, UInt32(UDPReceiveBatch.messages)) })
        } catch {
            guard error == .wouldBlock else { throw error }
            return 0
        }
    }
}

/// The non-blocking system calls for datagrams. Tests replace them to simulate kernels that refuse or mishandle something. C functions,
/// so that a call costs no more than a jump.
public struct DatagramCalls: Sendable {
    /// recvmmsg(2)
    public var receive: @convention(c) @Sendable (_ socket: Int32, _ headers: UnsafeMutablePointer<mmsghdr>?, _ count: UInt32) -> Int32
    /// sendmmsg(2)
    public var sendMany: @convention(c) @Sendable (_ socket: Int32, _ headers: UnsafeMutablePointer<mmsghdr>?, _ count: UInt32) -> Int32
    /// sendmsg(2)
    public var sendOne: @convention(c) @Sendable (_ socket: Int32, _ header: UnsafePointer<msghdr>?) -> Int
    /// getsockopt(2) with SO_MEMINFO: fills `memory` with numbers of 32 bits. Returns the number of bytes, or -1.
    public var memory: @convention(c) @Sendable (_ socket: Int32, _ memory: UnsafeMutableRawPointer, _ byteCount: socklen_t) -> Int32 = {
        var length = $2
        return getsockopt($0, SOL_SOCKET, SO_MEMINFO, $1, &length) == 0 ? Int32(length) : -1
    }

    /// The kernel's own.
    public static let kernel = DatagramCalls(
        receive: { recvmmsg($0, $1, $2, Int32(MSG_DONTWAIT), nil) },
        sendMany: { sendmmsg($0, $1, $2, Int32(MSG_NOSIGNAL)) },
        sendOne: { sendmsg($0, $1, Int32(MSG_NOSIGNAL)) })
}
