// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// One data-plane thread: receives, decrypts, decides, encrypts and sends, packet by packet and in place, without a queue, a lock or an
/// allocation. The functions are ordered as a packet meets them. Handshake messages leave after the second step for the control side, which
/// may also run on this thread (`CoreShare`).
struct Worker: ~Copyable {
    /// Rounds on one socket before the other one gets its turn.
    static let roundsPerTurn = 16

    let shared: SharedState
    private let number: Int
    let counters: CounterSet
    private let sockets: WorkerSockets
    let checker: CookieChecker
    private let batch = UDPReceiveBatch()
    var egress: Egress
    var host: HostSide
    var icmpBudget = ICMPBudget()
    var nameBudget = NameBudget()
    var snapshot: Unmanaged<Snapshot>
    private(set) var now = Instant(nanoseconds: 0)
    private var fairShare = FairShare()
    private var losses: (v4: UInt32, v6: UInt32) = (0, 0)
    /// Whether answers to probes may arrive in this round.
    private(set) var isProbing = false
    /// Whether the snapshot of this round has rules.
    private(set) var hasRules = false
    /// The sender and receiver of the current packet.
    var parties = Parties()
    /// The last pair that was marked in this round.
    private var lastPair: UInt64 = 0
    /// The trace's note about the current packet; nil without a trace.
    var note: PacketNote?

    init(shared: SharedState, number: Int, segmenting: Bool) {
        self.shared = shared
        self.number = number
        counters = shared.counters[number]
        sockets = shared.sockets.of(number)
        checker = CookieChecker(identity: shared.identity)
        egress = Egress(shared: shared, counters: counters, sockets: sockets, segmenting: segmenting)
        host = HostSide(shared.host, worker: number)
        snapshot = shared.snapshot.load()
    }

