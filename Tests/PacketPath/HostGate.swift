// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CAllocations
import Crypto
import Linux
import Loopback
import Net
import Relay

/// The same for packets between a device and the host of the hub, through a TUN interface in a network namespace of its own.
final class HostGate {
    /// The two directions.
    enum Way: String, CaseIterable {
        case toHost = "to the host, merged"
        case fromHost = "from the host, in super-packets"

        /// Retains and releases of a round, which handles a train of 50 packets.
        var allowedRetains: UInt64 { UInt64(6 * HostGate.packets / HostGate.burst) + 100 }
    }

    static let packets = 10_000
    private static let burst = 50

    private let engine: Engine
    private let device: Device
    private let socket: UDPSocket
    private let incoming = UDPReceiveBatch()

    /// Makes the host in the namespace of the calling thread.
    init() throws {
        try ip("link set lo up")
        let tun = try TUNDevice(name: "hp0", queues: 1)
        try ip("link set hp0 up mtu 1420")
        try ip("address add 10.3.2.1/24 dev hp0")
        var configuration = EngineConfiguration(privateKey: .generate(), listen: Endpoint(address: .v4(.loopback), port: 0), workers: 1)
        configuration.sharesCore = false
        configuration.host = tun
        engine = try Engine(configuration)
        device = try Device(IPAddress("10.3.2.2")!, hub: engine.publicKey, at: engine.listen)
        socket = try UDPSocket(bindingTo: Endpoint(address: IPAddress("10.3.2.1")!, port: 7000), merging: false)
        let peer = PeerConfiguration(
            publicKey: device.publicKey, ownedPrefixes: [IPPrefix(host: device.address)], allowedIPs: [IPPrefix("10.3.2.0/24")!])
        _ = engine.apply([.add(peer, PeerMemory())], hubAddresses: [IPAddress("10.3.2.1")!], generation: 1)
        guard try device.connect() else { throw GateError(description: "the hub does not answer") }
    }

    func stop() { engine.stop() }

    func costs(of way: Way) throws -> MemoryCosts {
        try pass(way, bursts: 4)
        beginCountingMemoryCosts("relay-0")
        try pass(way, bursts: Self.packets / Self.burst)
        return endCountingMemoryCosts()
    }

    private func pass(_ way: Way, bursts: Int) throws {
        let packet = datagram(payload: [UInt8](repeating: 1, count: 1000))
        let answers = [[UInt8]](repeating: [UInt8](repeating: 2, count: 1000), count: Self.burst)
        for _ in 0..<bursts {
            switch way {
            case .toHost:
                device.send(packet, count: Self.burst, asOneTrain: true)
                try receiveAtHost()
            case .fromHost:
                socket.sendTrain(answers, to: Endpoint(address: device.address, port: 9))
                guard try device.receive(Self.burst) >= Self.burst else { throw GateError(description: "packets \(way.rawValue) were lost") }
            }
        }
    }

    private func receiveAtHost() throws {
        let deadline = Instant.now() + .seconds(10)
        var received = 0
        while received < Self.burst {
            received += try socket.receive(into: incoming)
            guard Instant.now() < deadline else { throw GateError(description: "packets to the host were lost") }
        }
    }

    /// A UDP packet to port 7000 of the host, with its checksum.
    private func datagram(payload: [UInt8]) -> [UInt8] {
        let byteCount = 8 + payload.count
        let length = [UInt8(byteCount >> 8), UInt8(byteCount & 255)]
        var body = [0, 9, 0x1B, 0x58] + length + [0, 0] + payload
        let covered = [10, 3, 2, 2, 10, 3, 2, 1, 0, 17] + length + body
        let sum = Checksum.finish(covered.withUnsafeBytes { Checksum.sum($0.baseAddress!, byteCount: $0.count) })
        (body[6], body[7]) = (UInt8(sum >> 8), UInt8(sum & 255))
        let header = experimentalPacket(from: 2, to: 1, byteCount: 20 + byteCount, transport: 17)
        return header[..<20] + body
    }
}
