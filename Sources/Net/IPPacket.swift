// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// An IP packet in memory that the caller owns: the fields that a tunnel reads and may change.
/// Reads only the fixed header. Checksums are not verified, because the tunnel's authentication tag already protects them (WG-X-4).
public struct IPPacket {
    public let base: UnsafeMutableRawPointer
    /// The length that the packet's header gives, without padding.
    public let byteCount: Int

    /// Checks the version and the lengths against the `available` bytes at `base` (WG-X-2, WG-X-3). Throws `.badInnerType` for an unknown
    /// version, `.badInnerLength` for a wrong length.
    @inlinable public init(at base: UnsafeMutableRawPointer, available: Int) throws(DropReason) {
        guard available > 0 else { throw .badInnerType }
        switch base.uint8(at: 0) >> 4 {
        case 4:
            guard available >= 20 else { throw .badInnerType }
            byteCount = Int(base.uint16BE(at: 2))
            guard byteCount >= 20, byteCount <= available else { throw .badInnerLength }
        case 6:
            guard available >= 40 else { throw .badInnerType }
            byteCount = Int(base.uint16BE(at: 4)) + 40
            guard byteCount <= available else { throw .badInnerLength }
        default:
            throw .badInnerType
        }
        self.base = base
    }

    /// True when the version in the first byte is 4.
    @inlinable public var isV4: Bool { base.uint8(at: 0) >> 4 == 4 }

    /// The source and destination addresses.
    @inlinable public var source: IPAddress { address(at: isV4 ? 12 : 8) }
    @inlinable public var destination: IPAddress { address(at: isV4 ? 16 : 24) }

    @inlinable func address(at offset: Int) -> IPAddress {
        let bytes = UnsafeRawPointer(base)
        return isV4
            ? .v4(IPv4Address(bits: bytes.uint32BE(at: offset)))
            : .v6(IPv6Address(high: bytes.uint64BE(at: offset), low: bytes.uint64BE(at: offset + 8)))
    }

    /// The transport protocol; for IPv6 the first next-header value.
    @inlinable public var nextProtocol: UInt8 { base.uint8(at: isV4 ? 9 : 6) }

    /// The bytes before the payload. IPv4: the IHL field, or nil when it is less than 5 words or longer than the packet. IPv6: 40.
    @inlinable public var headerByteCount: Int? {
        guard isV4 else { return 40 }
        let count = Int(base.uint8(at: 0) & 0x0F) * 4
        return count >= 20 && count <= byteCount ? count : nil
    }

    /// False for every fragment except the first.
    @inlinable public var isFirstFragment: Bool { !isV4 || base.uint16BE(at: 6) & 0x1FFF == 0 }

    /// IPv4's "don't fragment" flag; always true for IPv6, because routers never fragment IPv6.
    @inlinable public var dontFragment: Bool { !isV4 || base.uint16BE(at: 6) & 0x4000 != 0 }

    /// The TTL of IPv4 or the hop limit of IPv6.
    @inlinable public var hopLimit: UInt8 { base.uint8(at: isV4 ? 8 : 7) }

    /// Lowers the TTL or hop limit by one and updates the IPv4 checksum. The caller must check that it is above one.
    @inlinable public func decrementHopLimit() {
        guard isV4 else {
            base.store8(hopLimit &- 1, at: 7)
            return
        }
        let old = base.uint16BE(at: 8)
        base.storeBE(old &- 0x0100, at: 8)
        base.storeBE(Checksum.updated(base.uint16BE(at: 10), from: old, to: old &- 0x0100), at: 10)
    }

    /// The two ECN bits (RFC 3168).
    @inlinable public var ecn: ECN {
        ECN(rawValue: (isV4 ? base.uint8(at: 1) : base.uint8(at: 1) >> 4) & 3)!
    }

    /// Writes the two ECN bits and updates the IPv4 checksum.
    @inlinable public func set(ecn: ECN) {
        guard isV4 else {
            base.store8(base.uint8(at: 1) & 0xCF | ecn.rawValue << 4, at: 1)
            return
        }
        let old = base.uint16BE(at: 0)
        let new = old & 0xFFFC | UInt16(ecn.rawValue)
        base.storeBE(new, at: 0)
        base.storeBE(Checksum.updated(base.uint16BE(at: 10), from: old, to: new), at: 10)
    }
}

/// Explicit congestion notification (RFC 3168 section 5) and how tunnels copy it (RFC 6040).
public enum ECN: UInt8, Sendable {
    case notECT = 0
    case ect1 = 1
    case ect0 = 2
    case congestionExperienced = 3

    /// The inner packet's field after a datagram with the field `outer` is decapsulated (RFC 6040 section 4.2). A not-ECT packet keeps its
    /// field even when `outer` is CE; like the kernel, we do not drop it (WG-D-9).
    @inlinable public func afterDecapsulation(outer: ECN) -> ECN {
        switch (self, outer) {
        case (.ect0, .congestionExperienced), (.ect1, .congestionExperienced): .congestionExperienced
        case (.ect0, .ect1): .ect1
        default: self
        }
    }

    /// The outer field for a packet with this inner field. CE becomes ECT(0) (WG-D-9).
    @inlinable public var encapsulated: ECN { self == .congestionExperienced ? .ect0 : self }
}
