// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Glibc
import Names
import Net
import Synchronization
import Testing
import WireGuard

@testable import Linux
@testable import Relay

/// Causes each reason once, with packets from a peer or errors from the kernel (Documentation/protocol.md section 16).
@Suite(.serialized) struct `Each reason to drop` {
    @Test(arguments: DropReason.allCases)
    func `WG-Q-1 WG-Q-2 occurs, and is counted under its name`(reason: DropReason) throws {
        let hub = try Hub(calls: Calls.refusing(reason))
        defer { hub.stop() }
        let drops = { hub.engine.status().drops.first { $0.key.name == reason.name }?.value ?? 0 }
        #expect(drops() == 0)
        try Story(hub).bringAbout(reason)
        #expect(eventually { drops() > 0 })
    }
}

/// Two peers that reach each other, and what one of them must do.
private struct Story {
    let hub: Hub
    let (a, b): (TestPeer, TestPeer)
    private let aToB = Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3")

    init(_ hub: Hub) throws {
        self.hub = hub
        (a, b) = try hub.pair()
    }

    func bringAbout(_ reason: DropReason) throws {
        switch reason {
        case .shortOrUnknownType, .badLength, .truncated, .badMac1, .unknownInitiator, .peerDisabled, .badHandshakeTag, .zeroSharedSecret,
            .timestampReplay,
            .initiationFlood, .responseWithoutState, .cookieReplyUnusable, .sessionTableFull, .copiedKey:
            sendHandshake(reason)
        case .cookieSent, .rateLimited, .handshakeQueueFull: bringUnderLoad(reason)
        case .unknownIndex, .expiredKey, .counterLimit, .badTag, .replayDuplicate, .replayTooOld, .badInnerType, .badInnerLength, .sourceNotAllowed,
            .overShare:
            sendData(reason)
        case .noRouteToPeer, .notInAllowedIPs, .notInReceiversAllowedIPs, .noEndpoint, .hopLimitExceeded, .tooBig, .icmpSuppressed,
            .hubServiceUnknown, .reassemblyFailed, .ruleRefused, .noEgress:
            route(reason)
        case .badNameQuery, .nameBudget: askForNames(reason)
        case .stagedOverflow, .stagedPurged, .keyExpired, .peerRemoved: wait(reason)
        case .endpointUnreachable, .sendNotPermitted, .datagramTooLong, .socketError, .sendQueueFull: a.send(longPacket(reason))
        }
    }

    private func sendHandshake(_ reason: DropReason) {
        let key = hub.engine.publicKey
        switch reason {
        case .shortOrUnknownType: a.sendRaw([5, 0, 0, 0])
        case .badLength: a.sendRaw([1] + [UInt8](repeating: 0, count: 148))
        case .truncated: a.sendRaw([Calls.truncatedType, 0, 0, 0])
        case .badMac1: a.sendRaw([1] + [UInt8](repeating: 0, count: 147))
        case .unknownInitiator: hub.peer("10.3.2.50").sendInitiation()
        case .peerDisabled:
            var configuration = a.configuration(reaching: [])
            configuration.isEnabled = false
            _ = hub.engine.apply([.update(configuration)], generation: 5)
            a.sendInitiation()
        case .badHandshakeTag: a.sendRaw(junk(type: 1, byteCount: 148, for: key))
        case .zeroSharedSecret:
            // The point of order one for an ephemeral key.
            var bytes = junk(type: 1, byteCount: 148, for: key)
            bytes.replaceSubrange(8..<40, with: [UInt8](repeating: 0, count: 32))
            a.sendRaw(withMac1(bytes, for: key))
        case .timestampReplay:
            Linux.Thread.sleep(.milliseconds(40))
            a.sendRaw(a.sendInitiation())
        case .initiationFlood:
            // Two initiations that the hub handles within 20 milliseconds; a busy machine may need several attempts.
            let wall = UInt64(UnixTime.now().seconds + 5) * 1_000_000_000
            for number in 0..<100 as Range<UInt64> where hub.engine.dropped(.initiationFlood) == 0 {
                a.sendInitiation(timestamp: wall + number * 100_000_000)
            }
        case .sessionTableFull:
            hub.engine.control.locked { while hub.engine.control.allocateKeypair() != nil {} }
            Linux.Thread.sleep(.milliseconds(40))
            a.sendInitiation()
        case .copiedKey:
            let twin = TestPeer(
                "10.3.2.2", hub: key, at: hub.engine.listen, privateKey: a.identity.privateKey, bind: "127.0.0.2")
            hub.engine.control.locked {
                guard let peer = hub.engine.control.peers[a.publicKey] else { return }
                peer.firstNetwork.note(from: UDPAddress(a.endpoint), to: UDPAddress(twin.endpoint), now: .now())
                _ = peer.firstNetwork.keep(now: .now())
            }
            // The twin's timestamp must be later, and timestamps have steps of 17 milliseconds.
            Linux.Thread.sleep(.milliseconds(40))
            twin.sendInitiation()
        case .responseWithoutState: a.sendRaw(junk(type: 2, byteCount: 92, for: key))
        default: a.sendRaw([3] + [UInt8](repeating: 0, count: 63))
        }
    }

