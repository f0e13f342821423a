// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// The networks that a user chose for an import.
public struct ImportNetworks: Sendable {
    /// Nil means the one of the file.
    public var ipv4: IPPrefix?
    public var ipv6: IPPrefix?
    /// True if the hub must not have an IPv6 network.
    public var isWithoutIPv6: Bool

    public init(ipv4: IPPrefix? = nil, ipv6: IPPrefix? = nil, isWithoutIPv6: Bool = false) {
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.isWithoutIPv6 = isWithoutIPv6
    }
}

/// The hub and the devices that replace a server and its peers, and what could not be taken over. Follows the rules of wg(8): the last
/// peer with a range has it, and the longest range wins.
public struct ServerFileImport: Sendable {
    /// One peer as a device.
    public struct Entry: Sendable {
        public var device: NewDevice
        /// The line of its `[Peer]`.
        public var line: Int
        /// Where the peer was last; nil if the file does not say.
        public var endpoint: Endpoint?
    }

    /// The server's key and addresses.
    public var hub: NewHub
    /// In the order of the file.
    public var entries: [Entry]
    /// What differs from the file, one sentence each.
    public var notes: [Phrase]

    /// Converts the file. The endpoint of devices is the first of the host's `addresses`, with the port of the file. Throws if the networks
    /// cannot be found out, and for a peer that no hub can have.
    public init(_ file: ServerFile, networks asked: ImportNetworks = ImportNetworks(), addresses: [IPAddress]) throws(ServerFile.ParseError) {
        var notes: [Phrase] = []
        let v4 = ServerFileNetwork(.v4, of: file, asked: asked.ipv4, notes: &notes)
        let v6 = asked.isWithoutIPv6 ? nil : ServerFileNetwork(.v6, of: file, asked: asked.ipv6, notes: &notes)
        let networks = [v4, v6].compactMap { $0 }
        guard !networks.isEmpty else {
            throw ServerFile.ParseError(
                problem: "neither the server nor a peer has an address. Give the network of the devices with --network, such as 10.3.2.0/24.")
        }
        hub = NewHub(
            privateKey: file.privateKey, ipv4Network: v4?.network, ipv6Network: v6?.network, addresses: addresses, besides: [])
        (hub.ipv4Network, hub.ipv6Network, hub.ipv4, hub.ipv6) = (v4?.network, v6?.network, v4?.hub, v6?.hub)
        hub.defaults.allowedIPs = networks.map(\.network)
        hub.defaults.endpoint = addresses.first.map { HostPort(host: $0.description, port: file.listenPort) }

        var names = Set<String>()
        let owners = Self.owners(of: file, networks, &notes)
        entries = []
        for (index, peer) in file.peers.enumerated() {
            let name = Self.unused(peer.name ?? "device-\(index + 1)", &names)
            if let given = peer.name, given != name { notes.append("line \(peer.line): “\(given)” is taken, so this device is “\(name)”.") }
            try Self.check(peer, name, file)
            let ranges = Self.ranges(of: peer, networks).filter { owners[$0] == index }
            entries.append(Entry(device: Self.device(peer, name, ranges, networks, &notes), line: peer.line, endpoint: peer.endpoint))
        }
        self.notes = notes
    }

    /// Refuses keys with which no handshake succeeds.
    private static func check(_ peer: ServerFile.ServerPeer, _ name: String, _ file: ServerFile) throws(ServerFile.ParseError) {
        if peer.publicKey == file.privateKey.publicKey {
            throw ServerFile.ParseError(line: peer.line, peer: name, problem: "it has the server's own key. Remove this peer.")
        }
        if peer.publicKey.isOfLowOrder {
            throw ServerFile.ParseError(
                line: peer.line, peer: name, problem: "its public key is one that no device can have. Remove this peer or correct the key.")
        }
    }

    /// The ranges of a peer without duplicates. Inside the hub's networks, `10.3.2.2/24` means the host; elsewhere it means the network.
    static func ranges(of peer: ServerFile.ServerPeer, _ networks: [ServerFileNetwork]) -> [IPPrefix] {
        var seen = Set<IPPrefix>()
        return peer.allowedIPs.map { entry in
            entry.isHost && networks.contains { $0.network.contains(entry.address) } ? IPPrefix(host: entry.address) : entry.network
        }.filter { seen.insert($0).inserted }
    }

    /// The peer that has each range: the last one. Ranges that no device can have are missing.
    static func owners(of file: ServerFile, _ networks: [ServerFileNetwork], _ notes: inout [Phrase]) -> [IPPrefix: Int] {
        var owners: [IPPrefix: Int] = [:]
        for (index, peer) in file.peers.enumerated() {
            for range in ranges(of: peer, networks) {
                if networks.contains(where: { IPPrefix(host: $0.hub) == range }) {
                    notes.append("line \(peer.line): \(range) is left out, because it is the hub's own address.")
                } else if let special = range.unroutableRange {
                    notes.append("line \(peer.line): \(range) is left out, because \(special) is for multicast, loopback or other special uses.")
                } else {
                    if let earlier = owners[range] {
                        notes.append("line \(file.peers[earlier].line): \(range) is left out, because the peer in line \(peer.line) has it too.")
                    }
                    owners[range] = index
                }
            }
        }
        return owners
    }

    /// The first host of each family inside the hub's network becomes the device's own address; all other ranges become its routes.
    private static func device(
        _ peer: ServerFile.ServerPeer, _ name: String, _ ranges: [IPPrefix], _ networks: [ServerFileNetwork], _ notes: inout [Phrase]
    ) -> NewDevice {
        let own = { (isV4: Bool) in
            ranges.first { range in
                range.isHost && range.address.isV4 == isV4
                    && networks.contains { AddressPool($0.network, hub: $0.hub).problem(with: range.address) == nil }
            }
        }
        let (ipv4, ipv6) = (own(true), own(false))
        let routes = ranges.filter { $0 != ipv4 && $0 != ipv6 }
        if ipv4 == nil, ipv6 == nil { notes.append("line \(peer.line): “\(name)” gets no address, because it has none in the hub's networks.") }
        for route in routes where networks.contains(where: { route.contains($0.network) }) {
            notes.append("line \(peer.line): “\(name)” keeps the route \(route), which covers the addresses of other devices. They keep theirs.")
        }
        var overrides = Overrides()
        if let keepalive = peer.persistentKeepalive { overrides.persistentKeepalive = .own(keepalive) }
        var device = NewDevice(
            name: name, enabled: peer.isEnabled, publicKey: peer.publicKey, presharedKey: peer.presharedKey,
            ipv4: ipv4.map { .own($0.address) } ?? .none, ipv6: ipv6.map { .own($0.address) } ?? .none, routes: routes, overrides: overrides)
        device.allowsOverlap = true
        return device
    }

    /// The name, followed by a number if it is already in use.
    static func unused(_ name: String, _ used: inout Set<String>) -> String {
        var candidate = name
        var number = 2
        while !used.insert(FoldedName.of(candidate)).inserted {
            candidate = "\(name)-\(number)"
            number += 1
        }
        return candidate
    }
}
