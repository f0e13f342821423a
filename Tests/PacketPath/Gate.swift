// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CAllocations
import Crypto
import Linux
import Loopback
import Names
import Net
import Relay
import Synchronization

/// Sends packets through an engine on loopback and counts what its worker allocates and retains. Ends the process with 1 when that grows
/// with the number of packets: a cost per round, shared by many packets, is allowed; a cost per packet is not.
func runGate() {
    guard canCountMemoryCosts() else { return StandardStreams.output("nothing is counted under a sanitizer") }
    do {
        guard try countingWorks() else { fail("nothing is counted: the program's malloc and swift_release are not called") }
        var isPassed = true
        for implementation in implementations {
            if try !passes(implementation) { isPassed = false }
        }
        if try !passesToHost() { isPassed = false }
        guard isPassed else { fail("That is a cost per packet. Find it with perf record -g and remove it.") }
    } catch {
        fail("\(error)")
    }
}

/// Without the optimiser one library is enough: the others differ only in C code, and `make gate` tries them all.
private var implementations: [AEADImplementation] {
    #if DEBUG
        [.fastest]
    #else
        AEADImplementation.allCases.filter(\.isAvailable)
    #endif
}

private func passes(_ implementation: AEADImplementation) throws -> Bool {
    let hub = try Hub(implementation)
    var isPassed = true
    for way in Way.allCases {
        let costs = try hub.costs(of: way)
        StandardStreams.output(
            "\(implementation.rawValue), \(way.rawValue): \(costs.allocations) allocations, \(costs.retains) retains and releases per \(Hub.packets) packets"
        )
        if costs.allocations > Hub.allowedAllocations { isPassed = false }
        // Without the optimiser each use of an object retains it.
        #if !DEBUG
            if costs.retains > way.allowedRetains { isPassed = false }
        #endif
    }
    hub.engine.stop()
    return isPassed
}

/// Needs root to make a network namespace with a TUN interface; passes without.
private func passesToHost() throws -> Bool {
    guard NetworkNamespace.canBeMade else { return true }
    let isPassed = Atomic(true)
    try NetworkNamespace.inNew { _ in
        let host = try HostGate()
        for way in HostGate.Way.allCases {
            let costs = try host.costs(of: way)
            StandardStreams.output(
                "\(way.rawValue): \(costs.allocations) allocations, \(costs.retains) retains and releases per \(HostGate.packets) packets")
            if costs.allocations > 0 { isPassed.store(false, ordering: .relaxed) }
            #if !DEBUG
                if costs.retains > way.allowedRetains { isPassed.store(false, ordering: .relaxed) }
            #endif
        }
        host.stop()
    }
    return isPassed.load(ordering: .relaxed)
}

/// Checks that counting works. A gate that counts nothing always passes.
private func countingWorks() throws -> Bool {
    try Linux.Thread(name: "self-check") {
        beginCountingMemoryCosts("self-check")
        UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 8).deallocate()
    }.join()
    // When it ends, the thread has released its start arguments.
    let costs = endCountingMemoryCosts()
    return costs.allocations > 0 && costs.retains > 0
}

/// The paths through the worker.
enum Way: String, CaseIterable {
    case trains = "relayed in trains"
    case singles = "relayed one by one"
    case refused = "refused for their source"
    case keepalives = "keepalives"
    case probed = "echo replies while a link is tested"
    case fragmented = "fragmented for a smaller MTU"
    case explained = "refused as too large, which the hub explains"
    case opening = "opening a TCP connection under a smaller MTU"
    case ruled = "relayed under rules, in a known flow"
    case ruledOut = "refused by a rule"
    case named = "asking for names"
    case unnamed = "asking for names that are refused"

    /// Retains and releases of a round: the socket that it reads from. A round handles a train of 50 packets, or a single packet if they
    /// arrive one by one.
    var allowedRetains: UInt64 { UInt64(2 * Hub.packets / (self == .singles ? 1 : Hub.burst)) + 100 }
}

struct GateError: Error, CustomStringConvertible {
    let description: String
}

private struct Hub {
    static let packets = 10_000
    static let allowedAllocations: UInt64 = 0
    /// Packets of a train.
    static let burst = 50

    let engine: Engine
    private let sender: Device
    private let receiver: Device
    /// A device that never sends anything.
    private let silent: Device

    init(_ implementation: AEADImplementation) throws {
        var configuration = EngineConfiguration(privateKey: .generate(), listen: Endpoint(address: .v4(.loopback), port: 0), workers: 1)
        configuration.aead = implementation
        // A worker that also does handshakes and timers may allocate for these.
        configuration.sharesCore = false
        engine = try Engine(configuration)
        sender = try Device(IPAddress("10.3.2.2")!, hub: engine.publicKey, at: engine.listen)
        receiver = try Device(IPAddress("10.3.2.3")!, hub: engine.publicKey, at: engine.listen)
        silent = try Device(IPAddress("10.3.2.4")!, hub: engine.publicKey, at: engine.listen)
        let peers = [sender.configuration(reaching: receiver), receiver.configuration(reaching: sender)]
        let memory = PeerMemory(endpoint: silent.endpoint)
        _ = engine.apply(
            peers.map { .add($0, PeerMemory()) } + [.add(silent.configuration(reaching: sender), memory)],
            hubAddresses: [IPAddress("10.3.2.1")!], zone: Self.zone, generation: 1)
        guard try sender.connect(), try receiver.connect() else { throw GateError(description: "the hub does not answer") }
    }

