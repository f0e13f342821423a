// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The network of one address family that a hub has in place of a server, and the hub's own address in it.
struct ServerFileNetwork: Equatable {
    var network: IPPrefix
    var hub: IPAddress

    /// The shortest and the longest prefix of a network that is derived from the addresses of peers. It always has room for more devices.
    private static func derivedLengths(_ family: AddressFamily) -> ClosedRange<Int> { family == .v4 ? 16...24 : 64...120 }
    /// The longest prefix that has room for a device.
    private static func maximumLength(_ family: AddressFamily) -> Int { family == .v4 ? 30 : 126 }

    /// A network that a hub has.
    init(network: IPPrefix, hub: IPAddress) { (self.network, self.hub) = (network, hub) }

    /// The networks of a hub.
    static func all(of hub: Hub) -> [ServerFileNetwork] {
        AddressFamily.allCases.compactMap { family in
            guard let network = hub.network(family), let address = hub.address(family) else { return nil }
            return ServerFileNetwork(network: network, hub: address)
        }
    }

    /// Chooses the network. In this order: the network that was asked for; the network of the file's server that contains most peers; the
    /// smallest one around the server and the peers near it; the smallest one around most peers. Nil if the file has no addresses of this
    /// family. `notes` gets what the user should know.
    init?(_ family: AddressFamily, of file: ServerFile, asked: IPPrefix?, notes: inout [Phrase]) {
        let isOfFamily = { (address: IPAddress) in address.isV4 == (family == .v4) }
        let own = file.addresses.filter { isOfFamily($0.address) }
        let hosts = file.peers.flatMap(\.allowedIPs).filter { $0.isHost && isOfFamily($0.address) }.map(\.address).filter { host in
            !family.keptForOtherUses.contains { $0.contains(host) }
        }
        let networks = own.filter { $0.network.length <= Self.maximumLength(family) }
        let counts = networks.map { candidate in hosts.reduce(0) { $0 + (candidate.network.contains($1) ? 1 : 0) } }
        let network: IPPrefix
        if let asked {
            network = asked
        } else if let most = counts.max(), let place = counts.firstIndex(of: most) {
            network = networks[place].network
        } else {
            guard let centre = own.first?.address ?? Self.centre(of: hosts, family) else { return nil }
            network = Self.around(centre, hosts, family)
            notes.append("The file names no \(family.name) network, so devices get addresses from \(network). Choose another with \(family.option).")
        }
        self.network = network
        let inside = own.map(\.address).filter { network.contains($0) }
        if let address = inside.first(where: { AddressPool(network, hub: $0).hubProblem == nil }) {
            hub = address
        } else {
            let pool = AddressPool(network, hub: nil)
            let free = pool.lowestFree(routed: []) { isBelow in _ = hosts.sorted().allSatisfy(isBelow) }
            // A network without room is refused with the hub.
            hub = free ?? network.address
            if let given = own.first?.address { notes.append("The server's address \(given) cannot be the hub's. The hub gets \(hub).") }
        }
        for other in own where other.address != hub && own.count > 1 {
            notes.append("The server's further address \(other.address) is left out. A hub has one address per family.")
        }
    }

    /// An address in the range that contains most of `hosts`, the first one of several.
    private static func centre(of hosts: [IPAddress], _ family: AddressFamily) -> IPAddress? {
        var counts: [IPAddress: Int] = [:]
        for host in hosts { counts[host.masked(to: derivedLengths(family).lowerBound), default: 0] += 1 }
        let most = counts.values.max()
        return hosts.first { counts[$0.masked(to: derivedLengths(family).lowerBound)] == most }
    }

    /// The smallest network that contains `centre` and all hosts near it.
    private static func around(_ centre: IPAddress, _ hosts: [IPAddress], _ family: AddressFamily) -> IPPrefix {
        let lengths = derivedLengths(family)
        let near = IPPrefix(host: centre, length: lengths.lowerBound)
        var network = IPPrefix(host: centre, length: lengths.upperBound)
        for host in hosts where near.contains(host) {
            while !network.contains(host) { network = IPPrefix(host: centre, length: network.length - 1) }
        }
        return network
    }
}

extension AddressFamily {
    /// The option that sets the network.
    fileprivate var option: String { self == .v4 ? "--network" : "--network6" }
}

extension IPPrefix {
    /// The range of this length that contains `address`. The length must be valid.
    fileprivate init(host address: IPAddress, length: Int) { self = IPPrefix(address, length: length) ?? IPPrefix(host: address) }
}
