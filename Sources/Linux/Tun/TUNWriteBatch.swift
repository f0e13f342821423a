// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// The packets that the next flush writes to a TUN queue, each from where it is in memory. Packets of one flow that follow each other are
/// written as one super-packet, which costs the host one pass through its network stack instead of many. The order within a flow stays.
/// Allocated once and owned by one thread.
public struct TUNWriteBatch: ~Copyable {
    /// The maximum number of packets between two flushes.
    public static let capacity = 1024
    /// Packets in one super-packet, as in the kernel's own merging.
    static let packetsPerTrain = 64
    /// The largest length that an IPv4 header can give.
    private static let largest = 65_535
    /// How many flows are merged side by side.
    private static let flows = 8

    private let trains: UnsafeMutablePointer<Train>
    private let pieces: UnsafeMutablePointer<Piece>
    private let vectors: UnsafeMutablePointer<iovec>
    private let header: UnsafeMutableRawPointer
    private let open: UnsafeMutablePointer<Flow>
    private let mergesUDP: Bool
    private var trainCount = 0
    private var pieceCount = 0
    private var nextFlow = 0

    /// A packet or super-packet.
    private struct Train {
        var packet: IPPacket
        /// Nil if nothing can be merged with it.
        var first: MergeablePacket?
        var count = 1
        var payload = 0
        var segment = 0
        var sequence: UInt32 = 0
        var isVerified = false
        var isPushed = false
        var firstPiece = -1
        var lastPiece = -1
    }

    /// The payload of a packet that was merged.
    private struct Piece {
        var bytes: UnsafeMutableRawPointer
        var byteCount: Int
        var next: Int
    }

    /// A flow whose newest train may grow.
    private struct Flow {
        var hash: UInt64 = 0
        var train = -1
    }

    /// Reserves memory only if `isUsed`.
    public init(isUsed: Bool, mergesUDP: Bool) {
        self.mergesUDP = mergesUDP
        let capacity = isUsed ? Self.capacity : 0
        trains = .allocate(capacity: capacity)
        pieces = .allocate(capacity: capacity)
        vectors = .allocate(capacity: isUsed ? Self.packetsPerTrain + 1 : 0)
        header = .allocate(byteCount: VirtioHeader.byteCount, alignment: 8)
        open = .allocate(capacity: Self.flows)
        open.initialize(repeating: Flow(), count: Self.flows)
    }

    deinit {
        trains.deallocate()
        pieces.deallocate()
        vectors.deallocate()
        header.deallocate()
        open.deallocate()
    }

    /// Whether there is nothing to write.
    public var isEmpty: Bool { trainCount == 0 }

    /// Whether there is no room for one more packet.
    public var isFull: Bool { trainCount == Self.capacity || pieceCount == Self.capacity }

    /// Appends a packet, whose memory must stay as it is until the flush. Call only if the batch is not full.
    public mutating func append(_ packet: IPPacket) {
        guard let mergeable = MergeablePacket(packet) else {
            // A fragment may belong to any flow.
            closeAll()
            return begin(Train(packet: packet))
        }
        let place = place(of: mergeable.flow)
        if let place, continues(open[place].train, mergeable) { return add(mergeable, to: open[place].train, place) }
        if let place { open[place].train = -1 }
        begin(mergeable)
    }

    /// Writes everything, and calls `failed` for each packet or super-packet that the kernel refused, with the number of packets in it. writev(2)
    public mutating func flush(to queue: TUNQueue, failed: (_ packets: Int, Errno) -> Void) {
        for index in 0..<trainCount {
            let count = gather(index)
            do throws(Errno) { try systemCall { writev(queue.descriptor.raw, vectors, Int32(count)) } } catch {
                failed(trains[index].count, error)
            }
        }
        (trainCount, pieceCount) = (0, 0)
        closeAll()
    }

    private mutating func closeAll() { for place in 0..<Self.flows { open[place].train = -1 } }

    private func place(of flow: UInt64) -> Int? {
        for place in 0..<Self.flows where open[place].train >= 0 && open[place].hash == flow { return place }
        return nil
    }

    private mutating func begin(_ train: Train) {
        (trains + trainCount).initialize(to: train)
        trainCount += 1
    }

    private mutating func begin(_ packet: MergeablePacket) {
        var train = Train(packet: packet.packet)
        if packet.carriesData, !packet.isPushed, packet.isTCP || mergesUDP {
            train.first = packet
            (train.payload, train.segment) = (packet.payloadByteCount, packet.payloadByteCount)
            if packet.isTCP { train.sequence = packet.nextSequence }
            open[nextFlow] = Flow(hash: packet.flow, train: trainCount)
            nextFlow = (nextFlow + 1) % Self.flows
        }
        begin(train)
    }

    /// Whether the packet may become part of a train. The first packet's checksum is verified only now, since most are never merged.
    private func continues(_ index: Int, _ packet: MergeablePacket) -> Bool {
        let train = trains + index
        guard let first = train.pointee.first, packet.carriesData, packet.payloadByteCount <= train.pointee.segment,
            train.pointee.count < Self.packetsPerTrain,
            first.headerByteCount + train.pointee.payload + packet.payloadByteCount <= Self.largest,
            packet.continues(first, sequence: train.pointee.sequence)
        else { return false }
        if !train.pointee.isVerified {
            guard first.hasValidChecksum else { return false }
            train.pointee.isVerified = true
        }
        return packet.hasValidChecksum
    }

    private mutating func add(_ packet: MergeablePacket, to index: Int, _ place: Int) {
        let train = trains + index
        let payload = packet.payloadByteCount
        pieces[pieceCount] = Piece(bytes: packet.packet.base + packet.headerByteCount, byteCount: payload, next: -1)
        if train.pointee.lastPiece < 0 { train.pointee.firstPiece = pieceCount } else { pieces[train.pointee.lastPiece].next = pieceCount }
        train.pointee.lastPiece = pieceCount
        pieceCount += 1
        train.pointee.count += 1
        train.pointee.payload += payload
        if packet.isTCP { train.pointee.sequence = packet.nextSequence }
        if packet.isPushed { train.pointee.isPushed = true }
        // Only the last segment may be shorter.
        if packet.isPushed || payload < train.pointee.segment { open[place].train = -1 }
    }

    /// Fills the vectors of a train. Returns their number.
    private func gather(_ index: Int) -> Int {
        let train = trains[index]
        var virtio = VirtioHeader()
        if let first = train.first, train.count > 1 {
            virtio = first.becomeSuperPacket(payload: train.payload, segment: train.segment, isPushed: train.isPushed)
        }
        virtio.write(to: header)
        vectors[0] = iovec(iov_base: header, iov_len: VirtioHeader.byteCount)
        vectors[1] = iovec(iov_base: train.packet.base, iov_len: train.packet.byteCount)
        var (count, piece) = (2, train.firstPiece)
        while piece >= 0 {
            vectors[count] = iovec(iov_base: pieces[piece].bytes, iov_len: pieces[piece].byteCount)
            (count, piece) = (count + 1, pieces[piece].next)
        }
        return count
    }
}