    private static var zone: Zone? {
        let names = [("b", "10.3.2.3"), ("silent", "10.3.2.4")].map { ZoneName(label: $0.0, addresses: [IPAddress($0.1)!]) }
        return DomainName("hairpin.internal").map { Zone(domain: $0, names: names, serial: 1) }
    }

    /// The costs of the worker's thread while it handles packets. A few packets before them warm it up.
    func costs(of way: Way) throws -> MemoryCosts {
        limit(way)
        if way == .probed {
            // Nobody answers there. For a few more seconds, a late answer would be recognised.
            let outcomes = engine.probe([Probe(peer: silent.publicKey, source: sender.address, destination: silent.address)])
            guard outcomes == [.noSession] else { throw GateError(description: "the probe ended with \(outcomes)") }
        }
        try pass(way, bursts: 4)
        beginCountingMemoryCosts("relay-0")
        try pass(way, bursts: Self.packets / Self.burst)
        return endCountingMemoryCosts()
    }

    private func limit(_ way: Way) {
        var peer = receiver.configuration(reaching: sender)
        // Makes two fragments of 64 bytes.
        peer.mtu = way == .fragmented || way == .explained ? 44 : way == .opening ? 1300 : nil
        _ = engine.apply([.update(peer)], rules: rules(way), generation: 2)
    }

    /// A hundred rules; the last one decides.
    private func rules(_ way: Way) -> PeerRules {
        guard way == .ruled || way == .ruledOut else { return .none }
        let others = (1..<100).map { PeerRules.Entry(id: Int64($0), number: $0, .deny, service: TransportService("tcp \($0)")!) }
        return PeerRules(
            others + [PeerRules.Entry(id: 100, number: 100, way == .ruled ? .allow : .deny, service: TransportService("253")!)], end: .deny)
    }

    private func pass(_ way: Way, bursts: Int) throws {
        for _ in 0..<bursts {
            let before = engine.status().datagramsReceived
            sender.send(packet(way), count: Self.burst, asOneTrain: way != .singles)
            if way != .refused && way != .keepalives && way != .ruledOut {
                let expected = Self.burst * (way == .fragmented ? 2 : 1)
                let received = try ([.explained, .named, .unnamed].contains(way) ? sender : receiver).receive(expected)
                // After fifteen seconds, which a slow machine may need, the hub sends an initiation to a receiver that never answers.
                guard received >= expected else { throw GateError(description: "packets \(way.rawValue) were lost") }
            } else {
                try wait { engine.status().datagramsReceived >= before + UInt64(Self.burst) }
            }
        }
    }

    private func wait(until isTrue: () -> Bool) throws {
        let deadline = Instant.now() + .seconds(10)
        while !isTrue() {
            guard Instant.now() < deadline else { throw GateError(description: "the worker has not received the packets within ten seconds") }
        }
    }

    /// A keepalive is empty; an echo reply has the form of one to a probe.
    private func packet(_ way: Way) -> [UInt8] {
        switch way {
        case .keepalives: return []
        case .probed: return experimentalPacket(from: 2, to: 3, byteCount: 44, transport: 1)
        case .opening:
            // A TCP SYN from port 49152 to 443, with a segment size of 1460.
            var packet = experimentalPacket(from: 2, to: 3, byteCount: 64, transport: 6)
            packet.replaceSubrange(
                20..<44, with: [0xC0, 0, 1, 0xBB] + [UInt8](repeating: 0, count: 8) + [0x60, 2, 0xFF, 0xFF, 0, 0, 0, 0, 2, 4, 5, 0xB4])
            return packet
        case .named: return question(for: "b.hairpin.internal")
        case .unnamed: return question(for: "silent.hairpin.internal")
        case .explained: return experimentalPacket(from: 2, to: 3, byteCount: 64, mayBeFragmented: false)
        default: return experimentalPacket(from: way == .refused ? 9 : 2, to: 3, byteCount: 64)
        }
    }
}

/// A question for the IPv4 address of a name, from device 2 to the hub, with EDNS.
private func question(for name: String) -> [UInt8] {
    let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    let query: [UInt8] =
        [0xAB, 0xCD, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1] + labels + [0, 0, 1, 0, 1] + [0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0]
    let packet = experimentalPacket(from: 2, to: 1, byteCount: 28 + query.count, transport: 17)
    return packet[..<20] + [0x30, 0x39, 0, 53, 0, UInt8(8 + query.count), 0, 0] + query
}

/// An IPv4 packet between two devices of 10.3.2.0/24 with the experimental protocol 253 (RFC 3692).
func experimentalPacket(from source: UInt8, to destination: UInt8, byteCount: Int, transport: UInt8 = 253, mayBeFragmented: Bool = true) -> [UInt8] {
    var header: [UInt8] = [
        0x45, 0, UInt8(byteCount >> 8), UInt8(byteCount & 255), 0, 1, mayBeFragmented ? 0 : 0x40, 0, 64, transport, 0, 0, 10, 3, 2, source,
        10, 3, 2, destination,
    ]
    let sum = Checksum.finish(header.withUnsafeBytes { Checksum.sum($0.baseAddress!, byteCount: 20) })
    header[10] = UInt8(sum >> 8)
    header[11] = UInt8(sum & 255)
    return header + [UInt8](repeating: 0, count: byteCount - 20)
}

private func fail(_ reason: String) -> Never {
    StandardStreams.error(reason)
    ProcessEnvironment.exitNow(1)
}
