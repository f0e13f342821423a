// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// Handshakes, both ways (Documentation/protocol.md sections 3 to 5).
extension Control {
    /// Type of service of handshake messages: AF41 (WG-D-8).
    private static let trafficClass: UInt8 = 0x88

    /// Takes a message that a worker let in.
    func handle(_ message: HandshakeQueue.Message, now: Instant) {
        var parties = Parties()
        var type = MessageType.initiation
        do throws(DropReason) {
            if message.isUnderLoad, let source = message.path.remote.endpoint, !limiter.allows(source.address, now: now) { throw .rateLimited }
            try withUnsafeBytes(of: message.bytes) { buffer throws(DropReason) in
                let bytes = buffer.baseAddress!
                type = try MessageType.read(bytes, byteCount: message.byteCount)
                switch type {
                case .initiation: try consumeInitiation(bytes, message.path, &parties, now: now)
                case .response: try consumeResponse(bytes, message.path, &parties, now: now)
                case .cookieReply: try consumeCookieReply(bytes, &parties, now: now)
                case .transport: throw .shortOrUnknownType
                }
            }
            counters.counters.datagramsAccepted.increment()
            let verdict: TraceVerdict = type == .initiation ? .answered : type == .response ? .session : .cookie
            trace(type, parties, message.path, byteCount: message.byteCount, verdict, now: now)
        } catch {
            counters.counters.drop(error, parties, now: now)
            trace(type, parties, message.path, byteCount: message.byteCount, .dropped(error), now: now)
        }
    }

    /// Notes a handshake message, or its end, for whoever traces its peer.
    func trace(_ type: MessageType, _ parties: Parties, _ path: Path, byteCount: Int, _ verdict: TraceVerdict, now: Instant) {
        guard shared.trace.isOn.load(ordering: .relaxed) else { return }
        shared.trace.add(PacketNote(type, outside: path.remote, byteCount: byteCount, verdict: verdict), parties, now: now)
    }

    /// Sends an initiation; when one left, or a response did, in the last five seconds, then after these (WG-S-11).
    func initiateIfIdle(_ slot: UInt32, now: Instant) {
        guard let member = members[Int(slot)] else { return }
        if member.timers.mayInitiate(now: now) {
            initiate(slot, isRetry: false, now: now)
        } else {
            members[Int(slot)]!.timers.initiateWhenAllowed()
        }
    }

    /// Sends an initiation; `isRetry` when the last one got no answer. Nothing happens while the peer's endpoint is unknown (WG-E-9)
    /// or its key unusable (WG-N-9).
    func initiate(_ slot: UInt32, isRetry: Bool, now: Instant) {
        guard members[Int(slot)] != nil else { return }
        members[Int(slot)]!.peer.prepare(shared.identity)
        guard members[Int(slot)]!.peer.isUsable else { return }
        let path = shared.peers.at(slot).pointee.path.load()
        guard !path.remote.isUnset else { return }
        if let index = members[Int(slot)]!.peer.pendingIndex { shared.indices.remove(index) }
        let index = shared.indices.insert(slot: slot | SharedState.pendingBit, random: SecureRandom.uint32)
        let timestamp = nextTimestamp(after: members[Int(slot)]!.timestampSent)
        members[Int(slot)]!.timestampSent = timestamp
        withUnsafeTemporaryAllocation(byteCount: Initiation.byteCount, alignment: 16) { buffer in
            let message = buffer.baseAddress!
            let isWritten = members[Int(slot)]!.peer.createInitiation(
                identity: shared.identity, localIndex: index, ephemeral: .generate(), timestamp: timestamp, now: now, to: message)
            guard isWritten else { return shared.indices.remove(index) }
            egress.send(
                message: message, byteCount: Initiation.byteCount, on: path, peer: slot, trafficClass: Self.trafficClass, now: now)
            members[Int(slot)]!.timers.initiationSent(now: now, isRetry: isRetry, jitter: jitter())
            trace(.initiation, Parties(receiver: slot), path, byteCount: Initiation.byteCount, .sent, now: now)
        }
        rearm(slot)
    }

