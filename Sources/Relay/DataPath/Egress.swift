// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// The sending side of one thread: encrypts packets in place and combines them into as few system calls as the kernel allows.
///
/// Each packet has sixteen free bytes before it for the header, and room for padding and tag after it. Consecutive datagrams for one
/// receiver become one segmented message (Documentation/data-path.md). Their order is preserved (WG-D-5).
struct Egress: ~Copyable {
    /// The inner MTU that limits padding for peers without an MTU: 1500 - 40 - 8 - 32.
    static let defaultMTU = 1420
    /// Memory for packets that the thread creates or must move, until the next flush.
    private static let scratchByteCount = 512 << 10
    /// Bytes after `makeRoom`'s memory that are reserved for padding and tag.
    static let tailRoom = AEAD.tagByteCount + Constants.paddingMultiple
    /// How often one thread checks for packets that were staged while it sent others. After that, another thread or its next turn
    /// continues.
    private static let stagedRounds = 4

    enum Outcome {
        case sent, staged
        case refused(DropReason)
    }

    private let shared: SharedState
    private let counters: CounterSet
    private let aead: AEAD
    private var v4: OutgoingBatch
    private var v6: OutgoingBatch
    private var segmentation: UDPSocket.Segmentation
    private let scratch: UnsafeMutableRawPointer
    private var scratchUsed = 0

    init(shared: SharedState, counters: CounterSet, sockets: WorkerSockets, segmenting: Bool) {
        self.shared = shared
        self.counters = counters
        aead = AEAD(shared.aead)
        v4 = OutgoingBatch(socket: sockets.v4, counters: counters)
        v6 = OutgoingBatch(socket: sockets.v6, counters: counters)
        segmentation = UDPSocket.Segmentation(isOn: segmenting)
        scratch = .allocate(byteCount: Self.scratchByteCount, alignment: 64)
    }

    deinit { scratch.deallocate() }

    /// Decrypts a packet in place.
    func open(_ keypair: UnsafeMutablePointer<Keypair>, counter: UInt64, at bytes: UnsafeMutableRawPointer, byteCount: Int) -> Bool {
        aead.open(key: keypair.receiveKeyAddress, counter: counter, at: bytes, byteCount: byteCount)
    }

    /// Memory that is valid until the next flush, with room for a header before it and a tag after it.
    mutating func makeRoom(_ byteCount: Int, now: Instant) -> UnsafeMutableRawPointer {
        let needed = (byteCount + Transport.overhead + 63) & ~63
        if scratchUsed + needed > Self.scratchByteCount { flush(now: now) }
        defer { scratchUsed += needed }
        return scratch + scratchUsed + Transport.ciphertext
    }

    /// Sends an inner packet of `byteCount` bytes to a peer, or stages it while there is no keypair (WG-H-5, WG-H-6). An empty packet is a
    /// keepalive and is never staged. `room` is the number of writable bytes from `packet` on. `sender` sent it, and the snapshot of this
    /// number let it pass; 0 for what the hub itself says, about which nothing is decided.
    mutating func send(
        _ packet: UnsafeMutableRawPointer, byteCount: Int, room: Int, to peer: UInt32, from sender: UInt32 = ForwardingTable.hub,
        snapshot: UInt64 = 0, ecn: ECN = .notECT, mtu: Int = 0, now: Instant
    ) -> Outcome {
        let slot = shared.peers.at(peer)
        let path = slot.pointee.path.load()
        guard !path.remote.isUnset else { return .refused(.noEndpoint) }
        let mustQueue = byteCount > 0 && slot.pointee.staged.mustQueue
        guard !mustQueue, let keypair = usableKeypair(of: slot, now: now) else {
            return stage(packet, byteCount, peer, origin(sender, snapshot), mtu: mtu, now: now)
        }
        return seal(packet, byteCount: byteCount, room: room, under: keypair, of: peer, path, ecn: ecn, mtu: mtu, now: now)
    }

    /// Whether there is a keypair to send with.
    func canSend(to peer: UInt32, now: Instant) -> Bool { usableKeypair(of: shared.peers.at(peer), now: now) != nil }

    /// The keypair to send with; nil when there is none, or when its age or counter forbids sending (WG-S-7).
    private func usableKeypair(of slot: UnsafeMutablePointer<SharedPeer>, now: Instant) -> UnsafeMutablePointer<Keypair>? {
        let reference = slot.pointee.sendKeypair.load(ordering: .acquiring)
        guard reference != 0 else { return nil }
        let keypair = shared.keypairs.at(reference - 1)
        let counter = keypair.pointee.sendCounter.load(ordering: .relaxed)
        return keypair.pointee.age.maySend(counter: counter, at: now) ? keypair : nil
    }

