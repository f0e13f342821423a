// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// A change of this machine's network.
public enum NetlinkEvent: Hashable, Sendable {
    /// A new address, or one whose flags changed.
    case addressAdded(InterfaceAddress)
    case addressRemoved(InterfaceAddress)
    /// An interface was added, changed or removed; `isRunning` says whether it can now carry packets.
    case linkChanged(interfaceIndex: UInt32, interfaceName: String, isRunning: Bool)
    /// Some routes changed. Look up the relevant ones again.
    case routesChanged
    /// Messages were lost. Read everything again (`InterfaceAddress.all`, `RouteQueries`).
    case overrun
}

/// Reports changes of links, addresses and routes while the process runs. Use it from one thread at a time. rtnetlink(7)
public struct NetlinkMonitor: ~Copyable {
    /// For the poller: its descriptor is readable while there is something to drain.
    public private(set) var socket: NetlinkSocket

    /// Reports every change from now on. Create the monitor first, then read the current state, so that no change is missed.
    public init() throws(Errno) {
        socket = try NetlinkSocket(
            family: NETLINK_ROUTE,
            groups: UInt32(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE))
    }

    /// The changes since the last call, in order. Consecutive route changes count as one.
    public mutating func drain() throws(Errno) -> [NetlinkEvent] {
        var events: [NetlinkEvent] = []
        while true {
            do {
                for event in try socket.receive().compactMap({ NetlinkEvent($0, nameOf: nameOfInterface) })
                where event != .routesChanged || events.last != .routesChanged {
                    events.append(event)
                }
            } catch {
                switch error {
                case .wouldBlock: return events
                case .noBufferSpace: events.append(.overrun)
                default: throw error
                }
            }
        }
    }
}

extension NetlinkEvent {
    /// Whether the addresses of this machine may have changed.
    public var concernsAddresses: Bool {
        switch self {
        case .addressAdded, .addressRemoved, .overrun: true
        case .linkChanged, .routesChanged: false
        }
    }

    /// Nil for messages of other kinds.
    init?(_ message: NetlinkMessage, nameOf: (UInt32) -> String) {
        switch Int(message.type) {
        case RTM_NEWADDR:
            guard let address = InterfaceAddress(message, nameOf: nameOf) else { return nil }
            self = .addressAdded(address)
        case RTM_DELADDR:
            guard let address = InterfaceAddress(message, nameOf: nameOf) else { return nil }
            self = .addressRemoved(address)
        case RTM_NEWLINK, RTM_DELLINK:
            guard let (header, attributes) = message.read(ifinfomsg.self) else { return nil }
            self = .linkChanged(
                interfaceIndex: UInt32(bitPattern: header.ifi_index),
                interfaceName: attributes.text(Int(IFLA_IFNAME)) ?? "",
                isRunning: message.type == RTM_NEWLINK && header.ifi_flags & UInt32(IFF_RUNNING) != 0)
        case RTM_NEWROUTE, RTM_DELROUTE:
            self = .routesChanged
        default:
            return nil
        }
    }
}
