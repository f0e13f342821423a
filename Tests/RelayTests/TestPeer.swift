// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Relay
import WireGuard

/// A WireGuard peer that a test controls: it knows all keys, builds any packet, and checks every packet that the hub emits
/// (WG-Z-2). One thread, over a real socket.
final class TestPeer {
    let identity: Identity
    let address: IPAddress
    private(set) var hub: PeerHandshake
    private(set) var session: NewKeypair?
    /// A session that the hub began and has not sent under yet: a responder waits for that (WG-S-4, WG-S-5).
    private var unconfirmed: NewKeypair?
    var sendCounter: UInt64 = 0
    /// All sessions so far, by our index: the hub may still send under an older one (WG-S-5).
    private var sessions: [UInt32: NewKeypair] = [:]
    /// Counters the hub used; the same one twice under one session is a fault (WG-S-12).
    private var seenCounters: Set<UsedCounter> = []
    private struct UsedCounter: Hashable {
        let index: UInt32
        let counter: UInt64
    }
    /// About the last datagram: its source, its ECN bits, and for data its session and counter.
    private(set) var last = (source: UDPAddress(), ecn: UInt8(0), index: UInt32(0), counter: UInt64(0))
    private(set) var faults: [String] = []
    private(set) var messagesReceived: [MessageType] = []
    /// Nothing is padded beyond it (WG-D-1).
    var mtu = 1420
    /// Answers the next initiation with a cookie instead of a response.
    var isLoaded = false
    let cookieSecret = Bytes32(repeating: 5)
    private(set) var lastInitiation: [UInt8] = []

    private var socket: UDPSocket
    private let batch = UDPReceiveBatch()
    private var pending: [(bytes: [UInt8], source: UDPAddress, ecn: UInt8)] = []
    private var hubEndpoint: UDPAddress
    private let aead = AEAD(.openssl)

    init(
        _ address: String, hub hubKey: PublicKey, at endpoint: Endpoint, privateKey: PrivateKey = .generate(), presharedKey: PresharedKey? = nil,
        bind: String = "127.0.0.1"
    ) {
        self.address = IPAddress(address)!
        identity = Identity(privateKey: privateKey)
        hub = PeerHandshake(publicKey: hubKey, presharedKey: presharedKey)
        socket = try! UDPSocket(bindingTo: Endpoint(address: IPAddress(bind)!, port: 0), merging: false)
        hubEndpoint = UDPAddress(endpoint)
    }

    var publicKey: PublicKey { identity.publicKey }
    var endpoint: Endpoint { socket.local }

    /// The configuration of this peer in the hub.
    func configuration(
        reaching others: [String], keepalive: Duration = .zero, presharedKey: PresharedKey? = nil, mtu: Int? = nil
    ) -> PeerConfiguration {
        PeerConfiguration(
            publicKey: publicKey, presharedKey: presharedKey, ownedPrefixes: [IPPrefix(host: address)], allowedIPs: others.map { IPPrefix($0)! },
            persistentKeepalive: keepalive, mtu: mtu)
    }

    /// Continues from another port, and optionally another address, to the same port of the hub or another of its addresses.
    func move(to address: String? = nil, hub endpoint: Endpoint? = nil) {
        let address = address.map { IPAddress($0)! } ?? socket.local.address
        socket = try! UDPSocket(bindingTo: Endpoint(address: address, port: 0), merging: false)
        if let endpoint { hubEndpoint = UDPAddress(endpoint) }
    }

    func forgetSession() { session = nil }

    /// Receives messages until the hub has begun another session than `before`.
    func awaitSession(other before: NewKeypair?) -> Bool {
        let deadline = Instant.now() + .seconds(15)
        while session?.localIndex == before?.localIndex, Instant.now() < deadline { _ = receiveMessage(timeout: .milliseconds(50)) }
        return session?.localIndex != before?.localIndex
    }

    // MARK: Sending

    func sendRaw(_ bytes: [UInt8], ecn: ECN = .notECT) {
        var bytes = bytes
        var batch = UDPSendBatch()
        bytes.withUnsafeMutableBytes {
            _ = batch.begin(to: hubEndpoint, from: UDPLocalAddress(), trafficClass: ecn.rawValue, $0.baseAddress!, byteCount: $0.count)
            var segmentation = UDPSocket.Segmentation(isOn: false)
            socket.send(batch, segmentation: &segmentation, now: .now())
        }
    }

    /// Writes and sends an initiation. Returns its bytes.
    @discardableResult
    func sendInitiation(timestamp: UInt64? = nil) -> [UInt8] {
        var message = [UInt8](repeating: 0, count: 148)
        let time = timestamp ?? UnixTime.nowInNanoseconds()
        message.withUnsafeMutableBytes {
            _ = hub.createInitiation(
                identity: identity, localIndex: SecureRandom.uint32(), ephemeral: .generate(), timestamp: Timestamp(unixNanoseconds: time),
                now: .now(), to: $0.baseAddress!)
        }
        sendRaw(message)
        return message
    }

