// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// The way out of one thread: seals packets where they lie and gathers them into as few sends as the kernel allows.
///
/// A packet stands with sixteen bytes of room before it, for the header, and the tag behind its padding. Datagrams for one receiver
/// that follow each other become one segmented message (Documentation/data-path.md); order is kept (WG-D-5).
struct Egress: ~Copyable {
    /// Inner MTU that padding must not exceed where the peer sets none: 1500 - 40 - 8 - 32.
    static let defaultMTU = 1420
    /// Room for packets that the thread makes or must move, until the next flush.
    private static let scratchByteCount = 512 << 10
    /// Bytes behind `makeRoom`'s memory that padding and tag may take.
    static let tailRoom = AEAD.tagByteCount + Constants.paddingMultiple
    /// How often one thread looks for packets that came while it sent those that waited; then another one, or its next turn, goes on.
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

    /// Opens a packet in place with a session's key.
    func open(_ session: UnsafeMutablePointer<Session>, counter: UInt64, at bytes: UnsafeMutableRawPointer, byteCount: Int) -> Bool {
        aead.open(key: session.receiveKeyAddress, counter: counter, at: bytes, byteCount: byteCount)
    }

    /// Memory that lasts until the next flush, with room for a header before it and a tag after it.
    mutating func makeRoom(_ byteCount: Int, now: Instant) -> UnsafeMutableRawPointer {
        let needed = (byteCount + Transport.overhead + 63) & ~63
        if scratchUsed + needed > Self.scratchByteCount { flush(now: now) }
        defer { scratchUsed += needed }
        return scratch + scratchUsed + Transport.ciphertext
    }

    /// Sends an inner packet of `byteCount` bytes to a peer, or stages it while there is no session (WG-H-5, WG-H-6). An empty packet is a
    /// keepalive and never staged. `room` is how many bytes from `packet` on may be written.
    mutating func send(
        _ packet: UnsafeMutableRawPointer, byteCount: Int, room: Int, to peer: UInt32, ecn: ECN = .notECT, mtu: Int = 0, now: Instant
    ) -> Outcome {
        let slot = shared.peers.at(peer)
        let path = slot.pointee.path.load()
        guard !path.remote.isUnset else { return .refused(.noEndpoint) }
        let mustQueue = byteCount > 0 && slot.pointee.staged.mustQueue
        guard !mustQueue, let session = usableSession(of: slot, now: now) else {
            return stage(packet, byteCount, peer, mtu: mtu, now: now)
        }
        return seal(packet, byteCount: byteCount, room: room, under: session, of: peer, path, ecn: ecn, mtu: mtu, now: now)
    }

    /// Whether there is a session to send with.
    func canSend(to peer: UInt32, now: Instant) -> Bool { usableSession(of: shared.peers.at(peer), now: now) != nil }

    /// The session to send with; nil when there is none, or it is too old or worn (WG-S-7).
    private func usableSession(of slot: UnsafeMutablePointer<PeerSlot>, now: Instant) -> UnsafeMutablePointer<Session>? {
        let reference = slot.pointee.sendSession.load(ordering: .acquiring)
        guard reference != 0 else { return nil }
        let session = shared.sessions.at(reference - 1)
        let isUsable = !session.pointee.isExpired(at: now) && session.pointee.sendCounter.load(ordering: .relaxed) < Constants.rejectAfterMessages
        return isUsable ? session : nil
    }

    private mutating func seal(
        _ packet: UnsafeMutableRawPointer, byteCount: Int, room: Int, under session: UnsafeMutablePointer<Session>, of peer: UInt32, _ path: Path,
        ecn: ECN, mtu: Int, now: Instant
    ) -> Outcome {
        let padded = Transport.paddedByteCount(byteCount, mtu: mtu == 0 ? Self.defaultMTU : mtu)
        var bytes = packet
        if padded + AEAD.tagByteCount > room {
            bytes = makeRoom(padded, now: now)
            bytes.copyMemory(from: packet, byteCount: byteCount)
        }
        if padded > byteCount { (bytes + byteCount).initializeMemory(as: UInt8.self, repeating: 0, count: padded - byteCount) }

        let counter = session.pointee.sendCounter.add(1, ordering: .relaxed).oldValue
        guard counter < Constants.rejectAfterMessages else { return .refused(.keyExpired) }
        let header = bytes - Transport.ciphertext
        Transport.writeHeader(receiver: session.pointee.remoteIndex, counter: counter, to: header)
        aead.seal(key: session.sendKeyAddress, counter: counter, at: bytes, byteCount: padded)
        if byteCount == 0 { counters.counters.datagramsRouted.increment() }
        enqueue(header, padded + Transport.overhead, OutgoingBatch.Key(peer: peer, path: path, trafficClass: ecn.encapsulated.rawValue), now: now)

        if shared.peers.at(peer).pointee.activity.sent(isData: byteCount > 0, now: now.nanoseconds) {
            shared.arm(peer, by: (now + Constants.deadPeerTimeout).nanoseconds)
        }
        let isWorn =
            counter > Constants.rekeyAfterMessages || (session.pointee.isInitiator && now - session.pointee.createdAt >= Constants.rekeyAfterTime)
        if isWorn { requestRekey(session, now: now) }
        return .sent
    }

