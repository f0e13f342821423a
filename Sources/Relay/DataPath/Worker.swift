// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// One data-plane thread: receives, opens, decides, seals and sends, packet after packet in place, without a queue, a lock or an allocation.
/// The functions stand in the order in which a packet meets them. Handshake messages leave at the second step.
struct Worker: ~Copyable {
    /// Rounds of one socket before the other one gets its turn.
    private static let roundsPerTurn = 16

    private let shared: SharedState
    private let number: Int
    private let counters: CounterSet
    private let sockets: WorkerSockets
    private let checker: CookieChecker
    private let batch = UDPReceiveBatch()
    private var egress: Egress
    private var icmpBudget = ICMPBudget()
    private var snapshot: Unmanaged<Snapshot>
    private var now = Instant(nanoseconds: 0)
    private var losses: (v4: UInt32, v6: UInt32) = (0, 0)
    /// Whether any answer to a probe may come in this round.
    private var isProbing = false
    /// Whose packet is at hand.
    private var parties = Parties()
    /// What a trace will say of it; nil while nobody looks.
    private var note: PacketNote?

    init(shared: SharedState, number: Int, segmenting: Bool) {
        self.shared = shared
        self.number = number
        counters = shared.counters[number]
        sockets = shared.sockets.of(number)
        checker = CookieChecker(identity: shared.identity)
        egress = Egress(shared: shared, counters: counters, sockets: sockets, segmenting: segmenting)
        snapshot = shared.snapshot.load()
    }

    /// Runs until the engine stops; `wake` is signalled then.
    mutating func run(wake: borrowing EventDescriptor) throws(Errno) {
        var poller = try Poller(capacity: 4)
        // Held once for all rounds.
        let (v4, v6) = (sockets.v4, sockets.v6)
        try poller.add(wake.descriptor, token: 0, for: .readable)
        if let v4 { try poller.add(v4.socket.descriptor, token: 4, for: .readable) }
        if let v6 { try poller.add(v6.socket.descriptor, token: 6, for: .readable) }
        while !shared.isStopping.load(ordering: .acquiring) {
            shared.grace.offline(number)
            let count = try poller.wait(timeout: nil)
            for index in 0..<count {
                switch poller[index].token {
                case 4: if let v4 { receive(from: v4) }
                case 6: if let v6 { receive(from: v6) }
                default: break
                }
            }
        }
        shared.grace.offline(number)
    }

    /// Takes what has arrived at a socket, a few trains a round, and sends what came of it before the next round: nothing is held back.
    private mutating func receive(from box: SocketBox) {
        for _ in 0..<Self.roundsPerTurn {
            // An error here belongs to an earlier send (ICMP) and is taken by reading it; the socket lives on.
            let count = (try? box.socket.receive(into: batch)) ?? 0
            guard count > 0 else { return }
            shared.grace.online(number)
            snapshot = shared.snapshot.load()
            isProbing = shared.probes.isActive
            now = Instant.now()
            for index in 0..<count { split(batch.train(at: index), isV4: box.socket.isV4) }
            egress.flush(now: now)
            guard count == UDPReceiveBatch.messages else { return }
        }
    }

    /// Cuts a train into its datagrams, however many (protocol.md F-10).
    private mutating func split(_ train: UDPReceiveBatch.Train, isV4: Bool) {
        if let lost = train.lost { noteLosses(lost, isV4: isV4) }
        var offset = 0
        repeat {
            let byteCount = min(train.segmentByteCount, train.byteCount - offset)
            counters.counters.datagramsReceived.increment()
            if train.isTruncated {
                counters.counters.drop(.truncated, now: now)
            } else {
                classify(train.bytes + offset, byteCount: byteCount, train)
            }
            offset += max(byteCount, 1)
        } while offset < train.byteCount
    }

