// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// A network interface of this machine, as rtnetlink describes it.
public struct NetworkLink: Hashable, Sendable {
    /// What is special about a TUN interface.
    public struct TUN: Hashable, Sendable {
        /// It stays when no process uses it.
        public var isPersistent: Bool
        public var isMultiQueue: Bool
        /// How many queues processes have open.
        public var queues: Int
    }

    /// The number by which the kernel knows it, whether it is up, and its largest packet in bytes.
    public var index: UInt32
    public var isUp: Bool
    public var mtu: Int
    /// Nil for any other interface.
    public var tun: TUN?

    /// The interface of this name. Throws `.noSuchDevice` if there is none. rtnetlink(7), RTM_GETLINK
    public init(named name: String) throws(Errno) {
        var socket = try NetlinkSocket(family: NETLINK_ROUTE)
        let answer = try socket.ask(
            type: RTM_GETLINK, header: ifinfomsg(), attributes: [(number: Int(IFLA_IFNAME), value: Array(name.utf8) + [0])])
        guard let link = answer.lazy.compactMap({ NetworkLink($0) }).first else { throw .noSuchDevice }
        self = link
    }

    /// Parses RTM_NEWLINK. Nil for any other or truncated message.
    init?(_ message: NetlinkMessage) {
        guard message.type == RTM_NEWLINK, let (header, attributes) = message.read(ifinfomsg.self) else { return nil }
        index = UInt32(bitPattern: header.ifi_index)
        isUp = header.ifi_flags & UInt32(IFF_UP) != 0
        mtu = attributes.uint32(Int(IFLA_MTU)).map { Int($0) } ?? 0
        let info = attributes[Int(IFLA_LINKINFO)].map { NetlinkAttributes($0) }
        tun = info?.text(Int(IFLA_INFO_KIND)) == "tun" ? info?[Int(IFLA_INFO_DATA)].flatMap { TUN(NetlinkAttributes($0)) } : nil
    }
}

extension NetworkLink.TUN {
    /// IFF_TUN of <linux/if_tun.h>, which Swift cannot import beside Glibc.
    private static let typeTUN: UInt8 = 1

    /// Nil for a TAP interface, which carries Ethernet frames.
    fileprivate init?(_ attributes: NetlinkAttributes) {
        func byte(_ number: Int) -> UInt8? { attributes[number]?.first }
        guard byte(Int(IFLA_TUN_TYPE)) == Self.typeTUN else { return nil }
        isPersistent = byte(Int(IFLA_TUN_PERSIST)) == 1
        isMultiQueue = byte(Int(IFLA_TUN_MULTI_QUEUE)) == 1
        queues = Int(attributes.uint32(Int(IFLA_TUN_NUM_QUEUES)) ?? 0)
    }
}
