// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Foundation
import Linux
import Net
import Synchronization
import Testing
import WireGuard

@testable import Relay

/// How many devices connect at once; `make soak` takes 10,000.
private let crowd = ProcessInfo.processInfo.environment["SOAK_MINUTES"] == nil ? 500 : 10_000

@Suite(.serialized) struct `With many peers` {
    @Test func `WG-C-9 WG-L-8 131,072 fit, and one more is refused and reported`() throws {
        let hub = try Hub(workers: 1)
        defer { hub.stop() }
        let changes = (0..<UInt32(Engine.peerLimit)).map { stranger($0) }
        let report = hub.engine.apply(changes, generation: 1)
        #expect(report.changedPeers == 131_072)
        #expect(report.withoutRoom == 0)
        #expect(hub.engine.status().peers.count == 131_072)
        #expect(hub.engine.apply([stranger(200_000)], generation: 2).withoutRoom == 1)
        // The last peer works like the first: its packets arrive.
        guard case .add(let first, _) = changes[0] else { return }
        let a = hub.peer("10.3.2.2")
        _ = hub.engine.apply([.remove(first.publicKey)], generation: 3)
        #expect(
            eventually {
                hub.engine.apply([.add(a.configuration(reaching: ["10.3.2.2/32"]), PeerMemory())], generation: 4).withoutRoom == 0
            })
        #expect(a.connect(timeout: .seconds(10)))
        a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.2"))
        #expect(a.receive(timeout: .seconds(10)) != nil)
    }

    @Test func `WG-V-32 WG-L-8 edits among thousands are quick, and a pair keeps exchanging packets`() throws {
        let hub = try Hub(workers: 1)
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        _ = hub.engine.apply((0..<5_000).map { stranger($0) }, generation: 1)
        let edited = PrivateKey.generate().publicKey
        var spent: Duration = .zero
        for round in 0..<100 {
            let peer = PeerConfiguration(
                publicKey: edited, ownedPrefixes: [IPPrefix("10.9.0.\(round)/32")!], allowedIPs: [IPPrefix("10.3.\(round).0/24")!])
            spent = spent + hub.engine.apply([round == 0 ? .add(peer, PeerMemory()) : .update(peer)], generation: Int64(round)).duration
            #expect(hub.engine.status(of: .keys([edited])).peers.count == 1)
            a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8(round)]))
            #expect(b.receive()?[28] == UInt8(round))
        }
        #expect(spent < .seconds(10))
        #expect(hub.engine.status().drops == [:])
    }

    /// Like real clients, those that got a cookie retry after five seconds.
    @Test func `WG-M-15 all that connect at once are connected soon, although the hub is under load`() throws {
        let hub = try Hub(workers: 1)
        defer { hub.stop() }
        let clients = Crowd(count: crowd, hub: hub.engine)
        _ = hub.engine.apply(clients.configurations.map { .add($0, PeerMemory()) }, generation: 1)
        let start = Instant.now()
        for attempt in 0..<20 where clients.connected < crowd {
            clients.call()
            clients.listen(until: start + .seconds(5 * (attempt + 1)))
        }
        #expect(clients.connected == crowd)
        // Ten seconds are the goal, which `make bench` measures; here neither the hub nor its clients are optimised, and other tests run in parallel.
        #expect(Instant.now() - start < .seconds(90))
        #expect(eventually { hub.engine.status().peers.allSatisfy(\.hasKeypair) })
    }

    /// As after a power cut. Nobody waits for the five seconds of its timer.
    @Test func `WG-M-5 WG-M-15 that are a thousand and connect at once need no cookie`() throws {
        let hub = try Hub(workers: 1)
        defer { hub.stop() }
        let clients = Crowd(count: 1000, hub: hub.engine)
        _ = hub.engine.apply(clients.configurations.map { .add($0, PeerMemory()) }, generation: 1)
        let watch = try LoadWatch(of: hub.engine)
        let start = Instant.now()
        for attempt in 0..<12 where clients.connected < 1000 {
            clients.call()
            clients.listen(until: start + .seconds(5 * (attempt + 1)))
        }
        let load = watch.stop()
        print("1,000 clients at once: \(clients.connected) have a session after \(Instant.now() - start)")
        #expect(clients.connected == 1000)
        // A machine so busy that an unoptimised hub needs more than a second for the backlog asks for cookies with good reason.
        #expect(hub.engine.dropped(.cookieSent) == 0 || load >= .seconds(1), "\(load)")
    }

    @Test func `WG-M-5 WG-M-13 WG-M-14 get in beside a flood of initiations of strangers, which takes no more than its credit`() throws {
        let hub = try Hub(workers: 1)
        defer { hub.stop() }
        let (a, b) = try hub.pair()
        let clients = Crowd(count: 50, hub: hub.engine)
        _ = hub.engine.apply(clients.configurations.map { .add($0, PeerMemory()) }, generation: 2)
        let start = Instant.now()
        // All but 3,000 of the credit is gone before.
        for _ in 3000..<HandshakeLoad.credit { _ = hub.engine.shared.queue.load.asksForProof(backlog: 0, now: .now()) }
        let flood = try Flood(of: hub.engine)
        // Its credit is gone.
        #expect(eventually { hub.engine.dropped(.cookieSent) > 0 })
        var arrived = 0
        for number in 0..<100 {
            a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8(number)]))
            if b.receive(timeout: .seconds(1))?[28] == UInt8(number) { arrived += 1 }
        }
        #expect(arrived >= 90)
        for attempt in 0..<6 where clients.connected < 50 {
            clients.call()
            clients.listen(until: Instant.now() + .seconds(attempt == 0 ? 2 : 5))
        }
        flood.stop()
        #expect(clients.connected == 50)
        let seconds = UInt64((Instant.now() - start).components.seconds) + 1
        #expect(hub.engine.dropped(.unknownInitiator) <= 3000 + 500 * seconds + 520 * (seconds + 1))
    }

    /// As in an office behind one NAT, whose devices come back while somebody floods the hub.
    @Test func `WG-M-11 WG-M-15 that share one address all get in while the hub is under load`() throws {
        let hub = try Hub(workers: 1)
        defer { hub.stop() }
        let clients = Crowd(count: 200, hub: hub.engine, sharesAddress: true)
        _ = hub.engine.apply(clients.configurations.map { .add($0, PeerMemory()) }, generation: 1)
        hub.engine.shared.queue.useUpCredit()
        let flood = try Flood(of: hub.engine)
        #expect(eventually { hub.engine.dropped(.cookieSent) > 0 })
        for attempt in 0..<6 where clients.connected < 200 {
            clients.call()
            clients.listen(until: Instant.now() + .seconds(attempt == 0 ? 1 : 10))
        }
        flood.stop()
        #expect(clients.connected == 200)
        #expect(hub.engine.dropped(.rateLimited) == 0)
    }

    /// A peer that nobody has the key of.
    private func stranger(_ number: UInt32) -> PeerChange {
        .add(
            PeerConfiguration(
                publicKey: PublicKey(SecureRandom.bytes(32))!, ownedPrefixes: [IPPrefix(host: .v4(IPv4Address(bits: 0x0A40_0000 + number)))],
                allowedIPs: [IPPrefix("10.0.0.0/8")!]), PeerMemory())
    }
}

