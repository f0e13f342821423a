// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The handshake state of a peer: its long-term keys, at most one pending handshake, the greatest timestamp seen and a cookie
/// (Documentation/protocol.md sections 3 to 5). It uses no clock, random source or socket: the caller passes bytes and instants and gets
/// bytes and keys back. Use it from one thread at a time.
public struct PeerHandshake: Sendable {
    public let publicKey: PublicKey
    private var staticShared = StaticShared.notComputed
    /// All zeros when no preshared key is set (WG-N-5). A change applies from the next handshake (WG-L-3).
    public var presharedKey: Bytes32
    private let mac1Key: Bytes32

    /// The greatest timestamp accepted. It must be kept for the life of the peer, also across restarts (WG-T-3, WG-T-4, WG-T-6).
    public private(set) var greatestTimestamp: Timestamp
    @Packed private var lastInitiationAccepted: Instant?
    private var pending: PendingInitiation?
    private var cookie = CookieJar()

    /// Our initiation that waits for its response (state CREATED_INITIATION, WG-N-11).
    private struct PendingInitiation: Sendable {
        let localIndex: UInt32
        var ephemeral: PrivateKey
        var state: SymmetricState
    }

    /// The shared secret of the two static keys, the same for every handshake.
    private enum StaticShared: Sendable {
        case notComputed
        case known(Bytes32)
        /// The peer's key has low order, so no handshake with it can succeed (WG-N-9).
        case unusable
    }

    public init(publicKey: PublicKey, presharedKey: PresharedKey?, greatestTimestamp: Timestamp = .zero) {
        self.publicKey = publicKey
        self.presharedKey = presharedKey?.bytes ?? Bytes32(repeating: 0)
        self.greatestTimestamp = greatestTimestamp
        mac1Key = Identity.mac1Key(of: publicKey)
    }

    /// Computes the shared secret that every handshake with this peer needs; takes about 30 µs. If it is not called, the first handshake
    /// computes it.
    public mutating func prepare(_ identity: Identity) {
        guard case .notComputed = staticShared else { return }
        staticShared = X25519.agree(identity.privateKey, publicKey).map { .known($0) } ?? .unusable
    }

    /// False when no handshake with the peer's key can succeed. Known only after `prepare`.
    public var isUsable: Bool {
        if case .unusable = staticShared { false } else { true }
    }

    /// The index of our pending initiation; nil when there is none.
    public var pendingIndex: UInt32? { pending?.localIndex }

    /// Discards the pending initiation.
    public mutating func clearPending() {
        guard pending != nil else { return }
        withUnsafeMutableBytes(of: &pending) { wipe($0) }
        pending = nil
    }

    // MARK: As initiator

    /// Writes an initiation of 148 bytes and makes it the pending one, replacing an earlier one (WG-N-2 to WG-N-4). False when the key is
    /// unusable.
    public mutating func createInitiation(
        identity: Identity, localIndex: UInt32, ephemeral: PrivateKey, timestamp: Timestamp, now: Instant, to message: UnsafeMutableRawPointer
    ) -> Bool {
        prepare(identity)
        guard case .known(let staticShared) = staticShared else { return false }
        clearPending()
        let ephemeralPublic = ephemeral.publicKey
        guard var shared = X25519.agree(ephemeral, publicKey) else { return false }
        defer { wipe(&shared) }
        var state = SymmetricState(responder: publicKey)
        defer { wipe(&state) }
        message.storeLE(MessageType.initiation.rawValue, at: 0)
        message.storeLE(localIndex, at: Initiation.sender)
        message.storeBytes(of: ephemeralPublic.bytes, toByteOffset: Initiation.ephemeral, as: Bytes32.self)
        state.mix(ephemeral: ephemeralPublic)
        var key = state.mixKeyAndDerive(shared)
        defer { wipe(&key) }
        withUnsafeBytes(of: identity.publicKey.bytes) { state.seal(key, $0, to: message + Initiation.sealedStatic) }
        key = state.mixKeyAndDerive(staticShared)
        timestamp.bytes.withUnsafeBytes { state.seal(key, $0, to: message + Initiation.sealedTimestamp) }
        cookie.writeMacs(to: message, mac1At: Initiation.mac1, mac1Key: mac1Key, now: now)
        pending = PendingInitiation(localIndex: localIndex, ephemeral: ephemeral, state: state)
        return true
    }

    /// Processes the response to our initiation and returns the new keypair. The caller found this peer by the message's receiver index.
    /// Throws `.responseWithoutState`, `.zeroSharedSecret` or `.badHandshakeTag`; the initiation then stays pending (WG-N-11, WG-N-12).
    public mutating func consume(response message: UnsafeRawPointer, identity: Identity, now: Instant) throws(DropReason) -> NewKeypair {
        guard var pending, message.uint32LE(at: Response.receiver) == pending.localIndex else { throw .responseWithoutState }
        defer { withUnsafeMutableBytes(of: &pending) { wipe($0) } }
        var state = pending.state
        defer { wipe(&state) }
        let ephemeral = PublicKey(at: message + Response.ephemeral)
        state.mix(ephemeral: ephemeral)
        guard var ee = X25519.agree(pending.ephemeral, ephemeral), var se = X25519.agree(identity.privateKey, ephemeral) else {
            throw .zeroSharedSecret
        }
        defer {
            wipe(&ee)
            wipe(&se)
        }
        state.mixKey(ee)
        state.mixKey(se)
        var key = state.mixPresharedKey(presharedKey)
        defer { wipe(&key) }
        let sealed = UnsafeRawBufferPointer(start: message + Response.sealedNothing, count: 16)
        var nothing: UInt8 = 0
        guard state.open(key, sealed, to: &nothing) else { throw .badHandshakeTag }
        let keys = state.split()
        clearPending()
        return NewKeypair(
            send: keys.initiator, receive: keys.responder, localIndex: pending.localIndex, remoteIndex: message.uint32LE(at: Response.sender),
            isInitiator: true, createdAt: now)
    }

