// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// The messages of one `UDPSocket.send`. Each has one or more datagrams to one receiver (UDP_SEGMENT), sent from where they are in memory.
/// Allocated once and owned by one thread. After the send, `outcome(of:)` returns the result for each message.
public struct UDPSendBatch: ~Copyable {
    /// The maximum number of messages and of pieces in one batch.
    public static let messages = 512
    public static let pieces = 2048
    /// Every kernel accepts 64 segments (newer ones 128).
    public static let segmentsPerMessage = 64
    /// The largest payload of one UDP send over IPv4.
    public static let messageByteCount = 65_507

    let headers: UnsafeMutablePointer<mmsghdr>
    private let vectors: UnsafeMutablePointer<iovec>
    private let names: UnsafeMutablePointer<UDPAddress>
    private let control: UnsafeMutableRawPointer
    private let shapes: UnsafeMutablePointer<Shape>
    /// Messages in the batch.
    public private(set) var count = 0
    private var pieceCount = 0

    /// What we know about a message in addition to its header for the kernel.
    private struct Shape {
        var segmentByteCount = 0
        var segments = 0
        var byteCount = 0
        var isClosed = false
        var local = UDPLocalAddress()
        var trafficClass: UInt8 = 0
        var isExpendable = false
        /// Why some of it was not sent, and how much.
        var error: Int32 = 0
        var lostDatagrams = 0
        var lostByteCount = 0
    }

    public init() {
        headers = .allocate(capacity: Self.messages)
        vectors = .allocate(capacity: Self.pieces)
        names = .allocate(capacity: Self.messages)
        control = .allocate(byteCount: Self.messages * ControlMessages.capacity, alignment: 16)
        shapes = .allocate(capacity: Self.messages)
        headers.initialize(repeating: mmsghdr(), count: Self.messages)
        vectors.initialize(repeating: iovec(), count: Self.pieces)
        names.initialize(repeating: UDPAddress(), count: Self.messages)
        shapes.initialize(repeating: Shape(), count: Self.messages)
        for index in 0..<Self.messages {
            headers[index].msg_hdr.msg_name = UnsafeMutableRawPointer(names + index)
            headers[index].msg_hdr.msg_control = control + index * ControlMessages.capacity
        }
    }

    deinit {
        headers.deallocate()
        vectors.deallocate()
        names.deallocate()
        control.deallocate()
        shapes.deallocate()
    }

    /// Whether another message with another piece fits.
    public var hasRoom: Bool { count < Self.messages && pieceCount < Self.pieces }

    /// Empties the batch; its buffers stay allocated.
    public mutating func removeAll() {
        count = 0
        pieceCount = 0
    }

    /// Starts a message with one datagram and returns its number. The caller must check `hasRoom` first. An expendable message is given up
    /// at once when a queue is full.
    public mutating func begin(
        to address: UDPAddress, from local: UDPLocalAddress, trafficClass: UInt8, isExpendable: Bool = false, _ bytes: UnsafeMutableRawPointer,
        byteCount: Int
    ) -> Int {
        let index = count
        names[index] = address
        shapes[index] = Shape(
            segmentByteCount: byteCount, segments: 1, byteCount: byteCount, local: local, trafficClass: trafficClass, isExpendable: isExpendable)
        vectors[pieceCount] = iovec(iov_base: bytes, iov_len: byteCount)
        headers[index].msg_hdr.msg_iov = vectors + pieceCount
        headers[index].msg_hdr.msg_iovlen = 1
        headers[index].msg_hdr.msg_namelen = address.byteCount
        pieceCount += 1
        count += 1
        return index
    }

    /// Appends a datagram to the newest message. False when it has another length, the message is full, or it does not directly follow. A
    /// shorter datagram fits, but only as the last one.
    public mutating func append(to index: Int, _ bytes: UnsafeMutableRawPointer, byteCount: Int) -> Bool {
        let shape = shapes[index]
        guard index == count - 1, !shape.isClosed, byteCount <= shape.segmentByteCount, shape.segments < Self.segmentsPerMessage,
            shape.byteCount + byteCount <= Self.messageByteCount
        else { return false }
        let newest = pieceCount - 1
        if vectors[newest].iov_base + vectors[newest].iov_len == bytes {
            vectors[newest].iov_len += byteCount
        } else {
            guard pieceCount < Self.pieces else { return false }
            vectors[pieceCount] = iovec(iov_base: bytes, iov_len: byteCount)
            headers[index].msg_hdr.msg_iovlen += 1
            pieceCount += 1
        }
        shapes[index].segments += 1
        shapes[index].byteCount += byteCount
        shapes[index].isClosed = byteCount < shape.segmentByteCount
        return true
    }

