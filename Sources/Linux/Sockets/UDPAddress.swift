// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// A socket address in the kernel's own form, so that the packet path only copies 28 bytes. ip(7), ipv6(7)
public struct UDPAddress: BitwiseCopyable, Sendable, Equatable {
    /// A sockaddr_in or sockaddr_in6, padded with zeros. Stored as words, so that atomics can hold it.
    public let words: (UInt64, UInt64, UInt64, UInt32)

    /// No address.
    public init() { words = (0, 0, 0, 0) }

    /// Recreates an address from another one's `words`.
    public init(words: (UInt64, UInt64, UInt64, UInt32)) { self.words = words }

    public init(_ endpoint: Endpoint) {
        var words: (UInt64, UInt64, UInt64, UInt32) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { bytes in
            SocketAddress.with(endpoint) { address, length in
                bytes.copyMemory(from: UnsafeRawBufferPointer(start: address.__sockaddr__, count: Int(length)))
            }
        }
        self.words = words
    }

    /// The endpoint given to `init`; nil for no address.
    public var endpoint: Endpoint? {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { target in withUnsafeBytes(of: words) { target.copyMemory(from: $0) } }
        return SocketAddress.endpoint(of: storage)
    }

    /// Whether there is no address at all, and whether it is IPv4.
    public var isUnset: Bool { family == 0 }
    public var isV4: Bool { family == UInt16(AF_INET) }

    /// Whether it differs from another address by its port at most.
    public func isSameHost(as other: UDPAddress) -> Bool {
        // The port follows the family, in network order.
        (words.0 ^ other.words.0) & ~UInt64(0xFFFF_0000) == 0 && words.1 == other.words.1 && words.2 == other.words.2 && words.3 == other.words.3
    }

    var family: UInt16 { UInt16(truncatingIfNeeded: words.0) }
    var byteCount: UInt32 { isV4 ? UInt32(MemoryLayout<sockaddr_in>.size) : UInt32(MemoryLayout<sockaddr_in6>.size) }

    public static func == (a: Self, b: Self) -> Bool {
        a.words.0 == b.words.0 && a.words.1 == b.words.1 && a.words.2 == b.words.2 && a.words.3 == b.words.3
    }
}

/// The local address to which a datagram was sent, and from which the answer must come (WG-E-5). All zeros let the kernel choose.
public struct UDPLocalAddress: BitwiseCopyable, Sendable, Hashable {
    /// Network order, as in the control message; IPv4 uses the low half of `first`.
    public internal(set) var first: UInt64
    public internal(set) var second: UInt64
    /// The index of the interface on which the datagram came; 0 when unknown. Without an address, the interface whose addresses are not to be
    /// used: answers leave on another one (WG-E-6).
    public internal(set) var interface: UInt32

    public init(first: UInt64 = 0, second: UInt64 = 0, interface: UInt32 = 0) {
        self.first = first
        self.second = second
        self.interface = interface
    }

    /// Lets the kernel choose the address, also for answers to what comes in on this interface.
    public init(avoiding interface: UInt32) { self.init(interface: interface) }

    /// Whether the kernel chooses the address.
    public var isUnset: Bool { first == 0 && second == 0 }

    /// Whether a datagram that came to `new` is answered from where the kernel chooses, all the same.
    public func avoids(_ new: UDPLocalAddress) -> Bool { isUnset && interface != 0 && interface == new.interface }

    /// The address, which is IPv4 for a peer at an IPv4 address; nil if the kernel chooses it.
    public func address(isV4: Bool) -> IPAddress? {
        guard !isUnset else { return nil }
        return isV4
            ? .v4(IPv4Address(bits: UInt32(truncatingIfNeeded: first).byteSwapped))
            : .v6(IPv6Address(high: first.byteSwapped, low: second.byteSwapped))
    }
}
