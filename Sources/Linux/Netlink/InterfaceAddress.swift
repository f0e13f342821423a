// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// An address of one of this machine's interfaces.
public struct InterfaceAddress: Hashable, Sendable {
    /// How far the address is valid.
    public enum Scope: Sendable {
        case global, site, link, host
    }

    /// The address, the length of its network's prefix, and the interface that has it.
    public var address: IPAddress
    public var prefixLength: Int
    public var interfaceIndex: UInt32
    /// Empty if the interface was removed in the meantime.
    public var interfaceName: String
    public var scope: Scope
    /// Its preferred lifetime has ended: valid for existing connections, not for new ones (RFC 4862 5.5.4).
    public var isDeprecated: Bool
    /// An IPv6 privacy address that will be replaced (RFC 8981).
    public var isTemporary: Bool
    /// Duplicate address detection is running, or found a duplicate, so sockets cannot bind to the address.
    public var isTentative: Bool
}

extension InterfaceAddress {
    /// All addresses of this machine's network namespace, in the kernel's order. rtnetlink(7), RTM_GETADDR
    public static func all() throws(Errno) -> [InterfaceAddress] {
        var socket = try NetlinkSocket(family: NETLINK_ROUTE)
        return try socket.ask(type: RTM_GETADDR, flags: NLM_F_DUMP, header: ifaddrmsg())
            .compactMap { InterfaceAddress($0, nameOf: nameOfInterface) }
    }

    /// Parses RTM_NEWADDR and RTM_DELADDR. Nil for any other or truncated message.
    init?(_ message: NetlinkMessage, nameOf: (UInt32) -> String) {
        guard [RTM_NEWADDR, RTM_DELADDR].contains(Int(message.type)), let (header, attributes) = message.read(ifaddrmsg.self),
            // On a point-to-point link IFA_ADDRESS is the other end and IFA_LOCAL ours.
            let address = attributes.address(IFA_LOCAL) ?? attributes.address(IFA_ADDRESS),
            header.ifa_family == address.family, Int(header.ifa_prefixlen) <= address.bitWidth
        else { return nil }
        // IFA_FLAGS has all flags, the header only the first eight.
        let flags = attributes.uint32(IFA_FLAGS) ?? UInt32(header.ifa_flags)
        func has(_ flag: Int32) -> Bool { flags & UInt32(flag) != 0 }
        self.address = address
        self.prefixLength = Int(header.ifa_prefixlen)
        self.interfaceIndex = header.ifa_index
        self.interfaceName = nameOf(header.ifa_index)
        self.scope = Scope(header.ifa_scope)
        self.isDeprecated = has(IFA_F_DEPRECATED)
        // The same bit means "secondary" for IPv4.
        self.isTemporary = has(IFA_F_TEMPORARY) && !address.isV4
        self.isTentative = has(IFA_F_TENTATIVE) || has(IFA_F_DADFAILED)
    }
}

extension InterfaceAddress.Scope {
    /// Converts RT_SCOPE_…, where a larger value means a nearer scope.
    fileprivate init(_ value: UInt8) {
        switch value {
        case ..<200: self = .global
        case ..<253: self = .site
        case 253: self = .link
        default: self = .host
        }
    }
}

/// The name of an interface, empty if there is none with this index. if_indextoname(3)
func nameOfInterface(_ index: UInt32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
        // SAFETY: the function writes at most IF_NAMESIZE bytes, the last of them zero, and gives back the pointer or nil.
        if_indextoname(index, buffer.baseAddress!).map { String(cString: $0) } ?? ""
    }
}
