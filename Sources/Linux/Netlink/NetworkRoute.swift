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

extension NetworkRoute {
    /// Asks the kernel. Nil if there is no route or only a prohibiting one. rtnetlink(7), RTM_GETROUTE
    public static func lookup(to destination: IPAddress) throws(Errno) -> NetworkRoute? {
        var socket = try NetlinkSocket(family: NETLINK_ROUTE)
        var header = rtmsg()
        header.rtm_family = destination.family
        header.rtm_dst_len = UInt8(destination.bitWidth)
        let answer: [NetlinkMessage]
        do {
            answer = try socket.ask(
                type: RTM_GETROUTE, header: header,
                attribute: (number: Int(RTA_DST.rawValue), value: destination.networkOrder))
        } catch {
            switch error.code {
            case ENETUNREACH, EHOSTUNREACH, EACCES: return nil
            default: throw error
            }
        }
        return answer.first.flatMap { NetworkRoute($0, nameOf: nameOfInterface) }
    }

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
