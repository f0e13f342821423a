// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The header that a TUN device with IFF_VNET_HDR puts before each packet, in host order (struct virtio_net_hdr). It says what the kernel left
/// to whoever has the packet next: a checksum to complete, and a super-packet to cut into segments.
///
///     0       1      2              4               6                8
///     | flags | type | header bytes | segment bytes | checksum start | checksum offset |
public struct VirtioHeader: Equatable, Sendable {
    public static let byteCount = 10

    /// Into what a super-packet is cut.
    public enum Segmentation: UInt8, Sendable {
        case none = 0
        case tcp4 = 1
        case tcp6 = 4
        case udp = 5
    }

    /// The checksum field contains the sum of the pseudo header only (CHECKSUM_PARTIAL).
    public var needsChecksum: Bool
    public var segmentation: Segmentation
    /// The bytes that each segment begins with: IP and transport header. Only a hint when the kernel writes it.
    public var headerByteCount: UInt16
    /// Payload bytes of each segment except the last, which may have fewer.
    public var segmentByteCount: UInt16
    /// Where the transport header begins, and where in it the checksum is.
    public var checksumStart: UInt16
    public var checksumOffset: UInt16

    /// The header of a packet that is complete.
    public init() {
        needsChecksum = false
        segmentation = .none
        (headerByteCount, segmentByteCount, checksumStart, checksumOffset) = (0, 0, 0, 0)
    }

    /// Reads `byteCount` bytes. Nil for a kind of super-packet that the hub does not ask the kernel for.
    public init?(at bytes: UnsafeRawPointer) {
        // Bit 7 marks a TCP super-packet whose first segment alone carries CWR; each segment is made so anyway.
        guard let segmentation = Segmentation(rawValue: bytes.uint8(at: 1) & 0x7F) else { return nil }
        self.segmentation = segmentation
        needsChecksum = bytes.uint8(at: 0) & 1 != 0
        headerByteCount = bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)
        segmentByteCount = bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self)
        checksumStart = bytes.loadUnaligned(fromByteOffset: 6, as: UInt16.self)
        checksumOffset = bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
    }

    /// Writes `byteCount` bytes.
    public func write(to bytes: UnsafeMutableRawPointer) {
        bytes.store8(needsChecksum ? 1 : 0, at: 0)
        bytes.store8(segmentation.rawValue, at: 1)
        bytes.storeBytes(of: headerByteCount, toByteOffset: 2, as: UInt16.self)
        bytes.storeBytes(of: segmentByteCount, toByteOffset: 4, as: UInt16.self)
        bytes.storeBytes(of: checksumStart, toByteOffset: 6, as: UInt16.self)
        bytes.storeBytes(of: checksumOffset, toByteOffset: 8, as: UInt16.self)
    }
}

extension IPPacket {
    /// Completes the checksum that the kernel left undone. False, without a change, if the header names a place outside the packet.
    @discardableResult
    public func completeChecksum(_ header: VirtioHeader) -> Bool {
        guard header.needsChecksum else { return true }
        let start = Int(header.checksumStart)
        let field = start + Int(header.checksumOffset)
        guard start < byteCount, field + 2 <= byteCount else { return false }
        // The field already contains the sum of the pseudo header.
        let checksum = Checksum.finish(Checksum.sum(base + start, byteCount: byteCount - start))
        // Zero would mean "no checksum" in UDP; both values are the same number.
        base.storeBE(checksum == 0 ? 0xFFFF : checksum, at: field)
        return true
    }

    /// The sum of the pseudo header of TCP and UDP for this many bytes after it (RFC 9293 3.1, RFC 8200 8.1).
    func pseudoHeaderSum(transport number: UInt8, byteCount: Int) -> UInt64 {
        let (addresses, addressByteCount) = isV4 ? (12, 8) : (8, 32)
        return Checksum.sum(base + addresses, byteCount: addressByteCount, initial: UInt64(byteCount) &+ UInt64(number))
    }
}