    private func bringUnderLoad(_ reason: DropReason) {
        let flood = junk(type: 1, byteCount: 148, for: hub.engine.publicKey)
        let socket = LoopbackSocket()
        hub.engine.shared.queue.useUpCredit()
        hub.engine.holdingHandshakes {
            for _ in 0..<600 { socket.send(flood, to: hub.engine.listen) }
            while socket.receive()?.bytes.count != 64 {}
            guard reason != .cookieSent else { return }
            a.sendInitiation()
            while a.messagesReceived.last != .cookieReply { _ = a.receiveMessage(timeout: .seconds(1)) }
            let proven = a.sendInitiation()
            if reason == .rateLimited { for _ in 0..<20 { a.sendRaw(proven) } }
            // Reading the status would wait for the blocked thread.
            let isFull = { hub.engine.shared.counters.contains { $0.counters.drops(.handshakeQueueFull) > 0 } }
            while reason == .handshakeQueueFull, !isFull() { a.sendRaw(proven) }
            Linux.Thread.sleep(.milliseconds(50))
        }
    }

    private func sendData(_ reason: DropReason) {
        switch reason {
        case .unknownIndex: a.sendRaw([4] + [UInt8](repeating: 0, count: 63))
        case .expiredKey:
            hub.engine.age(a.publicKey, by: .seconds(180))
            a.send(aToB)
        case .counterLimit: a.send(aToB, counter: .max)
        case .badTag:
            var message = a.seal(aToB)
            message[20] ^= 1
            a.sendRaw(message)
        case .replayDuplicate: for _ in 0..<2 { a.send(aToB, counter: 100) }
        case .replayTooOld: for counter in [20_000, 1_000] as [UInt64] { a.send(aToB, counter: counter) }
        case .badInnerType: a.send([UInt8](repeating: 0, count: 16))
        case .badInnerLength: a.send(Array(aToB.dropLast()))
        case .sourceNotAllowed: a.send(Packet.ipv4(from: "10.3.2.9", to: "10.3.2.3"))
        default:
            // Many datagrams of one peer and few of another in each turn, while the kernel reports losses.
            let socket = LoopbackSocket()
            for _ in 0..<20 {
                let train = (0..<40).flatMap { _ in a.seal(aToB) } + b.seal(Packet.ipv4(from: "10.3.2.3", to: "10.3.2.2"))
                socket.send(train, to: hub.engine.listen, segmentByteCount: aToB.count + 32)
                Linux.Thread.sleep(.milliseconds(2))
            }
        }
    }

