// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// Memory for one `UDPSocket.receive`: a few messages of up to 64 KiB, each a train of datagrams that the kernel merged (UDP_GRO).
/// Allocated once and owned by one thread; packets are processed in place.
public struct UDPReceiveBatch: ~Copyable {
    /// Trains per call. Four fit into the second-level cache; sixteen do not and are slower.
    public static let messages = 4
    /// No UDP payload is longer than 65,527 bytes.
    public static let messageByteCount = 65_536

    let headers: UnsafeMutablePointer<mmsghdr>
    private let vectors: UnsafeMutablePointer<iovec>
    private let names: UnsafeMutablePointer<UDPAddress>
    private let control: UnsafeMutableRawPointer
    private let buffers: UnsafeMutableRawPointer

    public init() {
        headers = .allocate(capacity: Self.messages)
        vectors = .allocate(capacity: Self.messages)
        names = .allocate(capacity: Self.messages)
        control = .allocate(byteCount: Self.messages * ControlMessages.capacity, alignment: 16)
        buffers = .allocate(byteCount: Self.messages * Self.messageByteCount, alignment: 4096)
        names.initialize(repeating: UDPAddress(), count: Self.messages)
        headers.initialize(repeating: mmsghdr(), count: Self.messages)
        for index in 0..<Self.messages {
            (vectors + index).initialize(to: iovec(iov_base: buffers + index * Self.messageByteCount, iov_len: Self.messageByteCount))
            headers[index].msg_hdr.msg_name = UnsafeMutableRawPointer(names + index)
            headers[index].msg_hdr.msg_iov = vectors + index
            headers[index].msg_hdr.msg_iovlen = 1
            headers[index].msg_hdr.msg_control = control + index * ControlMessages.capacity
        }
    }

    deinit {
        headers.deallocate()
        vectors.deallocate()
        names.deallocate()
        control.deallocate()
        buffers.deallocate()
    }

    /// Resets what the kernel changes in each call, so that no old segment size is used again (WG-E-7, WG-V-26).
    func reset() {
        for index in 0..<Self.messages {
            names[index] = UDPAddress()
            headers[index].msg_hdr.msg_namelen = UInt32(MemoryLayout<UDPAddress>.size)
            headers[index].msg_hdr.msg_controllen = ControlMessages.capacity
        }
    }

    /// A train of datagrams from one sender. All have `segmentByteCount` bytes, except the last, which may be shorter.
    public struct Train {
        public var bytes: UnsafeMutableRawPointer
        public var byteCount: Int
        public var segmentByteCount: Int
        public var source: UDPAddress
        public var local: UDPLocalAddress
        /// The low two bits of TOS or traffic class.
        public var ecn: UInt8
        /// The datagram was longer than the buffer; its rest is lost.
        public var isTruncated: Bool
        /// Datagrams that this socket lost since it was opened because its queue was full; nil when the kernel did not report it.
        public var lost: UInt32?
    }

    /// The train at `index`, which must be below the result of `receive`.
    public func train(at index: Int) -> Train {
        let header = headers[index].msg_hdr
        let byteCount = Int(headers[index].msg_len)
        var train = Train(
            bytes: buffers + index * Self.messageByteCount, byteCount: byteCount, segmentByteCount: byteCount, source: names[index],
            local: UDPLocalAddress(), ecn: 0, isTruncated: header.msg_flags & Int32(MSG_TRUNC) != 0, lost: nil)
        ControlMessages.forEach(header.msg_control, byteCount: header.msg_controllen) { level, type, value in
            switch (level, type) {
            case (SOL_UDP_LEVEL, UDP_GRO_TYPE):
                let size = Int(value.load(as: Int32.self))
                if size > 0 { train.segmentByteCount = size }
            case (Int32(IPPROTO_IP), IP_PKTINFO):
                // in_pktinfo: interface 4, local address 4, destination 4
                train.local.interface = value.load(as: UInt32.self)
                train.local.first = UInt64(value.load(fromByteOffset: 4, as: UInt32.self))
            case (Int32(IPPROTO_IPV6), IPV6_PKTINFO):
                train.local.first = value.loadUnaligned(as: UInt64.self)
                train.local.second = value.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
                train.local.interface = value.load(fromByteOffset: 16, as: UInt32.self)
            case (Int32(IPPROTO_IP), IP_TOS): train.ecn = value.load(as: UInt8.self) & 3
            case (Int32(IPPROTO_IPV6), IPV6_TCLASS): train.ecn = UInt8(truncatingIfNeeded: value.load(as: Int32.self)) & 3
            case (SOL_SOCKET, SO_RXQ_OVFL): train.lost = value.load(as: UInt32.self)
            default: break
            }
        }
        return train
    }
}

/// netinet/udp.h names these in macros that Swift's Glibc module does not carry.
let SOL_UDP_LEVEL: Int32 = 17
let UDP_SEGMENT_TYPE: Int32 = 103
let UDP_GRO_TYPE: Int32 = 104