    /// Processes a cookie reply to the last message that we sent (WG-M-9). Throws `.cookieReplyUnusable` and then changes nothing.
    public mutating func consume(cookieReply message: UnsafeRawPointer, now: Instant) throws(DropReason) {
        guard cookie.take(reply: message, cookieKey: Identity.cookieKey(of: publicKey), now: now) else { throw .cookieReplyUnusable }
    }

    // MARK: As responder

    /// Verifies the sender of an opened initiation: static-static secret, and a timestamp newer than all before (WG-N-4, WG-T-3).
    /// Throws `.zeroSharedSecret`, `.badHandshakeTag` or `.timestampReplay`. Changes nothing that another initiation depends on.
    public mutating func verify(
        _ opened: OpenedInitiation, initiation message: UnsafeRawPointer, identity: Identity
    ) throws(DropReason) {
        var (state, _) = try prove(opened, message, identity)
        wipe(&state)
    }

    /// Verifies the sender of an opened initiation, and that it does not come too soon after the last one (WG-N-4, WG-T-3, WG-C-4).
    /// Throws `.zeroSharedSecret`, `.badHandshakeTag`, `.timestampReplay` or `.initiationFlood`, and then changes nothing.
    /// On success, discards our own pending initiation (WG-N-13).
    public mutating func accept(
        _ opened: OpenedInitiation, initiation message: UnsafeRawPointer, identity: Identity, now: Instant
    ) throws(DropReason) -> AcceptedInitiation {
        var (state, timestamp) = try prove(opened, message, identity)
        defer { wipe(&state) }
        if let lastInitiationAccepted, now - lastInitiationAccepted < Constants.initiationInterval { throw .initiationFlood }
        greatestTimestamp = timestamp
        lastInitiationAccepted = now
        clearPending()
        return AcceptedInitiation(remoteIndex: opened.sender, ephemeral: opened.ephemeral, state: state)
    }

    /// The state and the timestamp of an initiation whose sender has the private key.
    private mutating func prove(
        _ opened: OpenedInitiation, _ message: UnsafeRawPointer, _ identity: Identity
    ) throws(DropReason) -> (SymmetricState, Timestamp) {
        prepare(identity)
        guard case .known(let staticShared) = staticShared else { throw .zeroSharedSecret }
        var state = opened.state
        var key = state.mixKeyAndDerive(staticShared)
        defer {
            wipe(&key)
            wipe(&state)
        }
        var plain = InlineArray<12, UInt8>(repeating: 0)
        let sealed = UnsafeRawBufferPointer(start: message + Initiation.sealedTimestamp, count: 28)
        guard withMutableBytes(of: &plain, { state.open(key, sealed, to: $0) }) else { throw .badHandshakeTag }
        let timestamp = withBytes(of: plain) { Timestamp(at: $0) }
        guard timestamp > greatestTimestamp else { throw .timestampReplay }
        return (state, timestamp)
    }

    /// Writes a response of 92 bytes and returns its new keypair (WG-N-5). Nil when the initiator's keys are unusable.
    public mutating func createResponse(
        to accepted: AcceptedInitiation, localIndex: UInt32, ephemeral: PrivateKey, now: Instant, to message: UnsafeMutableRawPointer
    ) -> NewKeypair? {
        guard var ee = X25519.agree(ephemeral, accepted.ephemeral), var se = X25519.agree(ephemeral, publicKey) else { return nil }
        var state = accepted.state
        defer {
            wipe(&ee)
            wipe(&se)
            wipe(&state)
        }
        let ephemeralPublic = ephemeral.publicKey
        message.storeLE(MessageType.response.rawValue, at: 0)
        message.storeLE(localIndex, at: Response.sender)
        message.storeLE(accepted.remoteIndex, at: Response.receiver)
        message.storeBytes(of: ephemeralPublic.bytes, toByteOffset: Response.ephemeral, as: Bytes32.self)
        state.mix(ephemeral: ephemeralPublic)
        state.mixKey(ee)
        state.mixKey(se)
        var key = state.mixPresharedKey(presharedKey)
        defer { wipe(&key) }
        state.seal(key, UnsafeRawBufferPointer(start: nil, count: 0), to: message + Response.sealedNothing)
        cookie.writeMacs(to: message, mac1At: Response.mac1, mac1Key: mac1Key, now: now)
        let keys = state.split()
        return NewKeypair(
            send: keys.responder, receive: keys.initiator, localIndex: localIndex, remoteIndex: accepted.remoteIndex,
            isInitiator: false, createdAt: now)
    }
}

/// An initiation whose sender is verified; ready to be answered.
public struct AcceptedInitiation: Sendable {
    let remoteIndex: UInt32
    let ephemeral: PublicKey
    private(set) var state: SymmetricState

    /// Overwrites the secrets (WG-N-14).
    public mutating func wipe() { Crypto.wipe(&state) }
}