    private func consumeInitiation(
        _ bytes: UnsafeRawPointer, _ path: Path, _ parties: inout Parties, now: Instant
    ) throws(DropReason) {
        var opened = try shared.identity.open(initiation: bytes)
        defer { opened.wipe() }
        // The members are worked on where they are: one is nearly a kilobyte.
        guard let slot = slots[opened.remote], members[Int(slot)] != nil else { throw .unknownInitiator }
        parties.sender = slot
        let pending = members[Int(slot)]!.peer.pendingIndex
        var accepted = try members[Int(slot)]!.peer.accept(opened, initiation: bytes, identity: shared.identity, now: now)
        defer { accepted.wipe() }
        if let pending { shared.indices.remove(pending) }
        heard(slot, path, byteCount: Initiation.byteCount, now: now)
        members[Int(slot)]!.timers.peerHeard()
        guard let session = allocateSession() else { throw .handshakeQueueFull }
        let index = shared.indices.insert(slot: session, random: SecureRandom.uint32)
        var keys: SessionKeys?
        withUnsafeTemporaryAllocation(byteCount: Response.byteCount, alignment: 16) { buffer in
            keys = members[Int(slot)]!.peer.createResponse(
                to: accepted, localIndex: index, ephemeral: .generate(), now: now, to: buffer.baseAddress!)
            guard keys != nil else { return }
            egress.send(
                message: buffer.baseAddress!, byteCount: Response.byteCount, on: path, peer: slot, trafficClass: Self.trafficClass, now: now)
        }
        guard var keys else {
            shared.indices.remove(index)
            freeSessions.append(session)
            throw .zeroSharedSecret
        }
        members[Int(slot)]!.timers.responseSent(now: now)
        shared.sessions.at(session).open(keys, peer: slot)
        keys.wipe()
        addAsNext(session, of: slot, now: now)
        rearm(slot)
    }

    private func consumeResponse(
        _ bytes: UnsafeRawPointer, _ path: Path, _ parties: inout Parties, now: Instant
    ) throws(DropReason) {
        let index = bytes.uint32LE(at: Response.receiver)
        guard let found = shared.indices.slot(for: index), found & SharedState.pendingBit != 0 else { throw .responseWithoutState }
        let slot = found & ~SharedState.pendingBit
        guard members[Int(slot)] != nil else { throw .responseWithoutState }
        parties.sender = slot
        guard let session = allocateSession() else { throw .handshakeQueueFull }
        var keys: SessionKeys
        do throws(DropReason) {
            keys = try members[Int(slot)]!.peer.consume(response: bytes, identity: shared.identity, now: now)
        } catch {
            freeSessions.append(session)
            throw error
        }
        heard(slot, path, byteCount: Response.byteCount, now: now)
        shared.sessions.at(session).open(keys, peer: slot)
        keys.wipe()
        shared.indices.replace(index, slot: session)
        addAsCurrent(session, of: slot, now: now)
        rearm(slot)
    }

    /// Found by the index of our handshake or of a session that came of one (WG-M-9).
    private func consumeCookieReply(_ bytes: UnsafeRawPointer, _ parties: inout Parties, now: Instant) throws(DropReason) {
        guard let found = shared.indices.slot(for: bytes.uint32LE(at: CookieReply.receiver)) else { throw .cookieReplyUnusable }
        let isPending = found & SharedState.pendingBit != 0
        let slot = isPending ? found & ~SharedState.pendingBit : shared.sessions.at(found).pointee.peer
        guard members.indices.contains(Int(slot)), members[Int(slot)] != nil else { throw .cookieReplyUnusable }
        parties.sender = slot
        try members[Int(slot)]!.peer.consume(cookieReply: bytes, now: now)
    }

    /// A handshake message proved who sent it: the peer is there (WG-E-1, WG-X-7).
    private func heard(_ slot: UInt32, _ path: Path, byteCount: Int, now: Instant) {
        let peer = shared.peers.at(slot)
        peer.pointee.path.store(path)
        _ = peer.pointee.activity.received(isData: false, now: now.nanoseconds)
        counters.counters.received(byteCount, from: slot)
    }

    /// The wall clock, or the greatest time that was sent if that is later, and for each peer one that it has not seen: it would reject others (WG-T-5).
    /// Peers called in one slot of the clock get the same time, so that many of them do not carry the hub's time ahead of the clock.
    private func nextTimestamp(after last: Timestamp) -> Timestamp {
        let now = max(Timestamp(unixNanoseconds: WallClock.nanoseconds()), greatestTimestampSent)
        let next = now > last ? now : last.next
        greatestTimestampSent = max(greatestTimestampSent, next)
        return next
    }

    /// How far the wall clock is behind the greatest of these times, in whole seconds.
    var clockLag: Duration {
        let now = Timestamp(unixNanoseconds: WallClock.nanoseconds())
        return greatestTimestampSent > now ? .seconds(Int64(clamping: greatestTimestampSent.seconds - now.seconds)) : .zero
    }

    /// Uniform from 0 to 333 ms (WG-C-3).
    func jitter() -> Duration { .milliseconds(Int64(SecureRandom.uint32(below: 334))) }
}
