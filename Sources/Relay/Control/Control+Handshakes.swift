// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// Handshakes in both roles (Documentation/protocol.md sections 3 to 5).
extension Control {
    /// The type of service of handshake messages: AF41 (WG-D-8).
    private static let trafficClass: UInt8 = 0x88

    /// Handles a message that a worker admitted.
    func handle(_ message: HandshakeQueue.Message, now: Instant) {
        var parties = Parties()
        var type = MessageType.initiation
        do throws(DropReason) {
            let source = message.path.remote.endpoint?.address
            if message.isProved, let source, !limiter.allows(source, now: now) { throw .rateLimited }
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
            if type != .cookieReply { noteKnown(message, from: source) }
            let verdict: TraceVerdict = type == .initiation ? .answered : type == .response ? .session : .cookie
            trace(type, parties, message.path, byteCount: message.byteCount, verdict, now: now)
        } catch {
            if error == .unknownInitiator { shared.strangers.note(error, message.path.remote, now: now) }
            counters.counters.drop(error, parties, now: now)
            trace(type, parties, message.path, byteCount: message.byteCount, .dropped(error), now: now)
        }
    }

    /// A message came from a known peer. It takes nothing from what strangers may send, nor from the budget of an address that many peers
    /// share (WG-M-5, WG-M-11).
    private func noteKnown(_ message: HandshakeQueue.Message, from source: IPAddress?) {
        guard message.isProved else { return shared.queue.load.giveBack() }
        if let source { limiter.giveBack(source) }
    }

    /// Records a handshake message, or its failure, for a trace of its peer.
    func trace(_ type: MessageType, _ parties: Parties, _ path: Path, byteCount: Int, _ verdict: TraceVerdict, now: Instant) {
        guard shared.trace.isOn.load(ordering: .relaxed) else { return }
        shared.trace.add(PacketNote(type, outside: path.remote, byteCount: byteCount, verdict: verdict), parties, now: now)
    }

    /// Sends an initiation now or, if a handshake message was sent in the last five seconds, once these are over (WG-S-11).
    func initiateIfIdle(_ peer: Peer, now: Instant) {
        if peer.timers.mayInitiate(now: now) { initiate(peer, isRetry: false, now: now) } else { peer.timers.initiateWhenAllowed() }
    }

    /// Sends an initiation; `isRetry` when the last one got no answer. Does nothing while the peer is disabled, its endpoint is unknown
    /// (WG-E-9) or its key is unusable (WG-N-9).
    func initiate(_ peer: Peer, isRetry: Bool, now: Instant) {
        guard peer.isEnabled else { return }
        peer.handshake.prepare(shared.identity)
        guard peer.handshake.isUsable else { return }
        let path = shared.peers.at(peer.slot).pointee.path.load()
        guard !path.remote.isUnset else { return }
        if let index = peer.handshake.pendingIndex { shared.indices.remove(index) }
        let index = shared.indices.insert(slot: peer.slot | SharedState.pendingBit, random: SecureRandom.uint32)
        let timestamp = clock.next(after: peer.timestampSent)
        peer.timestampSent = timestamp
        withUnsafeTemporaryAllocation(byteCount: Initiation.byteCount, alignment: 16) { buffer in
            let message = buffer.baseAddress!
            let isWritten = peer.handshake.createInitiation(
                identity: shared.identity, localIndex: index, ephemeral: .generate(), timestamp: timestamp, now: now, to: message)
            guard isWritten else { return shared.indices.remove(index) }
            egress.send(
                message: message, byteCount: Initiation.byteCount, on: path, peer: peer.slot, trafficClass: Self.trafficClass, now: now)
            shared.peers.at(peer.slot).pointee.cookie.begin()
            peer.timers.initiationSent(now: now, isRetry: isRetry, jitter: jitter())
            peer.attempts.called(heard: lastHeard(peer), now: now)
            trace(.initiation, Parties(receiver: peer.slot), path, byteCount: Initiation.byteCount, .sent, now: now)
        }
        rearm(peer)
    }

    /// Discards our pending initiation to a peer, if there is one.
    func forgetPending(of peer: Peer) {
        if let index = peer.handshake.pendingIndex { shared.indices.remove(index) }
        peer.handshake.clearPending()
    }

