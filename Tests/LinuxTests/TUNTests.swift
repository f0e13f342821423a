// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Loopback
import Net
import Testing

@testable import Linux

/// Each test has a network namespace of its own, and in it the interface hp0 with the address 10.3.2.1.
@Suite(.enabled(if: NetworkNamespace.canBeMade, "needs root to make network namespaces"))
struct `A TUN interface` {
    /// Runs `body` with an interface that is up.
    private func run(queues: Int = 1, _ body: @escaping @Sendable (TUNDevice) throws -> Void) throws {
        try NetworkNamespace.inNew { _ in
            try ip("link set lo up")
            let device = try TUNDevice(name: "hp0", queues: queues)
            var changes = try InterfaceChanges(interface: try NetworkLink(named: "hp0").index)
            try changes.makeNoLinkAddresses()
            try changes.bringUp(mtu: 1420)
            try changes.add(address("10.3.2.1"), prefixLength: 24)
            try changes.add(address("fd00::3:2:1"), prefixLength: 120)
            try body(device)
        }
    }

    @Test func `has a queue per thread, comes up with its addresses and no others, and goes with the process`() throws {
        try NetworkNamespace.inNew { _ in
            do {
                let device = try TUNDevice(name: "hp0", queues: 3)
                #expect(device.queues.count == 3)
                let link = try NetworkLink(named: "hp0")
                #expect(link.tun == NetworkLink.TUN(isPersistent: false, isMultiQueue: true, queues: 3))
                #expect(!link.isUp)
                var changes = try InterfaceChanges(interface: link.index)
                try changes.makeNoLinkAddresses()
                try changes.bringUp(mtu: 1380)
                try changes.add(address("10.3.2.1"), prefixLength: 24)
                try changes.add(address("fd00::3:2:1"), prefixLength: 120)
                // Twice is once.
                try changes.add(address("10.3.2.1"), prefixLength: 24)
                let up = try NetworkLink(named: "hp0")
                #expect(up.isUp && up.mtu == 1380)
                let addresses = try InterfaceAddress.all().filter { $0.interfaceName == "hp0" }
                #expect(addresses.map { "\($0.address)/\($0.prefixLength)" } == ["10.3.2.1/24", "fd00::3:2:1/120"])
                #expect(addresses.allSatisfy { !$0.isTentative })
                var routes = try RouteQueries()
                #expect(try routes.lookup(to: address("10.3.2.77"))?.interfaceName == "hp0")
                try changes.remove(address("10.3.2.1"), prefixLength: 24)
                #expect(throws: Errno.addressNotAvailable) { try changes.remove(address("10.3.2.1"), prefixLength: 24) }
                #expect(try routes.lookup(to: address("10.3.2.77")) == nil)
                withExtendedLifetime(device) {}
            }
            #expect(throws: Errno.noSuchDevice) { try NetworkLink(named: "hp0") }
        }
    }

    @Test func `is taken over if it exists and nobody uses it, and stays then`() throws {
        try NetworkNamespace.inNew { _ in
            try ip("tuntap add dev hp0 mode tun multi_queue")
            try ip("address add 10.9.9.9/24 dev hp0")
            do {
                let device = try TUNDevice(name: "hp0", queues: 2)
                #expect(try NetworkLink(named: "hp0").tun == NetworkLink.TUN(isPersistent: true, isMultiQueue: true, queues: 2))
                // Two processes would each get a part of the packets.
                #expect(throws: TUNError(name: "hp0", .inUse)) { try TUNDevice(name: "hp0", queues: 1) }
                withExtendedLifetime(device) {}
            }
            #expect(try NetworkLink(named: "hp0").tun?.queues == 0)
            #expect(try TUNDevice(name: "hp0", queues: 1).queues.count == 1)
        }
    }

    @Test func `of another kind is left alone`() throws {
        try NetworkNamespace.inNew { _ in
            try ip("link add veth0 type veth peer name veth1")
            try ip("tuntap add dev single mode tun")
            try ip("tuntap add dev tap0 mode tap multi_queue")
            for name in ["veth0", "single", "tap0"] {
                #expect(throws: TUNError(name: name, .otherKind)) { try TUNDevice(name: name, queues: 1) }
            }
            #expect(try NetworkLink(named: "veth0").tun == nil)
        }
    }