    private mutating func classify(_ bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train) {
        parties = Parties()
        note = shared.trace.isOn.load(ordering: .relaxed) ? PacketNote(outside: train.source, byteCount: byteCount) : nil
        do throws(DropReason) {
            switch try MessageType.read(bytes, byteCount: byteCount) {
            case .transport: try open(bytes, byteCount: byteCount, train)
            case .initiation, .response: try admit(bytes, byteCount: byteCount, train)
            case .cookieReply: try admitCookie(bytes, byteCount: byteCount, train)
            }
        } catch {
            counters.counters.drop(error, parties, now: now)
            note?.verdict = .dropped(error)
        }
        if let note { shared.trace.add(note, parties, now: now) }
    }

    // MARK: Transport data, in the order of protocol.md X-1

    private mutating func open(_ bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train) throws(DropReason) {
        let index = UnsafeRawPointer(bytes).uint32LE(at: Transport.receiver)
        let counter = UnsafeRawPointer(bytes).uint64LE(at: Transport.counter)
        guard let found = shared.indices.slot(for: index), found & SharedState.pendingBit == 0 else { throw .unknownIndex }
        let session = shared.sessions.at(found)
        guard session.pointee.index.load(ordering: .acquiring) == index else { throw .unknownIndex }
        parties.sender = session.pointee.peer
        guard !session.pointee.isExpired(at: now) else { throw .expiredKey }
        guard counter < Constants.rejectAfterMessages else { throw .counterLimit }
        let plain = bytes + Transport.ciphertext
        let plainByteCount = byteCount - Transport.overhead
        guard egress.open(session, counter: counter, at: plain, byteCount: plainByteCount) else { throw .badTag }
        switch session.acceptOnce(counter) {
        case .accepted: break
        case .duplicate: throw .replayDuplicate
        case .tooOld: throw .replayTooOld
        }
        if !session.pointee.isConfirmed.load(ordering: .relaxed) { confirm(found, index) }
        accept(session, train, isData: plainByteCount > 0)
        if plainByteCount == 0 {
            note?.verdict = .keepalive
            counters.counters.datagramsAccepted.increment()
            counters.counters.received(byteCount, from: session.pointee.peer)
        } else {
            try forward(plain, byteCount: plainByteCount, from: session.pointee.peer, outer: train.ecn, messageByteCount: byteCount)
        }
    }

    /// The first packet under a session that we answered for: from now on it is the one to send with, so that already the answer to this
    /// packet goes out under it (S-5). The control side does the rest.
    private func confirm(_ number: UInt32, _ index: UInt32) {
        let session = shared.sessions.at(number)
        guard !session.pointee.isConfirmed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let current = shared.peers.at(session.pointee.peer)
        let before = current.pointee.sendSession.load(ordering: .acquiring)
        let switched = current.pointee.sendSession.compareExchange(
            expected: before, desired: number + 1, ordering: .acquiringAndReleasing
        ).exchanged
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        if switched, session.pointee.index.load(ordering: .acquiring) != index {
            _ = current.pointee.sendSession.compareExchange(expected: number + 1, desired: 0, ordering: .acquiringAndReleasing)
        }
        shared.notify(session.pointee.peer, .confirmed)
    }

    /// What every authentic packet does, whatever is inside: endpoint, rekey, timers (E-1, S-10, I-8).
    private func accept(_ session: UnsafeMutablePointer<Session>, _ train: UDPReceiveBatch.Train, isData: Bool) {
        let peer = session.pointee.peer
        let slot = shared.peers.at(peer)
        let path = Path(remote: train.source, local: train.local)
        let before = slot.pointee.path.load()
        if before != path {
            slot.pointee.path.store(path)
            noteMove(of: peer, under: session, from: before, to: path)
        }
        if session.pointee.isInitiator, now - session.pointee.createdAt >= Constants.rekeyAfterTimeReceiving {
            egress.requestRekey(session, now: now)
        }
        if slot.pointee.activity.received(isData: isData, now: now.nanoseconds) {
            shared.arm(peer, by: (now + Constants.keepaliveTimeout).nanoseconds)
        }
    }

