// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// One data-plane thread: receives, opens, decides, seals and sends, packet after packet in place, without a queue, a lock or an allocation.
/// The functions stand in the order in which a packet meets them. Handshake messages leave at the second step, for the control side, which may
/// get its turns here (`CoreShare`).
struct Worker: ~Copyable {
    /// Rounds of one socket before the other one gets its turn.
    private static let roundsPerTurn = 16

    let shared: SharedState
    private let number: Int
    let counters: CounterSet
    private let sockets: WorkerSockets
    let checker: CookieChecker
    private let batch = UDPReceiveBatch()
    var egress: Egress
    var icmpBudget = ICMPBudget()
    var snapshot: Unmanaged<Snapshot>
    private(set) var now = Instant(nanoseconds: 0)
    private var fairShare = FairShare()
    private var losses: (v4: UInt32, v6: UInt32) = (0, 0)
    /// Whether any answer to a probe may come in this round.
    private(set) var isProbing = false
    /// Whose packet is at hand.
    var parties = Parties()
    /// What a trace will say of it; nil while nobody looks.
    var note: PacketNote?

    init(shared: SharedState, number: Int, segmenting: Bool) {
        self.shared = shared
        self.number = number
        counters = shared.counters[number]
        sockets = shared.sockets.of(number)
        checker = CookieChecker(identity: shared.identity)
        egress = Egress(shared: shared, counters: counters, sockets: sockets, segmenting: segmenting)
        snapshot = shared.snapshot.load()
    }

    /// Runs until the engine stops; `wake` is signalled then. A worker that has one core with the control side gives that its turns.
    mutating func run(wake: borrowing EventDescriptor, sharing core: CoreShare?) throws(Errno) {
        var core = core
        var poller = try Poller(capacity: 4)
        // Held once for all rounds.
        let (v4, v6) = (sockets.v4, sockets.v6)
        try poller.add(wake.descriptor, token: 0, for: .readable)
        if let v4 { try poller.add(v4.socket.descriptor, token: 4, for: .readable) }
        if let v6 { try poller.add(v6.socket.descriptor, token: 6, for: .readable) }
        if core != nil { try poller.add(shared.queue.wake.descriptor, token: 1, for: .readable) }
        while !shared.isStopping.load(ordering: .acquiring) {
            shared.grace.offline(number)
            let count = try poller.wait(timeout: core?.patience)
            var packetsWait = false
            for index in 0..<count {
                switch poller[index].token {
                case 4: if let v4 { packetsWait = receive(from: v4) || packetsWait }
                case 6: if let v6 { packetsWait = receive(from: v6) || packetsWait }
                case 1: core?.noteCall()
                default: break
                }
            }
            guard core != nil else { continue }
            shared.grace.offline(number)
            core?.run(packetsWait: packetsWait)
        }
        shared.grace.offline(number)
    }

    /// Takes what has arrived at a socket, a few trains a round, and sends what came of it before the next round: nothing is held back.
    /// True if there may be more.
    private mutating func receive(from box: SocketBox) -> Bool {
        fairShare.beginTurn(now: now)
        for _ in 0..<Self.roundsPerTurn {
            // An error here belongs to an earlier send (ICMP) and is taken by reading it; the socket lives on.
            let count = (try? box.socket.receive(into: batch)) ?? 0
            guard count > 0 else { return false }
            shared.grace.online(number)
            snapshot = shared.snapshot.load()
            isProbing = shared.probes.isActive
            now = Instant.now()
            for index in 0..<count { split(batch.train(at: index), isV4: box.socket.isV4) }
            egress.flush(now: now)
            guard count == UDPReceiveBatch.messages else { return false }
        }
        return true
    }

    /// Cuts a train into its datagrams, however many (WG-F-10).
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

    // MARK: Transport data, in the order of WG-X-1

    private mutating func open(_ bytes: UnsafeMutableRawPointer, byteCount: Int, _ train: UDPReceiveBatch.Train) throws(DropReason) {
        let index = UnsafeRawPointer(bytes).uint32LE(at: Transport.receiver)
        let counter = UnsafeRawPointer(bytes).uint64LE(at: Transport.counter)
        guard let found = shared.indices.slot(for: index), found & SharedState.pendingBit == 0 else { throw .unknownIndex }
        let session = shared.sessions.at(found)
        guard session.pointee.index.load(ordering: .acquiring) == index else { throw .unknownIndex }
        parties.sender = session.pointee.peer
        if fairShare.isStrict, !fairShare.takes(session.pointee.peer) { throw .overShare }
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
    /// packet goes out under it (WG-S-5). The control side does the rest.
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

    /// What every authentic packet does, whatever is inside: endpoint, rekey, timers (WG-E-1, WG-S-10, WG-I-8).
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

    /// The kernel counts losses from the opening of the socket, modulo 2^32.
    private mutating func noteLosses(_ lost: UInt32, isV4: Bool) {
        let before = isV4 ? losses.v4 : losses.v6
        guard lost != before else { return }
        counters.counters.socketLosses.increment(by: UInt64(lost &- before))
        fairShare.noteLoss(now: now)
        if isV4 { losses.v4 = lost } else { losses.v6 = lost }
    }
}