    private mutating func seal(
        _ packet: UnsafeMutableRawPointer, byteCount: Int, room: Int, under keypair: UnsafeMutablePointer<Keypair>, of peer: UInt32, _ path: Path,
        ecn: ECN, mtu: Int, now: Instant
    ) -> Outcome {
        // Half of the queue is for peers that are known to be where we send (WG-D-14).
        if shared.peers.at(peer).pointee.activity.isDoubtful(now: now.nanoseconds), isQueueUsed(beyond: 2, on: path) {
            return .refused(.sendQueueFull)
        }
        let padded = Transport.paddedByteCount(byteCount, mtu: mtu == 0 ? Self.defaultMTU : mtu)
        var bytes = packet
        if padded + AEAD.tagByteCount > room {
            bytes = makeRoom(padded, now: now)
            bytes.copyMemory(from: packet, byteCount: byteCount)
        }
        if padded > byteCount { (bytes + byteCount).initializeMemory(as: UInt8.self, repeating: 0, count: padded - byteCount) }

        let counter = keypair.pointee.sendCounter.add(1, ordering: .relaxed).oldValue
        guard KeypairAge.allows(counter: counter) else { return .refused(.keyExpired) }
        let header = bytes - Transport.ciphertext
        Transport.writeHeader(receiver: keypair.pointee.remoteIndex, counter: counter, to: header)
        aead.seal(key: keypair.sendKeyAddress, counter: counter, at: bytes, byteCount: padded)
        if byteCount == 0 { counters.counters.datagramsRouted.increment() }
        enqueue(header, padded + Transport.overhead, OutgoingBatch.Key(peer: peer, path: path, trafficClass: ecn.encapsulated.rawValue), now: now)

        if shared.peers.at(peer).pointee.activity.sent(isData: byteCount > 0, now: now.nanoseconds) {
            shared.arm(peer, by: (now + Constants.deadPeerTimeout).nanoseconds)
        }
        if keypair.pointee.age.mustRenew(afterSending: counter, at: now) { requestRekey(keypair, now: now) }
        return .sent
    }

    /// Requests a new keypair, once per keypair (WG-S-9, WG-S-10).
    func requestRekey(_ keypair: UnsafeMutablePointer<Keypair>, now: Instant) {
        guard !keypair.pointee.isRekeyRequested.load(ordering: .relaxed) else { return }
        if !keypair.pointee.isRekeyRequested.exchange(true, ordering: .relaxed) { shared.notify(keypair.pointee.peer, .rekeyWanted) }
    }

    /// Copies a handshake message and sends it on `path`. Counts it for `peer`.
    mutating func send(message: UnsafeRawPointer, byteCount: Int, on path: Path, peer: UInt32, trafficClass: UInt8, now: Instant) {
        counters.counters.datagramsRouted.increment()
        let bytes = makeRoom(byteCount, now: now)
        bytes.copyMemory(from: message, byteCount: byteCount)
        enqueue(bytes, byteCount, OutgoingBatch.Key(peer: peer, path: path, trafficClass: trafficClass), now: now)
    }

    /// Sends a cookie reply. It goes to anyone who claims an address, so it never waits for room, and never takes the last three quarters of
    /// the send queue: that is for peers (WG-D-12).
    mutating func send(cookie message: UnsafeRawPointer, on path: Path, now: Instant) {
        counters.counters.datagramsRouted.increment()
        guard !isQueueUsed(beyond: 1, on: path) else { return counters.counters.drop(.sendQueueFull, now: now) }
        let bytes = makeRoom(CookieReply.byteCount, now: now)
        bytes.copyMemory(from: message, byteCount: CookieReply.byteCount)
        enqueue(bytes, CookieReply.byteCount, OutgoingBatch.Key(path: path, isExpendable: true), now: now)
    }

    private mutating func isQueueUsed(beyond quarters: UInt32, on path: Path) -> Bool {
        path.remote.isV4 ? v4.isQueueUsed(beyond: quarters) : v6.isQueueUsed(beyond: quarters)
    }

    /// Passes everything collected to the kernel. The packets' memory may be reused afterwards.
    mutating func flush(now: Instant) {
        v4.flush(segmentation: &segmentation, now: now)
        v6.flush(segmentation: &segmentation, now: now)
        scratchUsed = 0
    }

    // MARK: Staged packets

    /// Stages a packet. If there is a keypair, the packet only queues behind earlier ones, and all of them are sent at once.
    private mutating func stage(
        _ packet: UnsafeRawPointer, _ byteCount: Int, _ peer: UInt32, _ origin: StagedPackets.Origin, mtu: Int, now: Instant
    ) -> Outcome {
        guard byteCount > 0 else { return .refused(.keyExpired) }
        let slot = shared.peers.at(peer)
        var outcome = slot.pointee.staged.append(packet, byteCount: byteCount, from: origin, total: shared.stagedBytes)
        if outcome == .full, let largest = shared.largestQueueOfStaged() {
            let dropped = shared.peers.at(largest).pointee.staged.dropOldest(byteCount, total: shared.stagedBytes)
            counters.counters.drop(.stagedOverflow, Parties(receiver: largest), count: dropped, now: now)
            outcome = slot.pointee.staged.append(packet, byteCount: byteCount, from: origin, total: shared.stagedBytes)
        }
        if usableKeypair(of: slot, now: now) == nil { shared.notify(peer, .staged) } else { sendStaged(to: peer, mtu: mtu, now: now) }
        switch outcome {
        case .staged(let dropped):
            counters.counters.drop(.stagedOverflow, Parties(receiver: peer), count: dropped, now: now)
            return .staged
        case .full, .refused: return .refused(.stagedOverflow)
        }
    }