    /// A machine that roams is no news; two that take turns with one key are.
    private func noteMove(of peer: UInt32, under session: UnsafeMutablePointer<Session>, from before: Path, to path: Path) {
        guard !before.remote.isUnset, before.remote != path.remote else { return }
        let index = session.pointee.index.load(ordering: .relaxed)
        if shared.moves.at(peer).pointee.moved(under: index, from: before, to: path, now: now) { shared.notify(peer, .contested) }
    }

    /// The hairpin turn: checks what is inside, decides, and passes it on.
    private mutating func forward(
        _ plain: UnsafeMutableRawPointer, byteCount: Int, from sender: UInt32, outer: UInt8, messageByteCount: Int
    ) throws(DropReason) {
        let packet = try IPPacket(at: plain, available: byteCount)
        note?.read(packet)
        let verdict = snapshot._withUnsafeGuaranteedRef {
            $0.table.decide(from: sender, source: packet.source, destination: packet.destination)
        }
        if verdict == .refuse(.sourceNotAllowed) { throw .sourceNotAllowed }
        counters.counters.received(messageByteCount, from: sender)
        counters.counters.datagramsAccepted.increment()
        if isProbing, let answer = ICMP.probeAnswer(in: packet), shared.probes.take(answer, from: sender, now: now) {
            note?.verdict = .probe
            return
        }
        counters.counters.datagramsRouted.increment()
        markCongestion(packet, outer: outer)
        let room = byteCount + 16
        switch verdict {
        case .forward(let receiver):
            parties.receiver = receiver
            try pass(packet, room: room, from: sender, to: receiver)
        case .deliver: try answer(packet, room: room, to: sender)
        case .refuse(let reason):
            parties.receiver = owner(of: packet.destination)
            explain(reason == .noRouteToPeer ? .unreachable : .prohibited, about: packet, to: sender)
            throw reason
        }
    }

    /// Who would have got a refused packet.
    private func owner(of destination: IPAddress) -> UInt32 {
        let owner = snapshot._withUnsafeGuaranteedRef { $0.table.owner(of: destination) }
        return owner == ForwardingTable.hub ? Parties.nobody : owner ?? Parties.nobody
    }

    private mutating func pass(_ packet: IPPacket, room: Int, from sender: UInt32, to receiver: UInt32) throws(DropReason) {
        guard packet.hopLimit > 1 else {
            explain(.hopLimitExceeded, about: packet, to: sender)
            throw .hopLimitExceeded
        }
        let mtu = Int(snapshot._withUnsafeGuaranteedRef { $0.mtus[Int(receiver)] })
        if mtu != 0, packet.byteCount > mtu, packet.dontFragment {
            explain(.tooBig(mtu: mtu), about: packet, to: sender)
            throw .tooBig
        }
        packet.decrementHopLimit()
        let outcome = egress.send(
            packet.base, byteCount: packet.byteCount, room: room, to: receiver, ecn: packet.ecn, mtu: mtu, now: now)
        switch outcome {
        case .sent: break
        case .staged: note?.verdict = .staged
        case .refused(let reason):
            if reason == .noEndpoint { explain(.unreachable, about: packet, to: sender) }
            throw reason
        }
    }

    /// The hub answers pings to itself and nothing else.
    private mutating func answer(_ packet: IPPacket, room: Int, to sender: UInt32) throws(DropReason) {
        note?.verdict = .delivered
        guard ICMP.answerEcho(packet) else { throw .hubServiceUnknown }
        let outcome = egress.send(packet.base, byteCount: packet.byteCount, room: room, to: sender, now: now)
        if case .refused(let reason) = outcome { throw reason }
    }

    /// RFC 6040: what the outer header learned on the way goes into the inner one (D-9).
    private func markCongestion(_ packet: IPPacket, outer: UInt8) {
        guard outer != 0, let outer = ECN(rawValue: outer) else { return }
        let inner = packet.ecn
        let merged = inner.afterDecapsulation(outer: outer)
        if merged != inner { packet.set(ecn: merged) }
    }

