// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// An IP packet in memory that the caller owns: what a tunnel needs to read and may change in it.
/// Only the fixed header is looked at; checksums are not verified, the tag of the tunnel vouches for them (WG-X-4).
public struct IPPacket {
    public let base: UnsafeMutableRawPointer
    /// Length by the packet's own header, without padding.
    public let byteCount: Int

    /// Checks version and lengths against the `available` bytes at `base` (WG-X-2, WG-X-3).
    /// Throws `.badInnerType` or `.badInnerLength`.
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

    /// By the version in the first byte.
    @inlinable public var isV4: Bool { base.uint8(at: 0) >> 4 == 4 }

    /// Where the packet is from and where it goes.
    @inlinable public var source: IPAddress { address(at: isV4 ? 12 : 8) }
    @inlinable public var destination: IPAddress { address(at: isV4 ? 16 : 24) }

    @inlinable func address(at offset: Int) -> IPAddress {
        let bytes = UnsafeRawPointer(base)
        return isV4
            ? .v4(IPv4Address(bits: bytes.uint32BE(at: offset)))
            : .v6(IPv6Address(high: bytes.uint64BE(at: offset), low: bytes.uint64BE(at: offset + 8)))
    }

    /// Transport protocol, or for IPv6 the first next-header value.
    @inlinable public var nextProtocol: UInt8 { base.uint8(at: isV4 ? 9 : 6) }

    /// Bytes before the payload: IHL for IPv4 (nil when it is less than 5 words or beyond the packet), 40 for IPv6.
    @inlinable public var headerByteCount: Int? {
        guard isV4 else { return 40 }
        let count = Int(base.uint8(at: 0) & 0x0F) * 4
        return count >= 20 && count <= byteCount ? count : nil
    }

    /// False for every fragment but the first.
    @inlinable public var isFirstFragment: Bool { !isV4 || base.uint16BE(at: 6) & 0x1FFF == 0 }

    /// IPv4's "don't fragment"; always true for IPv6, which routers never fragment.
    @inlinable public var dontFragment: Bool { !isV4 || base.uint16BE(at: 6) & 0x4000 != 0 }

    /// TTL of IPv4, hop limit of IPv6.
    @inlinable public var hopLimit: UInt8 { base.uint8(at: isV4 ? 8 : 7) }

    /// Lowers TTL or hop limit by one and mends the IPv4 checksum. The caller has seen that it is above one.
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

    /// Writes the two ECN bits and mends the IPv4 checksum.
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

/// Explicit congestion notification (RFC 3168 section 5) and its way through tunnels (RFC 6040).
public enum ECN: UInt8, Sendable {
    case notECT = 0
    case ect1 = 1
    case ect0 = 2
    case congestionExperienced = 3

    /// The inner field after a datagram with `outer` was taken out of the tunnel (RFC 6040 section 4.2).
    /// A not-ECT packet stays what it is even under CE: the kernel does not drop it either (WG-D-9).
    @inlinable public func afterDecapsulation(outer: ECN) -> ECN {
        switch (self, outer) {
        case (.ect0, .congestionExperienced), (.ect1, .congestionExperienced): .congestionExperienced
        case (.ect0, .ect1): .ect1
        default: self
        }
    }

    /// The outer field for a packet with this inner field: CE leaves as ECT(0) (WG-D-9).
    @inlinable public var encapsulated: ECN { self == .congestionExperienced ? .ect0 : self }
}