/// Initiations with a valid mac1 from keys that the hub does not know, a thousand at once and again half a second later, on a thread of its
/// own. `make bench` sends 20,000 per second; here neither side is optimised.
private final class Flood: Sendable {
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<Linux.Thread?>(nil)

    init(of hub: Engine) throws {
        let messages = (0..<50).map { _ in
            let stranger = Identity(privateKey: .generate())
            var handshake = PeerHandshake(publicKey: hub.publicKey, presharedKey: nil)
            var message = [UInt8](repeating: 0, count: Initiation.byteCount)
            message.withUnsafeMutableBytes {
                _ = handshake.createInitiation(
                    identity: stranger, localIndex: SecureRandom.uint32(), ephemeral: .generate(),
                    timestamp: Timestamp(unixNanoseconds: UnixTime.nowInNanoseconds()), now: .now(), to: $0.baseAddress!)
            }
            return message
        }
        let hub = hub.listen
        let started = try Linux.Thread(name: "flood") { [self] in
            let socket = LoopbackSocket()
            while !isStopping.load(ordering: .relaxed) {
                for _ in 0..<20 { for message in messages { socket.send(message, to: hub) } }
                Linux.Thread.sleep(.milliseconds(500))
            }
        }
        thread.withLock { $0 = started }
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        thread.withLock { $0.take() }?.join()
    }
}

/// Many clients behind one socket. Each has an address of its own in 127.0.0.0/8, and so its own budget of handshakes (WG-M-11), unless all
/// share one.
private final class Crowd {
    private struct Client {
        let identity: Identity
        var hub: PeerHandshake
        let local: UDPLocalAddress
        var isConnected = false
    }

    private var clients: [Client]
    private let socket = try! UDPSocket(bindingTo: Endpoint("0.0.0.0:0")!, merging: false)
    private let hub: UDPAddress
    private let incoming = UDPReceiveBatch()
    private let aead = AEAD(.openssl)
    private(set) var connected = 0
    private static let first: UInt32 = 0x7F01_0000

