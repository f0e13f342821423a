// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Relay
import WireGuard

/// A WireGuard client on loopback that sends trains of equal packets and counts what comes back.
final class Device {
    let address: IPAddress
    let publicKey: PublicKey
    private let identity: Identity
    private var hub: PeerHandshake
    private let hubAddress: UDPAddress
    private var session: NewKeypair?
    private var counter: UInt64 = 0
    private let socket: UDPSocket
    private let incoming = UDPReceiveBatch()
    private var outgoing = UDPSendBatch()
    private let aead = AEAD(.openssl)
    private let memory = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 64)

    init(_ address: IPAddress, hub key: PublicKey, at endpoint: Endpoint) throws {
        self.address = address
        let privateKey = PrivateKey.generate()
        identity = Identity(privateKey: privateKey)
        publicKey = identity.publicKey
        hub = PeerHandshake(publicKey: key, presharedKey: nil)
        hubAddress = UDPAddress(endpoint)
        socket = try UDPSocket(bindingTo: Endpoint(address: .v4(.loopback), port: 0), merging: true)
    }

    deinit { memory.deallocate() }

    /// Where it can be reached.
    var endpoint: Endpoint { socket.local }

    func configuration(reaching other: Device) -> PeerConfiguration {
        PeerConfiguration(publicKey: publicKey, ownedPrefixes: [IPPrefix(host: address)], allowedIPs: [IPPrefix(host: other.address)])
    }

    /// A handshake, confirmed with a keepalive. False when the hub does not answer within half a minute.
    func connect() throws -> Bool {
        let timestamp = Timestamp(unixNanoseconds: UnixTime.nowInNanoseconds())
        guard
            hub.createInitiation(
                identity: identity, localIndex: SecureRandom.uint32(), ephemeral: .generate(), timestamp: timestamp, now: .now(), to: memory)
        else { return false }
        send(datagrams: 1, of: Initiation.byteCount, asOneTrain: true)
        let deadline = Instant.now() + .seconds(30)
        while session == nil, Instant.now() < deadline {
            for index in 0..<(try socket.receive(into: incoming)) {
                session = try? hub.consume(response: incoming.train(at: index).bytes, identity: identity, now: .now())
            }
        }
        guard session != nil else { return false }
        send([], count: 1, asOneTrain: true)
        return true
    }

    /// Seals `packet` `count` times and sends the datagrams, as one train that the kernel splits or one by one.
    func send(_ packet: [UInt8], count: Int, asOneTrain: Bool) {
        guard let session else { return }
        let byteCount = packet.count + Transport.overhead
        for number in 0..<count {
            let message = memory + number * byteCount
            Transport.writeHeader(receiver: session.remoteIndex, counter: counter, to: message)
            (message + Transport.ciphertext).copyMemory(from: packet, byteCount: packet.count)
            withBytes(of: session.send) {
                aead.seal(key: $0, counter: counter, at: message + Transport.ciphertext, byteCount: packet.count)
            }
            counter += 1
        }
        send(datagrams: count, of: byteCount, asOneTrain: asOneTrain)
    }

    private func send(datagrams count: Int, of byteCount: Int, asOneTrain: Bool) {
        for number in 0..<count {
            let message = memory + number * byteCount
            if asOneTrain, number > 0, outgoing.append(to: 0, message, byteCount: byteCount) { continue }
            _ = outgoing.begin(to: hubAddress, from: UDPLocalAddress(), trafficClass: 0, message, byteCount: byteCount)
        }
        var segmentation = UDPSocket.Segmentation(isOn: asOneTrain)
        socket.send(outgoing, segmentation: &segmentation, now: .now())
        outgoing.removeAll()
    }

    /// Waits until `count` datagrams have arrived, at most ten seconds. Returns how many did.
    func receive(_ count: Int) throws -> Int {
        var received = 0
        let deadline = Instant.now() + .seconds(10)
        while received < count, Instant.now() < deadline { received += try receiveWaiting() }
        return received
    }

    /// Receives a few trains that have already arrived. Returns the number of datagrams.
    func receiveWaiting() throws -> Int {
        var received = 0
        for index in 0..<(try socket.receive(into: incoming)) {
            let train = incoming.train(at: index)
            // An initiation of the hub in the meantime does not count.
            guard train.bytes.load(as: UInt8.self) == UInt8(MessageType.transport.rawValue) else { continue }
            received += (train.byteCount + train.segmentByteCount - 1) / train.segmentByteCount
        }
        return received
    }
}