    private func consumeInitiation(
        _ bytes: UnsafeRawPointer, _ path: Path, _ parties: inout Parties, now: Instant
    ) throws(DropReason) {
        var opened = try shared.identity.open(initiation: bytes)
        defer { opened.wipe() }
        guard let peer = peers[opened.remote] else { throw .unknownInitiator }
        parties.sender = peer.slot
        guard peer.isEnabled else { throw .peerDisabled }
        let pending = peer.handshake.pendingIndex
        let before = shared.peers.at(peer.slot).pointee.path.load().remote
        // Only a proved initiation may prolong the contest: everybody can write the name of a peer into one.
        if peer.firstNetwork.refuses(path.remote, current: before, lastHeard: lastHeard(peer), now: now) {
            try peer.handshake.verify(opened, initiation: bytes, identity: shared.identity)
            peers.noteContested(peer, at: now)
            throw .copiedKey
        }
        var accepted = try peer.handshake.accept(opened, initiation: bytes, identity: shared.identity, now: now)
        defer { accepted.wipe() }
        peer.firstNetwork.note(from: before, to: path.remote, now: now)
        if let pending { shared.indices.remove(pending) }
        heard(peer, path, byteCount: Initiation.byteCount, provesSession: false, now: now)
        peer.timers.peerHeard()
        guard let keypair = allocateKeypair() else { throw .sessionTableFull }
        let index = shared.indices.insert(slot: keypair, random: SecureRandom.uint32)
        var keys: NewKeypair?
        withUnsafeTemporaryAllocation(byteCount: Response.byteCount, alignment: 16) { buffer in
            keys = peer.handshake.createResponse(
                to: accepted, localIndex: index, ephemeral: .generate(), now: now, to: buffer.baseAddress!)
            guard keys != nil else { return }
            let path = shared.peers.at(peer.slot).pointee.path.load()
            egress.send(
                message: buffer.baseAddress!, byteCount: Response.byteCount, on: path, peer: peer.slot, trafficClass: Self.trafficClass,
                now: now)
        }
        guard var keys else {
            shared.indices.remove(index)
            keypairPlaces.giveBack(keypair)
            throw .zeroSharedSecret
        }
        shared.peers.at(peer.slot).pointee.cookie.begin()
        peer.timers.responseSent(now: now)
        peer.attempts.answered(now: now)
        shared.keypairs.at(keypair).open(keys, peer: peer.slot)
        keys.wipe()
        addAsNext(keypair, of: peer, now: now)
        rearm(peer)
    }

    private func consumeResponse(
        _ bytes: UnsafeRawPointer, _ path: Path, _ parties: inout Parties, now: Instant
    ) throws(DropReason) {
        let index = bytes.uint32LE(at: Response.receiver)
        guard let found = shared.indices.slot(for: index), found & SharedState.pendingBit != 0 else { throw .responseWithoutState }
        guard let peer = peers[found & ~SharedState.pendingBit] else { throw .responseWithoutState }
        parties.sender = peer.slot
        guard let keypair = allocateKeypair() else { throw .sessionTableFull }
        var keys: NewKeypair
        do throws(DropReason) {
            keys = try peer.handshake.consume(response: bytes, identity: shared.identity, now: now)
        } catch {
            keypairPlaces.giveBack(keypair)
            throw error
        }
        heard(peer, path, byteCount: Response.byteCount, provesSession: true, now: now)
        shared.keypairs.at(keypair).open(keys, peer: peer.slot)
        keys.wipe()
        shared.indices.replace(index, slot: keypair)
        addAsCurrent(keypair, of: peer, now: now)
        rearm(peer)
    }

    /// Two machines use the peer's key in turn. If the hub is to keep to the network that it knew first, it ends the sessions of both, because it
    /// cannot tell them apart, and begins a new one there.
    func keepFirstNetwork(of peer: Peer, now: Instant) {
        guard peer.isEnabled, peer.configuration.keepsFirstNetwork, !peer.firstNetwork.isKept, let first = peer.firstNetwork.keep(now: now) else {
            return
        }
        _ = endAll(of: peer)
        shared.peers.at(peer.slot).pointee.path.store(Path(remote: first))
        initiateIfIdle(peer, now: now)
    }

    /// The peer is found by the index of our handshake or of the keypair that resulted from it (WG-M-9).
    private func consumeCookieReply(_ bytes: UnsafeRawPointer, _ parties: inout Parties, now: Instant) throws(DropReason) {
        guard let slot = shared.peer(of: bytes.uint32LE(at: CookieReply.receiver)), let peer = peers[slot] else { throw .cookieReplyUnusable }
        parties.sender = slot
        let wait = shared.peers.at(slot)
        wait.pointee.cookie.giveBackPlace()
        try peer.handshake.consume(cookieReply: bytes, now: now)
        wait.pointee.cookie.end()
    }

    /// A handshake message proved its sender, so the peer is reachable on this path (WG-E-1, WG-X-7).
    private func heard(_ peer: Peer, _ path: Path, byteCount: Int, provesSession: Bool, now: Instant) {
        let cell = shared.peers.at(peer.slot)
        let before = cell.pointee.path.load()
        cell.pointee.path.store(path.following(before))
        if before.changesHost(to: path) { cell.pointee.activity.moved(now: now.nanoseconds) }
        _ = cell.pointee.activity.received(isData: false, provesSession: provesSession, now: now.nanoseconds)
        counters.counters.received(byteCount, from: peer.slot)
    }

    /// When the last packet arrived that proves a session with the peer.
    func lastHeard(_ peer: Peer) -> Instant {
        Instant(nanoseconds: shared.peers.at(peer.slot).pointee.activity.lastReceived.load(ordering: .relaxed))
    }

    /// Uniformly random from 0 to 333 ms (WG-C-3).
    func jitter() -> Duration { .milliseconds(Int64(SecureRandom.uint32(below: 334))) }
}
