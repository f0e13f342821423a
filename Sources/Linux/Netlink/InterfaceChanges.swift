// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// Changes an interface of this machine's network namespace: its state, size and addresses. Needs CAP_NET_ADMIN; without it, each call throws
/// `.notPermitted`. Use it from one thread at a time. rtnetlink(7)
public struct InterfaceChanges: ~Copyable {
    private let index: UInt32
    private var socket: NetlinkSocket

    /// For the interface of this number.
    public init(interface index: UInt32) throws(Errno) {
        self.index = index
        socket = try NetlinkSocket(family: NETLINK_ROUTE)
    }

    /// Keeps the kernel from making an IPv6 link-local address when the interface comes up: a tunnel has no link. Fails where there is no
    /// IPv6. RTM_SETLINK, IFLA_INET6_ADDR_GEN_MODE
    public mutating func makeNoLinkAddresses() throws(Errno) {
        let mode = attribute(Int(IFLA_INET6_ADDR_GEN_MODE), [UInt8(IN6_ADDR_GEN_MODE_NONE.rawValue)])
        try change(RTM_SETLINK, link(), [(number: Int(IFLA_AF_SPEC), value: attribute(Int(AF_INET6), mode))])
    }

    /// Sets the largest packet and brings the interface up. RTM_NEWLINK
    public mutating func bringUp(mtu: Int) throws(Errno) {
        var header = link()
        header.ifi_flags = UInt32(IFF_UP)
        header.ifi_change = UInt32(IFF_UP)
        try change(RTM_NEWLINK, header, [(number: Int(IFLA_MTU), value: bytes(of: UInt32(mtu)))])
    }

    /// Adds an address, and with it the route to its network. An address that is there stays. RTM_NEWADDR
    public mutating func add(_ address: IPAddress, prefixLength: Int) throws(Errno) {
        // Nobody else can have the address, so duplicates are not looked for.
        let flags = address.isV4 ? [] : [(number: IFA_FLAGS, value: bytes(of: UInt32(IFA_F_NODAD)))]
        try change(RTM_NEWADDR, header(of: address, prefixLength), attributes(of: address) + flags, flags: NLM_F_CREATE | NLM_F_REPLACE)
    }

    /// Removes an address. Throws `.addressNotAvailable` if the interface does not have it. RTM_DELADDR
    public mutating func remove(_ address: IPAddress, prefixLength: Int) throws(Errno) {
        try change(RTM_DELADDR, header(of: address, prefixLength), attributes(of: address))
    }

    private func link() -> ifinfomsg {
        var header = ifinfomsg()
        header.ifi_index = Int32(bitPattern: index)
        return header
    }

    private func header(of address: IPAddress, _ prefixLength: Int) -> ifaddrmsg {
        var header = ifaddrmsg()
        header.ifa_family = address.family
        header.ifa_prefixlen = UInt8(prefixLength)
        header.ifa_index = index
        return header
    }

    private func attributes(of address: IPAddress) -> [(number: Int, value: [UInt8])] {
        [(number: IFA_LOCAL, value: address.networkOrder), (number: IFA_ADDRESS, value: address.networkOrder)]
    }

    private mutating func change<Header: BitwiseCopyable>(
        _ type: Int, _ header: Header, _ attributes: [(number: Int, value: [UInt8])], flags: Int32 = 0
    ) throws(Errno) {
        _ = try socket.ask(type: type, flags: NLM_F_ACK | flags, header: header, attributes: attributes)
    }

    /// An attribute inside another one.
    private func attribute(_ number: Int, _ value: [UInt8]) -> [UInt8] {
        let header = bytes(of: UInt16(4 + value.count)) + bytes(of: UInt16(number))
        return header + value + [UInt8](repeating: 0, count: padded(value.count) - value.count)
    }

    private func bytes<Value: FixedWidthInteger>(of value: Value) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
}