    /// A whole handshake, confirmed with a keepalive. False when the hub does not answer.
    func connect(timeout: Duration = .seconds(15)) -> Bool {
        sendInitiation()
        guard awaitSession(timeout: timeout) else { return false }
        send([])
        return true
    }

    /// Receives messages until there is a session.
    func awaitSession(timeout: Duration = .seconds(15)) -> Bool {
        let deadline = Instant.now() + timeout
        while session == nil, Instant.now() < deadline { _ = receiveMessage(timeout: .milliseconds(50)) }
        return session != nil
    }

    /// Receives messages until `count` of this type have arrived in total.
    func awaitMessage(_ type: MessageType, count: Int) -> Bool {
        let deadline = Instant.now() + .seconds(15)
        while messagesReceived.count(where: { $0 == type }) < count, Instant.now() < deadline { _ = receiveMessage(timeout: .milliseconds(50)) }
        return messagesReceived.count { $0 == type } >= count
    }

    /// Seals `plaintext` under the next counter, or the one given, and sends it.
    func send(_ plaintext: [UInt8], counter: UInt64? = nil) { sendRaw(seal(plaintext, counter: counter)) }

    /// A transport message with unpadded `plaintext`, under an older session if one is given.
    func seal(_ plaintext: [UInt8], counter: UInt64? = nil, under older: NewKeypair? = nil) -> [UInt8] {
        let session = older ?? session!
        let used = counter ?? sendCounter
        if counter == nil { sendCounter += 1 }
        var message = [UInt8](repeating: 0, count: plaintext.count + Transport.overhead)
        message.withUnsafeMutableBytes { buffer in
            let bytes = buffer.baseAddress!
            Transport.writeHeader(receiver: session.remoteIndex, counter: used, to: bytes)
            (bytes + 16).copyMemory(from: plaintext, byteCount: plaintext.count)
            withBytes(of: session.send) { aead.seal(key: $0, counter: used, at: bytes + 16, byteCount: plaintext.count) }
        }
        return message
    }

    // MARK: Receiving

    /// The next inner packet; nil after `timeout`. Keepalives and handshake messages are handled on the way.
    func receive(timeout: Duration = .seconds(10)) -> [UInt8]? {
        let deadline = Instant.now() + timeout
        while Instant.now() < deadline {
            if let packet = receiveMessage(timeout: .milliseconds(20)), !packet.isEmpty { return packet }
        }
        return nil
    }

    /// Receives one datagram. Returns the content of transport data, or an empty array for a keepalive.
    func receiveMessage(timeout: Duration) -> [UInt8]? {
        guard let datagram = nextDatagram(timeout: timeout) else { return nil }
        var bytes = datagram.bytes
        last = (datagram.source, datagram.ecn, 0, 0)
        guard let type = try? bytes.withUnsafeBytes({ try MessageType.read($0.baseAddress!, byteCount: $0.count) }) else {
            faults.append("WG-F-1 the hub sent a malformed message of \(bytes.count) bytes")
            return nil
        }
        messagesReceived.append(type)
        switch type {
        case .response:
            if let keys = try? bytes.withUnsafeBytes({ try hub.consume(response: $0.baseAddress!, identity: identity, now: .now()) }) { use(keys) }
            return nil
        case .initiation:
            lastInitiation = bytes
            respond(to: bytes)
            return nil
        case .cookieReply:
            try? bytes.withUnsafeBytes { try hub.consume(cookieReply: $0.baseAddress!, now: .now()) }
            return nil
        case .transport:
            return open(&bytes)
        }
    }

    private func use(_ keys: NewKeypair) {
        session = keys
        sessions[keys.localIndex] = keys
        unconfirmed = nil
        sendCounter = 0
    }

    private func open(_ bytes: inout [UInt8]) -> [UInt8]? {
        bytes.withUnsafeMutableBytes { buffer in
            let base = buffer.baseAddress!
            let counter = UnsafeRawPointer(base).uint64LE(at: 8)
            let index = UnsafeRawPointer(base).uint32LE(at: 4)
            guard let session = sessions[index] else {
                faults.append("the hub sent data under an index that is not ours")
                return nil
            }
            (last.index, last.counter) = (index, counter)
            let count = buffer.count - Transport.overhead
            guard withBytes(of: session.receive, { aead.open(key: $0, counter: counter, at: base + 16, byteCount: count) }) else {
                faults.append("the hub sent a packet with a bad tag")
                return nil
            }
            if let unconfirmed, unconfirmed.localIndex == index { use(unconfirmed) }
            if !seenCounters.insert(UsedCounter(index: index, counter: counter)).inserted { faults.append("WG-S-12 counter \(counter) came twice") }
            if count % 16 != 0, count != mtu, count < 1400 { faults.append("WG-D-1 \(count) bytes are not padded") }
            return Array(buffer[16..<16 + count])
        }
    }