    /// Tells the sender in ICMP why its packet went no further, if that may be told and not too often (H-3 to H-13).
    private mutating func explain(_ failure: ICMP.Failure, about packet: IPPacket, to sender: UInt32) {
        guard ICMP.mayAnswer(packet) else { return }
        if case .tooBig = failure {
        } else {
            guard icmpBudget.allows(sender, now: now) else {
                counters.counters.datagramsRouted.increment()
                return counters.counters.drop(.icmpSuppressed, Parties(receiver: sender), now: now)
            }
        }
        let isV4 = packet.isV4
        let buffer = egress.makeRoom(ICMP.largestError6, now: now)
        let byteCount = ICMP.writeError(failure, about: packet, from: shared.hubAddresses.first { $0.isV4 == isV4 }, to: buffer)
        guard byteCount > 0 else { return }
        counters.counters.datagramsRouted.increment()
        let outcome = egress.send(buffer, byteCount: byteCount, room: ICMP.largestError6 + 16, to: sender, now: now)
        if case .refused(let reason) = outcome { counters.counters.drop(reason, Parties(receiver: sender), now: now) }
    }

    // MARK: Handshake messages

    /// Lets a handshake message in whose sender knows our key, and under load only one whose sender can receive where it says it is (M-1 to M-8).
    private mutating func admit(_ bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train) throws(DropReason) {
        guard checker.hasValidMac1(bytes, byteCount: byteCount) else { throw .badMac1 }
        guard shared.queue.isUnderLoad(now: now) else {
            return try enqueue(bytes, byteCount: byteCount, train, isUnderLoad: false)
        }
        guard let source = train.source.endpoint else { throw .shortOrUnknownType }
        let secret = shared.cookieSecret.current(now: now)
        guard checker.hasValidMac2(bytes, byteCount: byteCount, source: source, secret: secret) else {
            sendCookie(for: bytes, byteCount: byteCount, train, source, secret)
            throw .cookieSent
        }
        try enqueue(bytes, byteCount: byteCount, train, isUnderLoad: true)
    }

    /// Lets a cookie reply in that names an index of ours: it has no mac1, and strangers must not fill the queue with it (M-9).
    private func admitCookie(_ bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train) throws(DropReason) {
        guard shared.indices.slot(for: UnsafeRawPointer(bytes).uint32LE(at: CookieReply.receiver)) != nil else { throw .cookieReplyUnusable }
        try enqueue(bytes, byteCount: byteCount, train, isUnderLoad: false)
    }

    private mutating func sendCookie(
        for bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train, _ source: Endpoint, _ secret: CookieSecret.Value
    ) {
        withUnsafeTemporaryAllocation(byteCount: CookieReply.byteCount, alignment: 16) { reply in
            checker.writeReply(
                to: bytes, byteCount: byteCount, source: source, secret: secret, nonce: CookieSecret.nonce(), into: reply.baseAddress!)
            egress.send(
                message: reply.baseAddress!, byteCount: CookieReply.byteCount, on: Path(remote: train.source, local: train.local), peer: nil,
                trafficClass: 0, now: now)
        }
    }

    private func enqueue(
        _ bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train, isUnderLoad: Bool
    ) throws(DropReason) {
        var message = HandshakeQueue.Message(
            bytes: InlineArray(repeating: 0), byteCount: byteCount, path: Path(remote: train.source, local: train.local), isUnderLoad: isUnderLoad)
        withUnsafeMutableBytes(of: &message.bytes) { $0.baseAddress!.copyMemory(from: bytes, byteCount: byteCount) }
        guard shared.queue.append(message) else { throw .handshakeQueueFull }
    }

    /// The kernel counts losses from the opening of the socket, modulo 2^32.
    private mutating func noteLosses(_ lost: UInt32, isV4: Bool) {
        let before = isV4 ? losses.v4 : losses.v6
        guard lost != before else { return }
        counters.counters.socketLosses.increment(by: UInt64(lost &- before))
        if isV4 { losses.v4 = lost } else { losses.v6 = lost }
    }
}
