// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Words

/// The devices that a hub gets for the peers of a server, beside the devices that it has. The hub keeps its key and its networks.
public struct ServerFileAddition: Sendable {
    /// In the order of the file.
    public private(set) var entries: [ServerFileImport.Entry] = []
    /// What differs from the file, and what is left out, one sentence each.
    public private(set) var notes: [Phrase] = []
    /// Lines that a hub does not use.
    public let ignored: [Phrase]
    /// True if the server has the key of the hub, so that the peers' files stay right.
    public let hasKeyOfHub: Bool

    private let hub: Hub
    private let networks: [ServerFileNetwork]
    private let devices: DeviceIndex

    /// Reads a server's file, with or without its private key. Throws at the first invalid line.
    public init(parsing text: String, to hub: Hub, _ devices: DeviceIndex) throws(ServerFile.ParseError) {
        var file: ServerFile
        if let whole = try? ServerFile(parsing: text) {
            (file, hasKeyOfHub) = (whole, whole.privateKey.publicKey == hub.publicKey)
        } else {
            (file, hasKeyOfHub) = (try ServerFile(parsing: text, privateKey: .generate()), false)
        }
        self.hub = hub
        self.devices = devices
        networks = ServerFileNetwork.all(of: hub)
        ignored = file.ignored
        file.peers = usable(file.peers)
        let owners = freeRanges(of: file)
        var names = Set(devices.devices.map { FoldedName.of($0.name) })
        for (index, peer) in file.peers.enumerated() {
            let name = ServerFileImport.unused(peer.name ?? "device-\(index + 1)", &names)
            if let given = peer.name, given != name { notes.append("line \(peer.line): “\(given)” is taken, so this device is “\(name)”.") }
            let ranges = ServerFileImport.ranges(of: peer, networks).filter { owners[$0] == index }
            entries.append(
                ServerFileImport.Entry(
                    device: device(peer, name, ranges, file), line: peer.line, endpoint: hasKeyOfHub ? peer.endpoint : nil))
        }
    }

    /// The peers that can become devices.
    private mutating func usable(_ peers: [ServerFile.ServerPeer]) -> [ServerFile.ServerPeer] {
        peers.filter { peer in
            let name = peer.name ?? peer.publicKey.base64
            if let device = devices[peer.publicKey] {
                notes.append("line \(peer.line): “\(name)” is left out, because \(device.name) has its key.")
            } else if peer.publicKey == hub.publicKey {
                notes.append("line \(peer.line): “\(name)” is left out, because it has the key of this hub.")
            } else if peer.publicKey.isOfLowOrder {
                notes.append("line \(peer.line): “\(name)” is left out, because no device can have its public key.")
            } else {
                return true
            }
            return false
        }
    }

    /// The peer that gets each range, without those that devices of the hub have.
    private mutating func freeRanges(of file: ServerFile) -> [IPPrefix: Int] {
        var owners = ServerFileImport.owners(of: file, networks, &notes)
        for device in devices.devices {
            for range in device.ownedPrefixes {
                guard let index = owners.removeValue(forKey: range) else { continue }
                notes.append("line \(file.peers[index].line): \(range) is left out, because \(device.name) has it.")
            }
        }
        return owners
    }

    /// The first address inside each network of the hub becomes the device's own, otherwise it gets the lowest free one. The peer's address in a
    /// network of the server is left out; all other ranges become routes.
    private mutating func device(_ peer: ServerFile.ServerPeer, _ name: String, _ ranges: [IPPrefix], _ file: ServerFile) -> NewDevice {
        var routes = ranges
        var addresses: [NewDevice.Address] = []
        for family in AddressFamily.allCases {
            let hosts = ranges.filter { $0.isHost && $0.address.isV4 == (family == .v4) }
            let network = networks.first { $0.network.address.isV4 == (family == .v4) }
            if let network, let own = hosts.first(where: { AddressPool(network.network, hub: network.hub).problem(with: $0.address) == nil }) {
                addresses.append(.own(own.address))
                routes.removeAll { $0 == own }
            } else {
                addresses.append(network == nil ? .none : .lowestFree)
                guard let old = hosts.first(where: { wasOwn($0.address, in: file) }) else { continue }
                routes.removeAll { $0 == old }
                notes.append("line \(peer.line): “\(name)” no longer has the address \(old.address), which is not in a network of this hub.")
            }
        }
        for route in routes where networks.contains(where: { route.contains($0.network) }) {
            notes.append("line \(peer.line): “\(name)” keeps the route \(route), which covers the addresses of other devices. They keep theirs.")
        }
        var overrides = Overrides()
        if let keepalive = peer.persistentKeepalive { overrides.persistentKeepalive = .own(keepalive) }
        var device = NewDevice(
            name: name, enabled: peer.isEnabled, publicKey: peer.publicKey, presharedKey: peer.presharedKey, ipv4: addresses[0], ipv6: addresses[1],
            routes: routes, overrides: overrides)
        device.allowsOverlap = true
        return device
    }

    /// True if an address outside the hub's networks was the peer's own, as far as the file tells: it is in a network of the server, or the file
    /// names none.
    private func wasOwn(_ address: IPAddress, in file: ServerFile) -> Bool {
        guard !networks.contains(where: { $0.network.contains(address) }) else { return false }
        let own = file.addresses.map(\.network).filter { $0.address.isV4 == address.isV4 && !$0.isHost }
        return own.isEmpty || own.contains { $0.contains(address) }
    }
}