    private func respond(to initiation: [UInt8]) {
        initiation.withUnsafeBytes { buffer in
            if isLoaded {
                isLoaded = false
                return sendCookie(for: buffer)
            }
            guard let opened = try? identity.open(initiation: buffer.baseAddress!),
                let accepted = try? hub.accept(opened, initiation: buffer.baseAddress!, identity: identity, now: .now())
            else {
                faults.append("the hub sent an initiation that cannot be decrypted")
                return
            }
            var response = [UInt8](repeating: 0, count: 92)
            let keys = response.withUnsafeMutableBytes {
                hub.createResponse(
                    to: accepted, localIndex: SecureRandom.uint32(), ephemeral: .generate(), now: .now(), to: $0.baseAddress!)
            }
            if let keys {
                unconfirmed = keys
                sessions[keys.localIndex] = keys
            }
            sendRaw(response)
        }
    }

    /// As a peer under load: a cookie and nothing else (WG-M-16).
    private func sendCookie(for initiation: UnsafeRawBufferPointer) {
        var reply = [UInt8](repeating: 0, count: 64)
        reply.withUnsafeMutableBytes {
            CookieChecker(identity: identity).writeReply(
                to: initiation.baseAddress!, byteCount: initiation.count, source: hubEndpoint.endpoint!, secret: cookieSecret,
                nonce: XChaCha20Poly1305.Nonce(repeating: 9), into: $0.baseAddress!)
        }
        sendRaw(reply)
    }

    private func nextDatagram(timeout: Duration) -> (bytes: [UInt8], source: UDPAddress, ecn: UInt8)? {
        let deadline = Instant.now() + timeout
        while pending.isEmpty {
            let count = (try? socket.receive(into: batch)) ?? 0
            for index in 0..<count {
                let train = batch.train(at: index)
                pending.append((Array(UnsafeRawBufferPointer(start: train.bytes, count: train.byteCount)), train.source, train.ecn))
            }
            if pending.isEmpty {
                guard Instant.now() < deadline else { return nil }
                Thread.sleep(.milliseconds(1))
            }
        }
        return pending.removeFirst()
    }
}

/// Inner packets.
enum Packet {
    /// An IPv4 UDP packet with a correct header checksum.
    static func ipv4(from source: String, to destination: String, ttl: UInt8 = 64, tos: UInt8 = 0, payload: [UInt8] = Array("hello".utf8)) -> [UInt8]
    {
        let total = 28 + payload.count
        var packet: [UInt8] = [0x45, tos, UInt8(total >> 8), UInt8(total & 255), 0, 1, 0, 0, ttl, 17, 0, 0]
        packet += bytes(source) + bytes(destination)
        packet += [0x30, 0x39, 0x30, 0x39, UInt8((8 + payload.count) >> 8), UInt8((8 + payload.count) & 255), 0, 0] + payload
        return withChecksum(packet)
    }

    /// An IPv4 ICMP echo request.
    static func echo(from source: String, to destination: String, payload: [UInt8] = Array("ping".utf8)) -> [UInt8] {
        let total = 28 + payload.count
        var icmp: [UInt8] = [8, 0, 0, 0, 0, 7, 0, 1] + payload
        let sum = Checksum.finish(icmp.withUnsafeBytes { Checksum.sum($0.baseAddress!, byteCount: $0.count) })
        icmp[2] = UInt8(sum >> 8)
        icmp[3] = UInt8(sum & 255)
        let header: [UInt8] = [0x45, 0, UInt8(total >> 8), UInt8(total & 255), 0, 1, 0, 0, 64, 1, 0, 0] + bytes(source) + bytes(destination)
        return withChecksum(header) + icmp
    }

    static func bytes(_ address: String) -> [UInt8] {
        switch IPAddress(address) {
        case .v4(let value): withUnsafeBytes(of: value.bits.bigEndian) { Array($0) }
        case .v6(let value): withUnsafeBytes(of: (value.high.bigEndian, value.low.bigEndian)) { Array($0) }
        case nil: []
        }
    }

    private static func withChecksum(_ packet: [UInt8]) -> [UInt8] {
        var packet = packet
        let sum = Checksum.finish(packet.withUnsafeBytes { Checksum.sum($0.baseAddress!, byteCount: 20) })
        packet[10] = UInt8(sum >> 8)
        packet[11] = UInt8(sum & 255)
        return packet
    }
}