    /// Runs until the engine stops and signals `wake`. A worker that shares a single core with the control side also runs its turns.
    mutating func run(wake: borrowing EventDescriptor, sharing core: CoreShare?) throws(Errno) {
        var core = core
        var poller = try Poller(capacity: 5)
        // Retained once for all rounds.
        let (v4, v6, tun) = (sockets.v4, sockets.v6, host.queue)
        try poller.add(wake.descriptor, token: 0, for: .readable)
        if let v4 { try poller.add(v4.socket.descriptor, token: 4, for: .readable) }
        if let v6 { try poller.add(v6.socket.descriptor, token: 6, for: .readable) }
        if let tun { try poller.add(tun.descriptor, token: 2, for: .readable) }
        if core != nil { try poller.add(shared.queue.wake.descriptor, token: 1, for: .readable) }
        while !shared.isStopping.load(ordering: .acquiring) {
            shared.grace.offline(number)
            if shared.stepAside.isDue(now: now) { Thread.sleep(StepAside.pause) }
            let count = try poller.wait(timeout: core?.patience)
            var packetsWait = false
            for index in 0..<count {
                switch poller[index].token {
                case 4: if let v4 { packetsWait = receive(from: v4) || packetsWait }
                case 6: if let v6 { packetsWait = receive(from: v6) || packetsWait }
                case 2:
                    if let tun {
                        packetsWait = receive(fromHost: tun) || packetsWait
                        // Somebody deleted the interface. It would be reported again and again.
                        if !host.isOpen { try? poller.remove(tun.descriptor) }
                    }
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

    /// Receives the datagrams of a socket, a few trains per round, and sends the results before the next round, so that nothing is delayed.
    /// True if more may be waiting.
    private mutating func receive(from box: SocketBox) -> Bool {
        fairShare.beginTurn(now: now, received: counters.counters.datagramsReceived.load(ordering: .relaxed))
        for _ in 0..<Self.roundsPerTurn {
            // An error here was caused by an earlier send (ICMP). Reading clears it, and the socket remains usable.
            let count = (try? box.socket.receive(into: batch)) ?? 0
            guard count > 0 else { return false }
            beginRound()
            counters.counters.receivedAt.store(now.nanoseconds, ordering: .relaxed)
            for index in 0..<count { split(batch.train(at: index), isV4: box.socket.isV4) }
            egress.flush(now: now)
            if host.isWaiting { flushHost() }
            guard count == UDPReceiveBatch.messages else { return false }
        }
        return true
    }

    /// Takes the newest tables and the time for packets that were just received.
    mutating func beginRound() {
        shared.grace.online(number)
        snapshot = shared.snapshot.load()
        isProbing = shared.probes.isActive
        hasRules = snapshot._withUnsafeGuaranteedRef { $0.book != nil }
        now = Instant.now()
        // The control side may have read the mark.
        lastPair = 0
    }

    /// Splits a train into any number of datagrams (WG-F-10).
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
        let keypair = shared.keypairs.at(found)
        guard keypair.pointee.index.load(ordering: .acquiring) == index else { throw .unknownIndex }
        parties.sender = keypair.pointee.peer
        if fairShare.isStrict, !fairShare.takes(keypair.pointee.peer) { throw .overShare }
        try keypair.pointee.age.checkReceipt(counter: counter, at: now)
        let plain = bytes + Transport.ciphertext
        let plainByteCount = byteCount - Transport.overhead
        guard egress.open(keypair, counter: counter, at: plain, byteCount: plainByteCount) else { throw .badTag }
        switch keypair.acceptOnce(counter) {
        case .accepted: break
        case .duplicate: throw .replayDuplicate
        case .tooOld: throw .replayTooOld
        }
        if !keypair.pointee.isConfirmed.load(ordering: .relaxed) { confirm(found, index) }
        accept(keypair, train, isData: plainByteCount > 0)
        if plainByteCount == 0 {
            note?.verdict = .keepalive
            counters.counters.datagramsAccepted.increment()
            counters.counters.received(byteCount, from: keypair.pointee.peer)
        } else {
            try forward(plain, byteCount: plainByteCount, from: keypair.pointee.peer, outer: train.ecn, messageByteCount: byteCount)
        }
    }

    /// Confirms a keypair of a handshake that we answered, on its first packet. We send with it from now on, so that even the answer to
    /// this packet uses it (WG-S-5). The control side does the rest.
    private func confirm(_ number: UInt32, _ index: UInt32) {
        let keypair = shared.keypairs.at(number)
        guard !keypair.pointee.isConfirmed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let current = shared.peers.at(keypair.pointee.peer)
        let before = current.pointee.sendKeypair.load(ordering: .acquiring)
        let switched = current.pointee.sendKeypair.compareExchange(
            expected: before, desired: number + 1, ordering: .acquiringAndReleasing
        ).exchanged
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        if switched, keypair.pointee.index.load(ordering: .acquiring) != index {
            _ = current.pointee.sendKeypair.compareExchange(expected: number + 1, desired: 0, ordering: .acquiringAndReleasing)
        }
        shared.notify(keypair.pointee.peer, .confirmed)
    }

    /// Updates what every authentic packet updates, whatever it contains: endpoint, rekey request and timers (WG-E-1, WG-S-10, WG-I-8).
    private func accept(_ keypair: UnsafeMutablePointer<Keypair>, _ train: UDPReceiveBatch.Train, isData: Bool) {
        let peer = keypair.pointee.peer
        let slot = shared.peers.at(peer)
        let path = Path(remote: train.source, local: train.local)
        let before = slot.pointee.path.load()
        if before != path, before != path.following(before) {
            slot.pointee.path.store(path)
            if before.changesHost(to: path) { slot.pointee.activity.moved(now: now.nanoseconds) }
            noteMove(of: peer, under: keypair, from: before, to: path)
        }
        if keypair.pointee.age.mustRenewAfterReceipt(at: now) { egress.requestRekey(keypair, now: now) }
        if slot.pointee.activity.received(isData: isData, now: now.nanoseconds) {
            shared.arm(peer, by: (now + Constants.keepaliveTimeout).nanoseconds)
        }
    }

    /// One machine that roams is normal. Reports only two machines that alternate with one key.
    private func noteMove(of peer: UInt32, under keypair: UnsafeMutablePointer<Keypair>, from before: Path, to path: Path) {
        guard !before.remote.isUnset, before.remote != path.remote else { return }
        let index = keypair.pointee.index.load(ordering: .relaxed)
        if shared.moves.at(peer).pointee.moved(under: index, from: before, to: path, now: now) { shared.notify(peer, .contested) }
    }

    /// Marks that a packet passed between two peers. Consecutive packets of one pair cost a comparison.
    mutating func markPair(_ sender: UInt32, _ receiver: UInt32) {
        let pair = PairMarks.pair(sender, receiver)
        guard pair != lastPair else { return }
        lastPair = pair
        counters.pairs.mark(pair)
    }

    /// The kernel counts losses since the socket was opened, modulo 2^32.
    private mutating func noteLosses(_ lost: UInt32, isV4: Bool) {
        let before = isV4 ? losses.v4 : losses.v6
        guard lost != before else { return }
        counters.counters.socketLosses.increment(by: UInt64(lost &- before))
        fairShare.noteLoss(lost &- before, now: now)
        if isV4 { losses.v4 = lost } else { losses.v6 = lost }
    }
}