    @Test func `that the process may not make needs a command, which the error gives`() async {
        await #expect(processExitsWith: .success) {
            let namespace = try NetworkNamespace.enterNew()
            try ip("tuntap add dev other mode tun user 1 multi_queue")
            try becomeNobody()
            let missing = #expect(throws: TUNError.self) { try TUNDevice(name: "hp0", queues: 1) }
            #expect(missing?.problem == .notAllowed(exists: false))
            #expect(missing?.description.contains("ip tuntap add dev hp0 mode tun user nobody multi_queue") == true)
            #expect(throws: TUNError(name: "other", .notAllowed(exists: true))) { try TUNDevice(name: "other", queues: 1) }
            withExtendedLifetime(namespace) {}
        }
    }

    @Test func `gives its user what the administrator made for it`() async {
        await #expect(processExitsWith: .success) {
            let namespace = try NetworkNamespace.enterNew()
            try ip("tuntap add dev hp0 mode tun user 65534 multi_queue")
            try becomeNobody()
            #expect(try TUNDevice(name: "hp0", queues: 2).queues.count == 2)
            var changes = try InterfaceChanges(interface: try NetworkLink(named: "hp0").index)
            #expect(throws: Errno.notPermitted) { try changes.bringUp(mtu: 1420) }
            withExtendedLifetime(namespace) {}
        }
    }

    @Test func `hands over the packets of the host with their checksums to be completed`() throws {
        try run { device in
            let socket = try UDPSocket(bindingTo: Endpoint("10.3.2.1:7000")!, merging: false)
            socket.sendTrain([Array("hello".utf8)], to: Endpoint("10.3.2.9:9")!)
            var batch = TUNReadBatch(isUsed: true)
            let incoming = try #require(try batch.next(from: device.queues[0]))
            let packet = try IPPacket(at: incoming.bytes, available: incoming.byteCount)
            let header = try #require(incoming.header)
            #expect(packet.destination == address("10.3.2.9") && header.segmentation == .none)
            #expect(packet.completeChecksum(header))
            #expect(MergeablePacket(packet)?.hasValidChecksum == true)
            #expect(try batch.next(from: device.queues[0]) == nil)
        }
    }

    @Test func `hands over super-packets, which are cut into what was sent`() throws {
        try run { device in
            try #require(device.mergesUDP)
            let socket = try UDPSocket(bindingTo: Endpoint("10.3.2.1:7000")!, merging: false)
            let datagrams = (0..<12).map { number in [UInt8](repeating: UInt8(number), count: number == 11 ? 300 : 1000) }
            socket.sendTrain(datagrams, to: Endpoint("10.3.2.9:9")!)
            var batch = TUNReadBatch(isUsed: true)
            let incoming = try #require(try batch.next(from: device.queues[0]))
            let packet = try IPPacket(at: incoming.bytes, available: incoming.byteCount)
            var whole = try #require(incoming.header.flatMap { SuperPacket(packet, $0) })
            var cut: [[UInt8]] = []
            while !whole.isDone {
                var segment = [UInt8](unsafeUninitializedCapacity: whole.largest) { buffer, count in
                    count = whole.writeNext(to: buffer.baseAddress!)
                }
                let isValid = segment.withUnsafeMutableBytes { buffer in
                    (try? IPPacket(at: buffer.baseAddress!, available: buffer.count)).flatMap { MergeablePacket($0)?.hasValidChecksum }
                }
                #expect(isValid == true)
                cut.append(Array(segment[28...]))
            }
            #expect(cut == datagrams)
        }
    }

    @Test func `WG-H-20 merges packets towards the host that the kernel then cuts again`() throws {
        try run { device in
            let receiver = try UDPSocket(bindingTo: Endpoint("10.3.2.1:7000")!, merging: false)
            var writes = TUNWriteBatch(isUsed: true, mergesUDP: device.mergesUDP)
            var failed = 0
            // Two flows side by side, one packet with a wrong checksum, and one longer than its train.
            let lengths = [500, 500, 500, 500, 200, 700]
            var packets: [[UInt8]] = []
            for (index, length) in lengths.enumerated() {
                for port: UInt16 in [1, 2] { packets.append(datagram(port: port, payload: [UInt8](repeating: UInt8(index), count: length))) }
            }
            packets[4][26] ^= 1
            let memory = packets.map { packet in
                let bytes = UnsafeMutableRawPointer.allocate(byteCount: packet.count, alignment: 8)
                bytes.copyMemory(from: packet, byteCount: packet.count)
                return bytes
            }
            defer { for bytes in memory { bytes.deallocate() } }
            for (bytes, packet) in zip(memory, packets) { writes.append(try IPPacket(at: bytes, available: packet.count)) }
            writes.flush(to: device.queues[0]) { count, _ in failed += count }
            #expect(failed == 0 && writes.isEmpty)

            var arrived: [UInt16: [Int]] = [:]
            let incoming = UDPReceiveBatch()
            let deadline = Instant.now() + .seconds(2)
            while arrived.values.reduce(0, { $0 + $1.count }) < packets.count - 1, Instant.now() < deadline {
                for index in 0..<((try? receiver.receive(into: incoming)) ?? 0) {
                    let train = incoming.train(at: index)
                    let bytes = UnsafeRawBufferPointer(start: train.bytes, count: train.byteCount)
                    #expect(Set(bytes).count == 1 && lengths[Int(bytes[0])] == bytes.count)
                    arrived[train.source.endpoint?.port ?? 0, default: []].append(Int(bytes[0]))
                }
            }
            // The damaged one is lost alone, and each flow keeps its order.
            #expect(arrived == [1: [0, 1, 3, 4, 5], 2: [0, 1, 2, 3, 4, 5]])
        }
    }

    @Test func `that is deleted is found gone`() throws {
        try run { device in
            try ip("link delete hp0")
            var batch = TUNReadBatch(isUsed: true)
            var error: Errno?
            do throws(Errno) { _ = try batch.next(from: device.queues[0]) } catch let problem { error = problem }
            #expect(error != nil)
            var writes = TUNWriteBatch(isUsed: true, mergesUDP: false)
            var packet = datagram(port: 1, payload: [1])
            var failed = 0
            try packet.withUnsafeMutableBytes { buffer in
                writes.append(try IPPacket(at: buffer.baseAddress!, available: buffer.count))
                writes.flush(to: device.queues[0]) { count, _ in failed += count }
            }
            #expect(failed == 1)
        }
    }
}

