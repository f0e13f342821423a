// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The five timers of a peer as a pure function of past events and the time (Documentation/protocol.md section 8).
/// The caller sleeps until the next deadline and then calls `expire`.
public struct PeerTimers: Sendable {
    /// What to do now.
    public struct Actions: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }
        /// Send an initiation: the last one was not answered, the peer seems dead, or a keepalive has no keypair (WG-I-1, WG-I-3, WG-I-7).
        /// It is a retry when a handshake is pending. Never due within five seconds of the last handshake message (WG-S-11). Clear
        /// `unacknowledgedSend`.
        public static let initiate = Actions(rawValue: 1)
        /// Send a keepalive. It is an authenticated message, so clear `unansweredReceive` (WG-I-2, WG-I-5).
        public static let keepalive = Actions(rawValue: 2)
        /// The handshake failed for good: drop the staged packets and clear `unansweredReceive` (WG-I-1).
        public static let giveUp = Actions(rawValue: 4)
        /// Wipe all keys of the peer (WG-I-4).
        public static let wipe = Actions(rawValue: 8)
        /// Forget the local address from which the peer was answered (WG-E-6).
        public static let clearSource = Actions(rawValue: 16)
        /// Data arrived while the passive keepalive was pending. It runs once more: set `unansweredReceive` to now (WG-I-2).
        public static let rearmKeepalive = Actions(rawValue: 32)
    }

    /// The interval of the persistent keepalive; zero means off.
    public private(set) var persistentKeepalive: Duration = .zero
    /// The number of retries since the last completed handshake.
    public private(set) var handshakeAttempts = 0
    @Packed private var lastHandshakeSent: Instant?
    @Packed private var retransmitAt: Instant?
    /// When a handshake that was requested too early may start.
    @Packed private var deferredUntil: Instant?
    @Packed private var wipeAt: Instant?
    /// When the persistent keepalive was turned on; nil after its first run, which is due at once (WG-I-7).
    @Packed private var persistentTurnedOn: Instant?
    /// When the persistent keepalive last ran, or when an initiation replaced it.
    @Packed private var persistentSince: Instant?
    /// After a handshake failed for good, the persistent keepalive pauses until a packet arrives from the peer, so that dead devices cost
    /// nothing.
    private var isResting = false
    private var deadPeerJitter: Duration
    /// The activity times that have already triggered their action.
    @Packed private var passiveDone: Instant?
    @Packed private var deadPeerDone: Instant?

    /// `jitter` (0 to 333 ms) delays the first dead-peer timer (WG-C-3).
    public init(jitter: Duration = .zero) { deadPeerJitter = jitter }

    /// Whether an initiation may be sent now: at least five seconds after the last handshake message (WG-S-11).
    public func mayInitiate(now: Instant) -> Bool {
        lastHandshakeSent.map { now - $0 >= Constants.rekeyTimeout } ?? true
    }

    /// Schedules a handshake that was requested too soon after the last handshake message (WG-S-11). This covers requests that are made
    /// only once, such as the renewal of a keypair (WG-S-9). A pending handshake retries anyway.
    public mutating func initiateWhenAllowed() {
        guard retransmitAt == nil, let lastHandshakeSent else { return }
        deferredUntil = lastHandshakeSent + Constants.rekeyTimeout
    }

    /// True between an initiation and its answer or the end of its retries.
    public var isHandshaking: Bool { retransmitAt != nil }

    /// True after a handshake failed for good, until a packet arrives from the peer.
    public var hasGivenUp: Bool { isResting }

    /// Sets the interval of the persistent keepalive; zero turns it off. When turned on, the first one is due at once (WG-I-7).
    public mutating func setPersistentKeepalive(_ interval: Duration, now: Instant) {
        guard interval != persistentKeepalive else { return }
        if persistentKeepalive == .zero { persistentTurnedOn = now }
        persistentKeepalive = interval
        isResting = false
    }

    /// Call after sending an initiation. `isRetry` is true when it repeats an unanswered one; `jitter` is 0 to 333 ms.
    public mutating func initiationSent(now: Instant, isRetry: Bool, jitter: Duration) {
        handshakeAttempts = isRetry ? handshakeAttempts + 1 : 0
        lastHandshakeSent = now
        retransmitAt = now + Constants.rekeyTimeout + jitter
        deferredUntil = nil
        restartPersistentKeepalive(now: now)
    }

    /// Call after sending a response (WG-S-11). If our own initiation crossed the peer's, its retry is delayed until it is allowed again
    /// (WG-N-13).
    public mutating func responseSent(now: Instant) {
        if let lastHandshakeSent { retransmitAt? += now - lastHandshakeSent }
        lastHandshakeSent = now
    }

    /// Call after a handshake created a keypair (WG-I-4).
    public mutating func keypairDerived(now: Instant) { wipeAt = now + Constants.wipeAfterTime }

    /// Call when the handshake is complete: the response arrived, or the first packet under the new key.
    public mutating func handshakeCompleted() {
        retransmitAt = nil
        deferredUntil = nil
        handshakeAttempts = 0
        isResting = false
    }

    /// Call when an authenticated message arrives from the peer.
    public mutating func peerHeard() { isResting = false }

    /// Pauses the persistent keepalive until the peer is heard; used when no endpoint is known.
    public mutating func rest() { isResting = true }

    /// Lifts the five-second limit between handshakes, as after a change of our own key (WG-L-4).
    public mutating func resetHandshakeLimit() { lastHandshakeSent = nil }

    /// Stops all timers except the persistent keepalive, because the keys are wiped.
    public mutating func stop() {
        retransmitAt = nil
        deferredUntil = nil
        wipeAt = nil
        handshakeAttempts = 0
    }

    /// When `expire` must next be called; nil when no timer runs (WG-I-9).
    public func nextDeadline(_ activity: PeerActivity) -> Instant? {
        let own = Instant.earlier(Instant.earlier(retransmitAt, deferredUntil), wipeAt)
        let peer = Instant.earlier(passiveDeadline(activity), deadPeerDeadline(activity))
        return Instant.earlier(Instant.earlier(own, peer), persistentDeadline(activity))
    }

    /// What is due at `now`. `giveUp` is returned alone, so call again after it. `hasKeypair` says whether a keepalive could be encrypted.
    /// `jitter` (0 to 333 ms) delays the next dead-peer timer.
    public mutating func expire(_ activity: PeerActivity, hasKeypair: Bool, now: Instant, jitter: Duration) -> Actions {
        var actions: Actions = []
        if let deadline = retransmitAt, now >= deadline {
            retransmitAt = nil
            if handshakeAttempts > Constants.handshakeRetries {
                isResting = true
                if wipeAt == nil { wipeAt = now + Constants.wipeAfterTime }
                return .giveUp
            }
            actions.formUnion([.initiate, .clearSource])
        }
        if let deadline = passiveDeadline(activity), now >= deadline {
            passiveDone = activity.unansweredReceive
            actions.insert(hasKeypair ? .keepalive : .initiate)
            if hasKeypair, let last = activity.lastDataReceived, let first = passiveDone, last > first { actions.insert(.rearmKeepalive) }
        }
        if let deadline = deadPeerDeadline(activity), now >= deadline {
            deadPeerDone = activity.unacknowledgedSend
            deadPeerJitter = jitter
            actions.formUnion([.initiate, .clearSource])
        }
        if let deadline = persistentDeadline(activity), now >= deadline {
            restartPersistentKeepalive(now: now)
            actions.insert(hasKeypair ? .keepalive : .initiate)
        }
        if let deadline = deferredUntil, now >= deadline {
            deferredUntil = nil
            actions.insert(.initiate)
        }
        if !mayInitiate(now: now), actions.remove(.initiate) != nil { initiateWhenAllowed() }
        if let deadline = wipeAt, now >= deadline {
            wipeAt = nil
            actions.insert(.wipe)
        }
        return actions
    }

    private func passiveDeadline(_ activity: PeerActivity) -> Instant? {
        guard let first = activity.unansweredReceive, first != passiveDone else { return nil }
        return first + Constants.keepaliveTimeout
    }

    private func deadPeerDeadline(_ activity: PeerActivity) -> Instant? {
        guard let first = activity.unacknowledgedSend, first != deadPeerDone else { return nil }
        return first + Constants.deadPeerTimeout + deadPeerJitter
    }

    private mutating func restartPersistentKeepalive(now: Instant) {
        persistentTurnedOn = nil
        persistentSince = now
    }

    private func persistentDeadline(_ activity: PeerActivity) -> Instant? {
        guard persistentKeepalive != .zero, !isResting else { return nil }
        if let persistentTurnedOn { return persistentTurnedOn }
        guard let last = activity.lastAuthenticated, let since = persistentSince else {
            return (activity.lastAuthenticated ?? persistentSince).map { $0 + persistentKeepalive }
        }
        return max(last, since) + persistentKeepalive
    }
}

/// The times of the last events in the data path: all that it writes for the timers. Nil means that nothing is outstanding.
/// Each time triggers at most one action. An action's documentation says when to clear the time; the next packet sets it again.
public struct PeerActivity: Sendable, Equatable {
    /// The first data received since we last sent anything authenticated (starts the passive keepalive, WG-I-2).
    public var unansweredReceive: Instant?
    /// The last data received.
    public var lastDataReceived: Instant?
    /// The first data sent since we last received anything authenticated (starts the dead-peer timer, WG-I-3).
    public var unacknowledgedSend: Instant?
    /// The last authenticated packet in either direction (restarts the persistent keepalive, WG-I-5).
    public var lastAuthenticated: Instant?

    public init(
        unansweredReceive: Instant? = nil, lastDataReceived: Instant? = nil, unacknowledgedSend: Instant? = nil,
        lastAuthenticated: Instant? = nil
    ) {
        self.unansweredReceive = unansweredReceive
        self.lastDataReceived = lastDataReceived
        self.unacknowledgedSend = unacknowledgedSend
        self.lastAuthenticated = lastAuthenticated
    }
}
