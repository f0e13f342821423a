// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// What a TUN device hands over: its header and a packet. Cutting writes nothing outside its memory and keeps the payload, each segment is a packet
/// between the same addresses, and one that continues another has the number of its first byte.
func fuzzHostPacket(_ bytes: [UInt8]) {
    guard bytes.count > VirtioHeader.byteCount, let header = bytes.withUnsafeBytes({ VirtioHeader(at: $0.baseAddress!) }) else { return }
    // Memory of exactly this length, so that the address sanitizer sees reads and writes past the end.
    let count = bytes.count - VirtioHeader.byteCount
    let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 16)
    defer { memory.deallocate() }
    bytes.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress! + VirtioHeader.byteCount, byteCount: count) }
    guard let packet = try? IPPacket(at: memory, available: count) else { return }

    if var whole = SuperPacket(packet, header) {
        let segments = whole.count
        let room = UnsafeMutableRawPointer.allocate(byteCount: whole.largest, alignment: 16)
        defer { room.deallocate() }
        var (number, payload) = (0, 0)
        while !whole.isDone, number < 100 {
            let byteCount = whole.writeNext(to: room)
            precondition(byteCount <= whole.largest && byteCount > whole.headerByteCount)
            guard let segment = try? IPPacket(at: room, available: byteCount) else { preconditionFailure("a segment is no packet") }
            precondition(segment.byteCount == byteCount && segment.source == packet.source && segment.destination == packet.destination)
            if let mergeable = MergeablePacket(segment), mergeable.transport == Int(header.checksumStart) {
                precondition(mergeable.isTCP == (header.segmentation == .udp) || mergeable.hasValidChecksum, "a segment has a wrong checksum")
            }
            (number, payload) = (number + 1, payload + byteCount - whole.headerByteCount)
        }
        precondition(!whole.isDone || (number == segments && payload == packet.byteCount - whole.headerByteCount))
    }
    if let mergeable = MergeablePacket(packet) {
        precondition(mergeable.headerByteCount <= packet.byteCount && mergeable.payloadByteCount >= 0)
        _ = mergeable.hasValidChecksum
        precondition(!mergeable.isTCP || mergeable.payloadByteCount == 0 || !mergeable.continues(mergeable, sequence: mergeable.nextSequence))
    }
    packet.completeChecksum(header)
}