/// Makes this process an ordinary user that may open /dev/net/tun, as udev allows everybody.
private func becomeNobody() throws {
    try #require(unshare(CLONE_NEWNS) == 0)
    try #require(mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0)
    try #require(mount("none", "/dev/net", "tmpfs", 0, nil) == 0)
    try #require(mknod("/dev/net/tun", S_IFCHR | 0o600, 10 << 8 | 200) == 0)
    try #require(chmod("/dev/net/tun", 0o666) == 0)
    try #require(seteuid(65_534) == 0)
}

private func address(_ text: String) -> IPAddress { IPAddress(text)! }

/// A UDP packet from a port of 10.3.2.2 to 10.3.2.1:7000.
private func datagram(port: UInt16, payload: [UInt8]) -> [UInt8] {
    let byteCount = 28 + payload.count
    func word(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
    func sum(_ bytes: [UInt8]) -> [UInt8] {
        word(Int(Checksum.finish(bytes.withUnsafeBytes { Checksum.sum($0.baseAddress!, byteCount: $0.count) })))
    }
    let addresses: [UInt8] = [10, 3, 2, 2, 10, 3, 2, 1]
    var header: [UInt8] = [0x45, 0] + word(byteCount) + [0, 1, 0x40, 0, 64, 17, 0, 0] + addresses
    header.replaceSubrange(10..<12, with: sum(header))
    var body = word(Int(port)) + word(7000) + word(8 + payload.count) + [0, 0] + payload
    body.replaceSubrange(6..<8, with: sum(addresses + [0, 17] + word(8 + payload.count) + body))
    return header + body
}