    init(count: Int, hub: Engine, sharesAddress: Bool = false) {
        self.hub = UDPAddress(hub.listen)
        clients = (0..<UInt32(count)).map { number in
            let identity = Identity(privateKey: .generate())
            return Client(
                identity: identity, hub: PeerHandshake(publicKey: hub.publicKey, presharedKey: nil),
                local: UDPLocalAddress(first: UInt64((Self.first + (sharesAddress ? 0 : number)).bigEndian)))
        }
    }

    var configurations: [PeerConfiguration] {
        clients.enumerated().map { number, client in
            PeerConfiguration(
                publicKey: client.identity.publicKey, ownedPrefixes: [IPPrefix(host: .v4(IPv4Address(bits: 0x0A40_0000 + UInt32(number))))],
                allowedIPs: [])
        }
    }

    /// Everyone who has no session sends an initiation.
    func call() {
        let timestamp = Timestamp(unixNanoseconds: UnixTime.nowInNanoseconds())
        for index in clients.indices where !clients[index].isConnected {
            withUnsafeTemporaryAllocation(byteCount: Initiation.byteCount, alignment: 16) { buffer in
                _ = clients[index].hub.createInitiation(
                    identity: clients[index].identity, localIndex: UInt32(index), ephemeral: .generate(), timestamp: timestamp, now: .now(),
                    to: buffer.baseAddress!)
                send(buffer.baseAddress!, Initiation.byteCount, from: clients[index].local)
            }
            if index % 16 == 0 { listenOnce() }
        }
    }

    func listen(until deadline: Instant) {
        while connected < clients.count, Instant.now() < deadline {
            if !listenOnce() { Linux.Thread.sleep(.milliseconds(1)) }
        }
    }

    @discardableResult
    private func listenOnce() -> Bool {
        let count = (try? socket.receive(into: incoming)) ?? 0
        for index in 0..<count { take(incoming.train(at: index)) }
        return count > 0
    }

    private func take(_ train: UDPReceiveBatch.Train) {
        // The index of a client's message is the client's number.
        let bytes = UnsafeRawPointer(train.bytes)
        switch try? MessageType.read(train.bytes, byteCount: train.byteCount) {
        case .response:
            let number = Int(bytes.uint32LE(at: Response.receiver))
            guard let keys = try? clients[number].hub.consume(response: train.bytes, identity: clients[number].identity, now: .now()) else { return }
            clients[number].isConnected = true
            connected += 1
            sendKeepalive(under: keys, from: clients[number].local)
        case .cookieReply: try? clients[Int(bytes.uint32LE(at: CookieReply.receiver))].hub.consume(cookieReply: train.bytes, now: .now())
        default: break
        }
    }

    private func sendKeepalive(under keys: NewKeypair, from local: UDPLocalAddress) {
        withUnsafeTemporaryAllocation(byteCount: Transport.overhead, alignment: 16) { buffer in
            let message = buffer.baseAddress!
            Transport.writeHeader(receiver: keys.remoteIndex, counter: 0, to: message)
            withBytes(of: keys.send) { aead.seal(key: $0, counter: 0, at: message + Transport.ciphertext, byteCount: 0) }
            send(message, Transport.overhead, from: local)
        }
    }

    private func send(_ bytes: UnsafeMutableRawPointer, _ byteCount: Int, from local: UDPLocalAddress) {
        var batch = UDPSendBatch()
        _ = batch.begin(to: hub, from: local, trafficClass: 0, bytes, byteCount: byteCount)
        var segmentation = UDPSocket.Segmentation(isOn: false)
        socket.send(batch, segmentation: &segmentation, now: .now())
    }
}

/// The longest time that the hub expected a thousand handshakes to take, until somebody stops watching. It differs from moment to moment.
private final class LoadWatch: Sendable {
    private let longest = Mutex(Duration.zero)
    private let isOver = Atomic(false)
    private let thread = Mutex<Linux.Thread?>(nil)

    init(of engine: Engine) throws {
        let thread = try Linux.Thread(name: "load") { [self] in
            while !isOver.load(ordering: .acquiring) {
                let load = engine.shared.queue.load.work(of: 1000)
                longest.withLock { $0 = max($0, load) }
                Linux.Thread.sleep(.milliseconds(1))
            }
        }
        self.thread.withLock { $0 = thread }
    }

    func stop() -> Duration {
        isOver.store(true, ordering: .releasing)
        thread.withLock { $0.take() }?.join()
        return longest.withLock { $0 }
    }
}
