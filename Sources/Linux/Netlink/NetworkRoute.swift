// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// The route by which this machine would send to an address.
public struct NetworkRoute: Hashable, Sendable {
    public var interfaceIndex: UInt32
    public var interfaceName: String
    /// The source address the kernel would choose.
    public var preferredSource: IPAddress?
    /// The next router; nil if the address is on the link or belongs to this machine.
    public var gateway: IPAddress?
}

/// Queries of the kernel's routes over one socket. Use it from one thread at a time. rtnetlink(7), RTM_GETROUTE
public struct RouteQueries: ~Copyable {
    private var socket: NetlinkSocket

    public init() throws(Errno) { socket = try NetlinkSocket(family: NETLINK_ROUTE) }

    /// The route to `destination` for packets from `source`, or from no address in particular. Nil if there is no route or only a prohibiting
    /// one, or if `source` is an IPv4 address that this machine does not have.
    public mutating func lookup(to destination: IPAddress, from source: IPAddress? = nil) throws(Errno) -> NetworkRoute? {
        try ask(destination, source).flatMap { NetworkRoute($0, nameOf: nameOfInterface) }
    }

    /// Whether this machine takes packets to `address` as its own.
    public mutating func isLocal(_ address: IPAddress) -> Bool {
        guard let answer = try? ask(address, nil), let (header, _) = answer.read(rtmsg.self) else { return false }
        return header.rtm_type == UInt8(RTN_LOCAL)
    }

    /// Nil if there is no route.
    private mutating func ask(_ destination: IPAddress, _ source: IPAddress?) throws(Errno) -> NetlinkMessage? {
        var header = rtmsg()
        header.rtm_family = destination.family
        header.rtm_dst_len = UInt8(destination.bitWidth)
        var attributes = [(number: Int(RTA_DST.rawValue), value: destination.networkOrder)]
        if let source {
            header.rtm_src_len = UInt8(source.bitWidth)
            attributes.append((number: Int(RTA_SRC.rawValue), value: source.networkOrder))
        }
        do {
            return try socket.ask(type: RTM_GETROUTE, header: header, attributes: attributes).first
        } catch {
            switch error.code {
            case ENETUNREACH, EHOSTUNREACH, EACCES: return nil
            default: throw error
            }
        }
    }
}

extension NetworkRoute {
    /// Parses RTM_NEWROUTE. Nil for any other message and for a route without an interface.
    init?(_ message: NetlinkMessage, nameOf: (UInt32) -> String) {
        guard message.type == RTM_NEWROUTE, let (_, attributes) = message.read(rtmsg.self),
            let interfaceIndex = attributes.uint32(Int(RTA_OIF.rawValue))
        else { return nil }
        self.interfaceIndex = interfaceIndex
        self.interfaceName = nameOf(interfaceIndex)
        self.preferredSource = attributes.address(Int(RTA_PREFSRC.rawValue))
        self.gateway = attributes.address(Int(RTA_GATEWAY.rawValue))
    }
}
