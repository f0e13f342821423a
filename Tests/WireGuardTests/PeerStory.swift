// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import WireGuard

/// The timers of one peer, driven as the engine drives them. A test says what happens and when, and `events` lists what the timers did.
/// An event reads `15.333 initiation`: seconds and milliseconds since the start of the story.
struct PeerStory {
    var timers: PeerTimers
    var activity = PeerActivity()
    var hasKeypair: Bool
    /// The value of each jitter.
    var jitter: Duration
    private(set) var events: [String] = []
    private var now: Duration = .zero

    init(hasKeypair: Bool = true, jitter: Duration = .zero) {
        timers = PeerTimers(jitter: jitter)
        self.hasKeypair = hasKeypair
        self.jitter = jitter
    }

    /// Lets the timers run up to `time`.
    mutating func run(until time: Duration) {
        while let deadline = timers.nextDeadline(activity), deadline <= .at(time) {
            precondition(events.count < 1000, "the timers do not come to rest: \(events.suffix(3))")
            now = max(now, deadline - .at(.zero))
            obey(timers)
        }
        now = time
    }

    private mutating func obey(_ before: PeerTimers) {
        let actions = timers.expire(activity, hasKeypair: hasKeypair, now: .at(now), jitter: jitter)
        if actions.contains(.giveUp) {
            note("give up")
            activity.unansweredReceive = nil
        }
        if actions.contains(.initiate) {
            activity.unacknowledgedSend = nil
            initiate(isRetry: before.isHandshaking)
        }
        if actions.contains(.keepalive) {
            note("keepalive")
            sent(isData: false)
        }
        if actions.contains(.rearmKeepalive) { activity.unansweredReceive = .at(now) }
        if actions.contains(.wipe) {
            note("wipe")
            hasKeypair = false
            activity = PeerActivity()
            timers.stop()
        }
    }

    private mutating func initiate(isRetry: Bool) {
        note("initiation")
        timers.initiationSent(now: .at(now), isRetry: isRetry, jitter: jitter)
    }

    private mutating func note(_ what: String) {
        let milliseconds = now.nanoseconds / 1_000_000
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        events.append("\(milliseconds / 1000).\(fraction) \(what)")
    }

    private mutating func sent(isData: Bool) {
        activity.unansweredReceive = nil
        activity.lastAuthenticated = .at(now)
        if isData, activity.unacknowledgedSend == nil { activity.unacknowledgedSend = .at(now) }
    }

    // MARK: Events from outside

    /// A packet for the peer finds no session.
    mutating func wantsSession(at time: Duration) {
        run(until: time)
        initiate(isRetry: false)
    }

    mutating func sendsData(at time: Duration) {
        run(until: time)
        sent(isData: true)
    }

    mutating func sendsKeepalive(at time: Duration) {
        run(until: time)
        sent(isData: false)
    }

    mutating func receives(isData: Bool, at time: Duration) {
        run(until: time)
        timers.peerHeard()
        activity.unacknowledgedSend = nil
        activity.lastAuthenticated = .at(now)
        guard isData else { return }
        activity.lastDataReceived = .at(now)
        if activity.unansweredReceive == nil { activity.unansweredReceive = .at(now) }
    }

    /// The response arrived, or the first packet under a new key.
    mutating func completesHandshake(at time: Duration) {
        run(until: time)
        timers.keypairDerived(now: .at(now))
        timers.handshakeCompleted()
        hasKeypair = true
    }

    mutating func responds(at time: Duration) {
        run(until: time)
        timers.responseSent(now: .at(now))
    }

    mutating func setsPersistentKeepalive(_ interval: Duration, at time: Duration) {
        run(until: time)
        timers.setPersistentKeepalive(interval, now: .at(now))
    }
}
