// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The five timers of a peer as one pure function of what happened and the time (Documentation/protocol.md section 8).
/// Nothing runs between deadlines: the caller asks `expire` when one has come and sleeps until the next.
public struct PeerTimers: Sendable {
    /// What is due.
    public struct Actions: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }
        /// Send an initiation, now: the handshake was not answered, the peer seems dead, or a keepalive has no session (WG-I-1, WG-I-3, WG-I-7).
        /// Never within five seconds of the last handshake message (WG-S-11). A retry when there is one under way. Clears `unacknowledgedSend`.
        public static let initiate = Actions(rawValue: 1)
        /// Send a keepalive, which as an authenticated send clears `unansweredReceive` (WG-I-2, WG-I-5).
        public static let keepalive = Actions(rawValue: 2)
        /// The handshake was given up: purge what is staged and clear `unansweredReceive` (WG-I-1).
        public static let giveUp = Actions(rawValue: 4)
        /// Wipe all keys of the peer (WG-I-4).
        public static let wipe = Actions(rawValue: 8)
        /// Forget the local address that the peer was answered from (WG-E-6).
        public static let clearSource = Actions(rawValue: 16)
        /// Data came while the passive keepalive was pending: it runs once more, so `unansweredReceive` becomes now (WG-I-2).
        public static let rearmKeepalive = Actions(rawValue: 32)
    }

    /// Seconds of the persistent keepalive; zero is off.
    public private(set) var persistentKeepalive: Duration = .zero
    /// Initiations sent since the last completed handshake, without the first.
    public private(set) var handshakeAttempts = 0
    private var lastHandshakeSent: Instant?
    private var retransmitAt: Instant?
    /// When a handshake that was wanted too soon may leave.
    private var deferredUntil: Instant?
    private var wipeAt: Instant?
    /// When the persistent keepalive was turned on; nil after the first, which is due at once (WG-I-7).
    private var persistentTurnedOn: Instant?
    /// When the persistent keepalive last ran, or an initiation took its place.
    private var persistentSince: Instant?
    /// After a give-up the persistent keepalive rests until the peer is heard again, so that dead devices cost nothing.
    private var isResting = false
    private var deadPeerJitter: Duration
    /// The stamps of the activity that were acted on.
    private var passiveDone: Instant?
    private var deadPeerDone: Instant?

    /// `jitter` (0 to 333 ms) is for the first dead-peer timer (WG-C-3).
    public init(jitter: Duration = .zero) { deadPeerJitter = jitter }

    /// Whether an initiation may leave now: at least five seconds after the last handshake message (WG-S-11).
    public func mayInitiate(now: Instant) -> Bool {
        lastHandshakeSent.map { now - $0 >= Constants.rekeyTimeout } ?? true
    }

    /// A handshake is wanted so soon after the last message of one that it has to wait (WG-S-11). It is not asked for again by whoever
    /// asks once, such as a session that is to be renewed (WG-S-9). One that is under way repeats itself.
    public mutating func initiateWhenAllowed() {
        guard retransmitAt == nil, let lastHandshakeSent else { return }
        deferredUntil = lastHandshakeSent + Constants.rekeyTimeout
    }

    /// True between an initiation and its answer or give-up.
    public var isHandshaking: Bool { retransmitAt != nil }

    /// True when the handshake was given up and the peer not heard since.
    public var hasGivenUp: Bool { isResting }

    /// Turns the persistent keepalive on or off. Going from off to on is due at once (WG-I-7).
    public mutating func setPersistentKeepalive(_ interval: Duration, now: Instant) {
        guard interval != persistentKeepalive else { return }
        if persistentKeepalive == .zero { persistentTurnedOn = now }
        persistentKeepalive = interval
        isResting = false
    }

    /// An initiation left. `isRetry` when it repeats an unanswered one; `jitter` is 0 to 333 ms.
    public mutating func initiationSent(now: Instant, isRetry: Bool, jitter: Duration) {
        handshakeAttempts = isRetry ? handshakeAttempts + 1 : 0
        lastHandshakeSent = now
        retransmitAt = now + Constants.rekeyTimeout + jitter
        deferredUntil = nil
        restartPersistentKeepalive(now: now)
    }

    /// A response left (WG-S-11). An initiation of ours that crossed the peer's is repeated so much later, when it may leave again (WG-N-13).
    public mutating func responseSent(now: Instant) {
        if let lastHandshakeSent { retransmitAt? += now - lastHandshakeSent }
        lastHandshakeSent = now
    }

    /// A session was derived from a handshake (WG-I-4).
    public mutating func sessionDerived(now: Instant) { wipeAt = now + Constants.wipeAfterTime }

    /// The handshake is complete: the response came, or the first packet under the new key.
    public mutating func handshakeCompleted() {
        retransmitAt = nil
        deferredUntil = nil
        handshakeAttempts = 0
        isResting = false
    }

    /// Something authentic came from the peer.
    public mutating func peerHeard() { isResting = false }

    /// There is nowhere to send to: the persistent keepalive rests until the peer is heard.
    public mutating func rest() { isResting = true }

    /// The next five seconds are free again, as after a change of our own key (WG-L-4).
    public mutating func resetHandshakeLimit() { lastHandshakeSent = nil }

    /// The keys are gone: nothing runs but the persistent keepalive.
    public mutating func stop() {
        retransmitAt = nil
        deferredUntil = nil
        wipeAt = nil
        handshakeAttempts = 0
    }

    /// The first moment at which `expire` has something to do; nil for a peer that costs nothing (WG-I-9).
    public func nextDeadline(_ activity: PeerActivity) -> Instant? {
        let own = Instant.earlier(Instant.earlier(retransmitAt, deferredUntil), wipeAt)
        let peer = Instant.earlier(passiveDeadline(activity), deadPeerDeadline(activity))
        return Instant.earlier(Instant.earlier(own, peer), persistentDeadline(activity))
    }

    /// What is due at `now`; after a give-up ask again, for that comes alone. `hasSession` is whether a keepalive could be encrypted; `jitter` (0 to 333 ms) is for the next dead-peer timer.
    public mutating func expire(_ activity: PeerActivity, hasSession: Bool, now: Instant, jitter: Duration) -> Actions {
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
            actions.insert(hasSession ? .keepalive : .initiate)
            if hasSession, let last = activity.lastDataReceived, let first = passiveDone, last > first { actions.insert(.rearmKeepalive) }
        }
        if let deadline = deadPeerDeadline(activity), now >= deadline {
            deadPeerDone = activity.unacknowledgedSend
            deadPeerJitter = jitter
            actions.formUnion([.initiate, .clearSource])
        }
        if let deadline = persistentDeadline(activity), now >= deadline {
            restartPersistentKeepalive(now: now)
            actions.insert(hasSession ? .keepalive : .initiate)
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