    private func origin(_ sender: UInt32, _ snapshot: UInt64) -> StagedPackets.Origin {
        guard snapshot != 0 else { return .hub }
        return StagedPackets.Origin(
            sender: sender, tenancy: shared.peers.at(sender).pointee.tenancy.load(ordering: .relaxed), snapshot: snapshot)
    }

    /// Sends the staged packets of a peer if there is a keypair, oldest first. They reach the kernel before any newer packet may be sent
    /// (WG-D-5). Returns the number of packets.
    @discardableResult
    mutating func sendStaged(to peer: UInt32, mtu: Int, now: Instant) -> Int {
        let slot = shared.peers.at(peer)
        guard usableKeypair(of: slot, now: now) != nil, slot.pointee.staged.beginSending() else { return 0 }
        let shared = shared
        var taken = 0
        for _ in 0..<Self.stagedRounds {
            taken += slot.pointee.staged.take(total: shared.stagedBytes) {
                sendTaken($0, byteCount: $1, from: $2, to: peer, mtu: mtu, now: now)
            }
            flush(now: now)
            if slot.pointee.staged.endSending() { return taken }
        }
        slot.pointee.staged.pauseSending()
        shared.notify(peer, .staged)
        return taken
    }

    private mutating func sendTaken(
        _ packet: UnsafeMutableRawPointer, byteCount: Int, from origin: StagedPackets.Origin, to peer: UInt32, mtu: Int, now: Instant
    ) {
        let slot = shared.peers.at(peer)
        let inner = try? IPPacket(at: packet, available: byteCount)
        if origin.isDecided, let reason = refusal(of: inner, from: origin, to: peer, now: now) {
            return counters.counters.drop(reason, Parties(receiver: peer), now: now)
        }
        let path = slot.pointee.path.load()
        let buffer = makeRoom(byteCount, now: now)
        buffer.copyMemory(from: packet, byteCount: byteCount)
        let ecn = inner?.ecn ?? .notECT
        var outcome = Outcome.refused(path.remote.isUnset ? .noEndpoint : .keyExpired)
        if !path.remote.isUnset, let keypair = usableKeypair(of: slot, now: now) {
            outcome = seal(buffer, byteCount: byteCount, room: 0, under: keypair, of: peer, path, ecn: ecn, mtu: mtu, now: now)
        }
        switch outcome {
        case .sent: if origin.sender != ForwardingTable.hub { counters.pairs.mark(PairMarks.pair(origin.sender, peer)) }
        case .staged: break
        case .refused(let reason): counters.counters.drop(reason, Parties(receiver: peer), now: now)
        }
    }

    /// Why a staged packet may not be sent any more, now that the rules have changed; nil if it may, or they have not (WG-A-8).
    private func refusal(of packet: IPPacket?, from origin: StagedPackets.Origin, to peer: UInt32, now: Instant) -> DropReason? {
        // The newest one; a worker's round may still use the one before.
        let snapshot = shared.snapshot.load()
        guard snapshot._withUnsafeGuaranteedRef({ $0.number }) != origin.snapshot else { return nil }
        guard let packet, shared.peers.at(origin.sender).pointee.tenancy.load(ordering: .relaxed) == origin.tenancy else { return .peerRemoved }
        let verdict = snapshot._withUnsafeGuaranteedRef {
            $0.table.decide(from: origin.sender, source: packet.source, destination: packet.destination)
        }
        switch verdict {
        case .forward(peer): return ruleRefusal(of: packet, from: origin.sender, to: peer, under: snapshot, now: now)
        // The sender or the receiver has lost its address, or is disabled.
        case .forward, .deliver, .leave: return .peerRemoved
        case .refuse(let reason): return reason.isReceipt ? .peerRemoved : reason
        }
    }

    private func ruleRefusal(
        of packet: IPPacket, from sender: UInt32, to peer: UInt32, under snapshot: Unmanaged<Snapshot>, now: Instant
    ) -> DropReason? {
        guard snapshot._withUnsafeGuaranteedRef({ $0.book != nil }) else { return nil }
        switch shared.flows.judge(packet, from: sender, to: peer, under: snapshot, now: now) {
        case .known: return nil
        case .allowed(let rule):
            counters.rules.note(rule, of: snapshot, now: now)
            return nil
        case .refused(let rule, _):
            counters.rules.note(rule, of: snapshot, now: now)
            return .ruleRefused
        case .unreadable: return .ruleRefused
        }
    }

    private mutating func enqueue(_ bytes: UnsafeMutableRawPointer, _ byteCount: Int, _ key: OutgoingBatch.Key, now: Instant) {
        while key.path.remote.isV4 ? !v4.append(bytes, byteCount: byteCount, key) : !v6.append(bytes, byteCount: byteCount, key) {
            // The current datagram may be in the scratch memory, so keep that memory.
            v4.flush(segmentation: &segmentation, now: now)
            v6.flush(segmentation: &segmentation, now: now)
        }
    }
}