    private func route(_ reason: DropReason) {
        let engine = hub.engine
        switch reason {
        case .noRouteToPeer: a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.99"))
        case .icmpSuppressed: for _ in 0..<10 { a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.99")) }
        case .noEgress:
            engine.lead([IPPrefix("0.0.0.0/0")!: .closed])
            a.send(Packet.ipv4(from: "10.3.2.2", to: "198.51.100.9"))
        case .hopLimitExceeded: a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", ttl: 1))
        case .hubServiceUnknown: a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.1"))
        case .ruleRefused:
            _ = engine.apply([], rules: PeerRules(end: .deny), generation: 5)
            a.send(aToB)
        case .reassemblyFailed:
            // A fragment that is not the last one and has no multiple of eight bytes.
            var fragment = Packet.ipv4(from: "10.3.2.2", to: "10.3.2.1")
            fragment[6] = 0x20
            a.send(fragment)
        case .notInAllowedIPs:
            _ = engine.apply([.update(a.configuration(reaching: []))], generation: 5)
            a.send(aToB)
        case .notInReceiversAllowedIPs:
            _ = engine.apply([.update(b.configuration(reaching: []))], generation: 5)
            a.send(aToB)
        case .noEndpoint:
            let c = hub.peer("10.3.2.4")
            hub.add(c, reaching: ["10.3.2.2/32"])
            _ = engine.apply([.update(a.configuration(reaching: ["10.3.2.0/24"]))], generation: 5)
            a.send(Packet.ipv4(from: "10.3.2.2", to: "10.3.2.4"))
        default:
            _ = engine.apply([.update(b.configuration(reaching: ["10.3.2.2/32"], mtu: 600))], generation: 5)
            var packet = Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8](repeating: 0, count: 600))
            packet[6] = 0x40
            a.send(packet)
        }
    }

    private func askForNames(_ reason: DropReason) {
        let names = [ZoneName(label: "b", addresses: [IPAddress("10.3.2.3")!])]
        let zone = DomainName("hairpin.internal").map { Zone(domain: $0, names: names, serial: 1) }
        _ = hub.engine.apply([], zone: zone, generation: 5)
        guard reason == .nameBudget else { return a.send(Question.packet(from: "10.3.2.2", to: "10.3.2.1", [0])) }
        // A busy worker answers few questions of one peer. A slow machine may need several attempts to make it busy.
        let (query, socket) = (Question.packet(from: "10.3.2.2", to: "10.3.2.1", Question.bytes("b.hairpin.internal", 1)), LoopbackSocket())
        for _ in 0..<200 where hub.engine.dropped(.nameBudget) == 0 {
            for _ in 0..<20 {
                socket.send((0..<40).flatMap { _ in a.seal(aToB) }, to: hub.engine.listen, segmentByteCount: aToB.count + 32)
                socket.send((0..<10).flatMap { _ in a.seal(query) }, to: hub.engine.listen, segmentByteCount: query.count + 32)
            }
        }
    }

    /// With packets for a peer that does not answer, or for a session at its end.
    private func wait(_ reason: DropReason) {
        let (engine, silent, socket) = (hub.engine, hub.peer("10.3.2.4"), LoopbackSocket())
        guard reason != .keyExpired else {
            return engine.control.locked {
                guard let peer = engine.control.peers[b.publicKey], let keypair = peer.keypairs.current else { return }
                engine.shared.keypairs.at(keypair).pointee.sendCounter.store(Constants.rejectAfterMessages - 1, ordering: .relaxed)
                for _ in 0..<2 {
                    engine.control.counters.counters.datagramsRouted.increment()
                    _ = engine.shared.peers.at(peer.slot).pointee.staged.append(
                        aToB, byteCount: aToB.count, from: .hub, total: engine.shared.stagedBytes)
                }
                engine.control.egress.sendStaged(to: peer.slot, mtu: 0, now: .now())
            }
        }
        _ = engine.apply(
            [
                .update(a.configuration(reaching: ["10.3.2.0/24"])),
                .add(silent.configuration(reaching: ["10.3.2.2/32"]), PeerMemory(endpoint: socket.endpoint)),
            ], generation: 5)
        let toSilent = Packet.ipv4(from: "10.3.2.2", to: "10.3.2.4")
        for _ in 0..<(reason == .stagedOverflow ? Constants.stagedPackets + 1 : 1) { a.send(toSilent) }
        #expect(eventually { engine.peer(silent.publicKey)?.staged ?? 0 > 0 && socket.receive() != nil })
        if reason == .peerRemoved { _ = engine.apply([.remove(silent.publicKey)], generation: 6) }
        if reason == .stagedPurged { for attempt in 1...20 { engine.passTime(.seconds(6 * attempt), for: silent.publicKey) } }
    }

    /// Calls that the kernel of `Calls.refusing` refuses; and for one reason a packet that fits into no datagram with the hub's padding.
    private func longPacket(_ reason: DropReason) -> [UInt8] {
        Packet.ipv4(from: "10.3.2.2", to: "10.3.2.3", payload: [UInt8](repeating: 0, count: reason == .datagramTooLong ? 65_475 - 28 : 700))
    }
}

/// Kernels that refuse messages longer than the test's other ones, or report more than they did.
private enum Calls {
    static let truncatedType: UInt8 = 0xEE
    private static let losses = Atomic<UInt32>(0)

    static func refusing(_ reason: DropReason) -> DatagramCalls {
        var calls = DatagramCalls.kernel
        switch reason {
        case .truncated: calls.receive = { Calls.receive($0, $1, $2, reporting: .truncation) }
        case .overShare: calls.receive = { Calls.receive($0, $1, $2, reporting: .losses) }
        case .sendQueueFull: calls.sendMany = { Calls.send($0, $1, $2, refusing: EAGAIN) }
        case .endpointUnreachable: calls.sendMany = { Calls.send($0, $1, $2, refusing: ENETUNREACH) }
        case .sendNotPermitted: calls.sendMany = { Calls.send($0, $1, $2, refusing: EPERM) }
        case .socketError: calls.sendMany = { Calls.send($0, $1, $2, refusing: ENOMEM) }
        default: break
        }
        return calls
    }

    private enum Report { case truncation, losses }

    private static func receive(_ socket: Int32, _ headers: UnsafeMutablePointer<mmsghdr>?, _ count: UInt32, reporting: Report) -> Int32 {
        let received = DatagramCalls.kernel.receive(socket, headers, count)
        guard received > 0, let headers else { return received }
        for index in 0..<Int(received) {
            let isMarked = headers[index].msg_hdr.msg_iov[0].iov_base.load(as: UInt8.self) == truncatedType
            if reporting == .truncation, isMarked { headers[index].msg_hdr.msg_flags |= Int32(MSG_TRUNC) }
        }
        if reporting == .losses {
            let losses = losses.add(1, ordering: .relaxed).newValue
            headers[0].msg_hdr.msg_controllen = ControlMessages.append(
                losses, level: SOL_SOCKET, type: SO_RXQ_OVFL, to: headers[0].msg_hdr.msg_control, at: headers[0].msg_hdr.msg_controllen)
        }
        return received
    }

    private static func send(_ socket: Int32, _ headers: UnsafeMutablePointer<mmsghdr>?, _ count: UInt32, refusing code: Int32) -> Int32 {
        guard let headers else { return 0 }
        let first = (0..<Int(count)).first { headers[$0].msg_hdr.msg_iov[0].iov_len > 700 } ?? Int(count)
        guard first == 0 else { return DatagramCalls.kernel.sendMany(socket, headers, UInt32(first)) }
        errno = code
        return -1
    }
}