    /// Asks once per session for its successor (WG-S-9, WG-S-10).
    func requestRekey(_ session: UnsafeMutablePointer<Session>, now: Instant) {
        guard !session.pointee.isRekeyRequested.load(ordering: .relaxed) else { return }
        if !session.pointee.isRekeyRequested.exchange(true, ordering: .relaxed) { shared.notify(session.pointee.peer, .rekeyWanted) }
    }

    /// Sends a handshake message, which is copied, to wherever `path` leads. Counted for `peer` if there is one.
    mutating func send(message: UnsafeRawPointer, byteCount: Int, on path: Path, peer: UInt32?, trafficClass: UInt8, now: Instant) {
        counters.counters.datagramsRouted.increment()
        let bytes = makeRoom(byteCount, now: now)
        bytes.copyMemory(from: message, byteCount: byteCount)
        enqueue(bytes, byteCount, OutgoingBatch.Key(peer: peer ?? OutgoingBatch.nobody, path: path, trafficClass: trafficClass), now: now)
    }

    /// Hands everything gathered to the kernel. The memory of the packets is free again afterwards.
    mutating func flush(now: Instant) {
        v4.flush(segmentation: &segmentation, now: now)
        v6.flush(segmentation: &segmentation, now: now)
        scratchUsed = 0
    }

    // MARK: Packets that wait

    /// Queues a packet. Where there is a session it only waits for its turn behind others, and all of them leave at once.
    private mutating func stage(_ packet: UnsafeRawPointer, _ byteCount: Int, _ peer: UInt32, mtu: Int, now: Instant) -> Outcome {
        guard byteCount > 0 else { return .refused(.keyExpired) }
        let slot = shared.peers.at(peer)
        let outcome = slot.pointee.staged.append(packet, byteCount: byteCount, total: shared.stagedBytes)
        if usableSession(of: slot, now: now) == nil { shared.notify(peer, .staged) } else { sendStaged(to: peer, mtu: mtu, now: now) }
        switch outcome {
        case .staged: return .staged
        case .droppedOldest:
            counters.counters.drop(.stagedOverflow, Parties(receiver: peer), now: now)
            return .staged
        case .refused: return .refused(.stagedOverflow)
        }
    }

    /// Sends what waits for a peer if there is a session, oldest first, and hands it to the kernel before anything newer may leave (WG-D-5).
    /// Gives the number of packets.
    @discardableResult
    mutating func sendStaged(to peer: UInt32, mtu: Int, now: Instant) -> Int {
        let slot = shared.peers.at(peer)
        guard usableSession(of: slot, now: now) != nil, slot.pointee.staged.beginSending() else { return 0 }
        let shared = shared
        var taken = 0
        for _ in 0..<Self.stagedRounds {
            taken += slot.pointee.staged.take(total: shared.stagedBytes) { sendTaken($0, byteCount: $1, to: peer, mtu: mtu, now: now) }
            flush(now: now)
            if slot.pointee.staged.endSending() { return taken }
        }
        slot.pointee.staged.pauseSending()
        shared.notify(peer, .staged)
        return taken
    }

    private mutating func sendTaken(_ packet: UnsafeRawPointer, byteCount: Int, to peer: UInt32, mtu: Int, now: Instant) {
        let slot = shared.peers.at(peer)
        let path = slot.pointee.path.load()
        let buffer = makeRoom(byteCount, now: now)
        buffer.copyMemory(from: packet, byteCount: byteCount)
        let ecn = (try? IPPacket(at: buffer, available: byteCount))?.ecn ?? .notECT
        var outcome = Outcome.refused(path.remote.isUnset ? .noEndpoint : .keyExpired)
        if !path.remote.isUnset, let session = usableSession(of: slot, now: now) {
            outcome = seal(buffer, byteCount: byteCount, room: 0, under: session, of: peer, path, ecn: ecn, mtu: mtu, now: now)
        }
        if case .refused(let reason) = outcome { counters.counters.drop(reason, Parties(receiver: peer), now: now) }
    }

    private mutating func enqueue(_ bytes: UnsafeMutableRawPointer, _ byteCount: Int, _ key: OutgoingBatch.Key, now: Instant) {
        while key.path.remote.isV4 ? !v4.append(bytes, byteCount: byteCount, key) : !v6.append(bytes, byteCount: byteCount, key) {
            // The datagram at hand may lie in the scratch memory: that stays taken.
            v4.flush(segmentation: &segmentation, now: now)
            v6.flush(segmentation: &segmentation, now: now)
        }
    }
}