    /// The result for a message.
    public struct Outcome {
        public var sentDatagrams: Int
        public var sentByteCount: Int
        /// How many datagrams were not sent, and the error of the last of them.
        public var lostDatagrams: Int
        public var error: Errno?
    }

    /// The result for a message in the last send.
    public func outcome(of index: Int) -> Outcome {
        let shape = shapes[index]
        return Outcome(
            sentDatagrams: shape.segments - shape.lostDatagrams, sentByteCount: shape.byteCount - shape.lostByteCount,
            lostDatagrams: shape.lostDatagrams, error: shape.lostDatagrams == 0 ? nil : Errno(shape.error))
    }

    /// Datagrams of a message.
    public func datagrams(of index: Int) -> Int { shapes[index].segments }

    /// Where a message goes.
    public func receiver(of index: Int) -> UDPAddress { names[index] }

    func isSegmented(_ index: Int) -> Bool { shapes[index].segments > 1 }
    func isExpendable(_ index: Int) -> Bool { shapes[index].isExpendable }
    func hasLocal(_ index: Int) -> Bool { !shapes[index].local.isUnset }
    func clearLocal(_ index: Int) { shapes[index].local = UDPLocalAddress() }

    /// Records that no datagram of a message was sent.
    func fail(_ index: Int, _ error: Errno) {
        shapes[index].error = error.code
        shapes[index].lostDatagrams = shapes[index].segments
        shapes[index].lostByteCount = shapes[index].byteCount
    }

    /// Records that some datagrams of a message were not sent.
    func fail(_ index: Int, _ error: Errno, datagrams: Int, byteCount: Int) {
        shapes[index].error = error.code
        shapes[index].lostDatagrams += datagrams
        shapes[index].lostByteCount += byteCount
    }

    /// Updates the control data in a header from `forEachDatagram`.
    func copyControl(of index: Int, to header: inout msghdr) {
        header.msg_control = headers[index].msg_hdr.msg_control
        header.msg_controllen = headers[index].msg_hdr.msg_controllen
    }

    /// Writes the control data of a message; `segmented` false leaves the segment size out.
    func seal(_ index: Int, segmented: Bool = true) {
        let shape = shapes[index]
        let target: UnsafeMutableRawPointer = control + index * ControlMessages.capacity
        var offset = 0
        let isV4 = names[index].isV4
        if !shape.local.isUnset {
            if isV4 {
                let info: (UInt32, UInt32, UInt32) = (0, UInt32(truncatingIfNeeded: shape.local.first), 0)
                offset = ControlMessages.append(info, level: Int32(IPPROTO_IP), type: IP_PKTINFO, to: target, at: offset)
            } else {
                let info = PacketInfo6(first: shape.local.first, second: shape.local.second, interface: 0, padding: 0)
                offset = ControlMessages.append(info, level: Int32(IPPROTO_IPV6), type: IPV6_PKTINFO, to: target, at: offset, byteCount: 20)
            }
        }
        if shape.trafficClass != 0 {
            let (level, type) = isV4 ? (Int32(IPPROTO_IP), IP_TOS) : (Int32(IPPROTO_IPV6), IPV6_TCLASS)
            offset = ControlMessages.append(Int32(shape.trafficClass), level: level, type: type, to: target, at: offset)
        }
        if segmented, shape.segments > 1 {
            offset = ControlMessages.append(
                UInt16(shape.segmentByteCount), level: SOL_UDP_LEVEL, type: UDP_SEGMENT_TYPE, to: target, at: offset)
        }
        headers[index].msg_hdr.msg_controllen = offset
        headers[index].msg_hdr.msg_control = offset == 0 ? nil : target
    }

    /// Calls `body` with every single datagram of a message as a header of its own, for kernels and paths that cannot segment.
    /// The message was sealed without a segment size.
    func forEachDatagram(of index: Int, _ body: (inout msghdr) -> Void) {
        let shape = shapes[index]
        var left = shape.byteCount
        let pieces = headers[index].msg_hdr.msg_iov!
        var piece = 0
        var offset = 0
        while left > 0 {
            // A piece holds whole datagrams: that is how `append` merges them.
            let length = min(shape.segmentByteCount, pieces[piece].iov_len - offset)
            var vector = iovec(iov_base: pieces[piece].iov_base + offset, iov_len: length)
            withUnsafeMutablePointer(to: &vector) { pointer in
                var header = headers[index].msg_hdr
                header.msg_iov = pointer
                header.msg_iovlen = 1
                body(&header)
            }
            left -= length
            offset += length
            if offset == pieces[piece].iov_len {
                piece += 1
                offset = 0
            }
        }
    }

    /// in6_pktinfo: 20 bytes.
    private struct PacketInfo6 {
        var first: UInt64
        var second: UInt64
        var interface: UInt32
        var padding: UInt32
    }
}
