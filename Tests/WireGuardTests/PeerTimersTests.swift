// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing
import WireGuard

struct `The retransmission timer` {
    @Test func `WG-I-1 sends 20 initiations in all, then gives up and lets the keys live 540 seconds more`() {
        var story = PeerStory(hasKeypair: false)
        story.wantsSession(at: .zero)
        story.run(until: .seconds(3600))
        let initiations = stride(from: 0, to: 100, by: 5).map { "\($0).000 initiation" }
        #expect(initiations.count == 20)
        #expect(story.events == initiations + ["100.000 give up", "640.000 wipe"])
    }

    @Test func `WG-C-3 adds its jitter to each of the five seconds`() {
        var story = PeerStory(hasKeypair: false, jitter: .milliseconds(333))
        story.wantsSession(at: .zero)
        story.run(until: .seconds(200))
        #expect(story.events.prefix(3) == ["0.000 initiation", "5.333 initiation", "10.666 initiation"])
        #expect(story.events.suffix(2) == ["101.327 initiation", "106.660 give up"])
    }

    @Test func `WG-I-1 stops when the handshake is complete`() {
        var story = PeerStory(hasKeypair: false)
        story.wantsSession(at: .zero)
        story.completesHandshake(at: .seconds(6))
        story.run(until: .seconds(500))
        #expect(story.events == ["0.000 initiation", "5.000 initiation"])
    }

    @Test func `WG-I-1 counts from zero after a handshake was completed or given up`() {
        var story = PeerStory(hasKeypair: false)
        story.wantsSession(at: .zero)
        story.run(until: .seconds(200))
        #expect(story.timers.hasGivenUp)
        #expect(!story.timers.isHandshaking)
        story.wantsSession(at: .seconds(200))
        #expect(story.timers.handshakeAttempts == 0)
        story.run(until: .seconds(299))
        #expect(story.events.count == 41)
        story.completesHandshake(at: .seconds(299))
        #expect(!story.timers.hasGivenUp)
        #expect(story.timers.handshakeAttempts == 0)
    }

    @Test func `WG-E-6 forgets the local address with each retry, and not when it gives up`() {
        var timers = PeerTimers()
        timers.initiationSent(now: .at(.zero), isRetry: false, jitter: .zero)
        for retry in 1...19 {
            let now = Instant.at(.seconds(5 * retry))
            #expect(timers.expire(PeerActivity(), hasKeypair: false, now: now, jitter: .zero) == [.initiate, .clearSource])
            timers.initiationSent(now: now, isRetry: true, jitter: .zero)
        }
        #expect(timers.expire(PeerActivity(), hasKeypair: false, now: .at(.seconds(100)), jitter: .zero) == .giveUp)
    }

    @Test func `WG-I-1 is followed by a new handshake if data remained unanswered`() {
        var story = PeerStory()
        story.wantsSession(at: .zero)
        story.sendsData(at: .seconds(97))
        story.run(until: .seconds(113))
        #expect(story.events.suffix(2) == ["100.000 give up", "112.000 initiation"])
        #expect(story.timers.handshakeAttempts == 0)
    }

    @Test func `WG-I-1 returns only the give-up, whatever else is due`() {
        var timers = PeerTimers()
        timers.initiationSent(now: .at(.zero), isRetry: false, jitter: .zero)
        for _ in 1...19 { timers.initiationSent(now: .at(.zero), isRetry: true, jitter: .zero) }
        let activity = PeerActivity(unansweredReceive: .at(.zero), unacknowledgedSend: .at(.zero))
        #expect(timers.expire(activity, hasKeypair: true, now: .at(.seconds(20)), jitter: .zero) == .giveUp)
        let rest = timers.expire(PeerActivity(unacknowledgedSend: .at(.zero)), hasKeypair: true, now: .at(.seconds(20)), jitter: .zero)
        #expect(rest == [.initiate, .clearSource])
    }

    @Test func `WG-I-1 cancels the passive keepalive when it gives up`() {
        var story = PeerStory(hasKeypair: false)
        story.wantsSession(at: .zero)
        story.receives(isData: true, at: .seconds(90))
        story.run(until: .seconds(200))
        #expect(story.events.last == "100.000 give up")
    }

    @Test func `WG-N-13 waits five seconds and its jitter after a response that crossed the initiation`() {
        var story = PeerStory(hasKeypair: false, jitter: .milliseconds(100))
        story.wantsSession(at: .zero)
        story.responds(at: .milliseconds(200))
        story.run(until: .seconds(9))
        #expect(story.events == ["0.000 initiation", "5.300 initiation"])
    }
}

struct `The limit of initiations` {
    @Test func `WG-S-11 is one in five seconds`() {
        var timers = PeerTimers()
        #expect(timers.mayInitiate(now: .at(.zero)))
        timers.initiationSent(now: .at(.zero), isRetry: false, jitter: .zero)
        #expect(!timers.mayInitiate(now: .at(.milliseconds(4999))))
        #expect(timers.mayInitiate(now: .at(.seconds(5))))
    }

    @Test func `WG-S-11 counts from a response too`() {
        var timers = PeerTimers()
        timers.responseSent(now: .at(.seconds(10)))
        #expect(!timers.mayInitiate(now: .at(.milliseconds(14_999))))
        #expect(timers.mayInitiate(now: .at(.seconds(15))))
    }

    @Test func `WG-S-11 applies to the dead-peer timer while a handshake is pending`() {
        var story = PeerStory()
        story.sendsData(at: .seconds(0))
        story.wantsSession(at: .seconds(12))
        story.run(until: .seconds(18))
        #expect(story.events == ["12.000 initiation", "17.000 initiation"])
    }

    @Test func `WG-S-11 applies to a persistent keepalive of one second`() {
        var story = PeerStory(hasKeypair: false)
        story.setsPersistentKeepalive(.seconds(1), at: .zero)
        story.run(until: .seconds(11))
        #expect(story.events == ["0.000 initiation", "5.000 initiation", "10.000 initiation"])
    }

    @Test func `WG-L-4 is lifted when our own key changed`() {
        var timers = PeerTimers()
        timers.responseSent(now: .at(.seconds(10)))
        timers.resetHandshakeLimit()
        #expect(timers.mayInitiate(now: .at(.seconds(10))))
    }
}

struct `The passive keepalive` {
    @Test func `WG-I-2 answers data after ten seconds of silence`() {
        var story = PeerStory()
        story.receives(isData: true, at: .seconds(3))
        story.run(until: .seconds(1000))
        #expect(story.events == ["13.000 keepalive"])
    }

    @Test func `WG-I-2 runs once more if data arrived while it was pending`() {
        var story = PeerStory()
        story.receives(isData: true, at: .seconds(0))
        story.receives(isData: true, at: .seconds(4))
        story.receives(isData: true, at: .seconds(8))
        story.run(until: .seconds(1000))
        #expect(story.events == ["10.000 keepalive", "20.000 keepalive"])
    }

    @Test(arguments: [true, false])
    func `WG-I-2 is cancelled by anything that is sent`(isData: Bool) {
        var story = PeerStory()
        story.receives(isData: true, at: .seconds(0))
        if isData { story.sendsData(at: .seconds(9)) } else { story.sendsKeepalive(at: .seconds(9)) }
        story.run(until: .seconds(20))
        #expect(story.events == [])
    }

    @Test func `WG-I-2 starts again with the next data after a send`() {
        var story = PeerStory()
        story.receives(isData: true, at: .seconds(0))
        story.sendsKeepalive(at: .seconds(5))
        story.receives(isData: true, at: .seconds(7))
        story.run(until: .seconds(1000))
        #expect(story.events == ["17.000 keepalive"])
    }

    @Test func `WG-I-6 never answers a keepalive`() {
        var story = PeerStory()
        story.receives(isData: false, at: .seconds(0))
        story.run(until: .seconds(1000))
        #expect(story.events == [])
    }

    @Test func `WG-I-6 falls silent between two idle peers`() {
        var (a, b) = (PeerStory(), PeerStory())
        a.sendsData(at: .zero)
        b.receives(isData: true, at: .zero)
        b.run(until: .seconds(10))
        #expect(b.events == ["10.000 keepalive"])
        a.receives(isData: false, at: .seconds(10))
        a.run(until: .seconds(60))
        b.run(until: .seconds(60))
        #expect(a.events == [])
        #expect(b.events.count == 1)
    }

    @Test func `WG-I-2 starts a handshake if there is no session to send with`() {
        var story = PeerStory(hasKeypair: false)
        story.receives(isData: true, at: .seconds(0))
        story.run(until: .seconds(12))
        #expect(story.events == ["10.000 initiation"])
    }
}

struct `The dead-peer timer` {
    @Test func `WG-I-3 starts a handshake 15 seconds after unanswered data`() {
        var story = PeerStory()
        story.sendsData(at: .seconds(2))
        story.run(until: .seconds(21))
        #expect(story.events == ["17.000 initiation"])
    }

    @Test func `WG-C-3 has its jitter from the first time on`() {
        var story = PeerStory(jitter: .milliseconds(250))
        story.sendsData(at: .seconds(0))
        story.run(until: .seconds(16))
        #expect(story.events == ["15.250 initiation"])
    }

    @Test func `WG-I-3 counts from the first unanswered data, not from the last`() {
        var story = PeerStory()
        story.sendsData(at: .seconds(0))
        story.sendsData(at: .seconds(14))
        story.run(until: .seconds(16))
        #expect(story.events == ["15.000 initiation"])
    }

    @Test(arguments: [true, false])
    func `WG-I-3 is cancelled by anything that is received`(isData: Bool) {
        var story = PeerStory()
        story.sendsData(at: .seconds(0))
        story.receives(isData: isData, at: .seconds(14))
        story.run(until: .seconds(23))
        #expect(story.events == [])
    }

    @Test func `WG-I-3 does not watch keepalives`() {
        var story = PeerStory()
        story.sendsKeepalive(at: .seconds(0))
        story.run(until: .seconds(1000))
        #expect(story.events == [])
    }

    @Test func `WG-E-6 forgets the local address`() {
        var timers = PeerTimers()
        let activity = PeerActivity(unacknowledgedSend: .at(.zero))
        #expect(timers.expire(activity, hasKeypair: true, now: .at(.milliseconds(14_999)), jitter: .zero) == [])
        #expect(timers.expire(activity, hasKeypair: true, now: .at(.seconds(15)), jitter: .zero) == [.initiate, .clearSource])
    }

    @Test func `WG-I-3 is followed by retries until the peer is given up`() {
        var story = PeerStory()
        story.sendsData(at: .seconds(0))
        story.run(until: .seconds(3600))
        #expect(story.events.first == "15.000 initiation")
        #expect(story.events.suffix(3) == ["110.000 initiation", "115.000 give up", "655.000 wipe"])
    }
}

struct `The wipe timer` {
    @Test func `WG-I-4 wipes the keys 540 seconds after the last session was derived`() {
        var story = PeerStory()
        story.completesHandshake(at: .seconds(0))
        story.completesHandshake(at: .seconds(100))
        story.run(until: .seconds(3600))
        #expect(story.events == ["640.000 wipe"])
    }

    @Test func `WG-S-15 leaves no timer running`() {
        var story = PeerStory()
        story.completesHandshake(at: .seconds(0))
        story.run(until: .seconds(540))
        #expect(story.timers.nextDeadline(story.activity) == nil)
    }
}

struct `The persistent keepalive` {
    @Test func `WG-I-7 is due at once when it is turned on, and then after each interval of silence`() {
        var story = PeerStory()
        story.setsPersistentKeepalive(.seconds(25), at: .seconds(3))
        story.run(until: .seconds(80))
        #expect(story.events == ["3.000 keepalive", "28.000 keepalive", "53.000 keepalive", "78.000 keepalive"])
    }

    @Test func `WG-I-7 is due at once even when there was traffic just now`() {
        var story = PeerStory()
        story.sendsKeepalive(at: .seconds(100))
        story.setsPersistentKeepalive(.seconds(25), at: .seconds(101))
        story.run(until: .seconds(130))
        #expect(story.events == ["101.000 keepalive", "126.000 keepalive"])
    }

    @Test func `WG-I-5 fires only when idle: anything sent or received delays it`() {
        var story = PeerStory()
        story.setsPersistentKeepalive(.seconds(25), at: .zero)
        story.sendsKeepalive(at: .seconds(20))
        story.receives(isData: false, at: .seconds(40))
        story.run(until: .seconds(66))
        #expect(story.events == ["0.000 keepalive", "65.000 keepalive"])
    }

    @Test func `WG-I-5 is off at zero`() {
        var story = PeerStory()
        story.setsPersistentKeepalive(.seconds(25), at: .zero)
        story.setsPersistentKeepalive(.zero, at: .seconds(30))
        story.run(until: .seconds(1000))
        #expect(story.events == ["0.000 keepalive", "25.000 keepalive"])
        #expect(story.timers.nextDeadline(story.activity) == nil)
    }

    @Test func `WG-I-5 counts a new interval from the last traffic`() {
        var story = PeerStory()
        story.setsPersistentKeepalive(.seconds(25), at: .zero)
        story.setsPersistentKeepalive(.seconds(40), at: .seconds(10))
        story.run(until: .seconds(41))
        #expect(story.events == ["0.000 keepalive", "40.000 keepalive"])
    }

    @Test func `WG-I-7 starts a handshake if there is no session`() {
        var story = PeerStory(hasKeypair: false)
        story.setsPersistentKeepalive(.seconds(25), at: .zero)
        story.run(until: .seconds(4))
        #expect(story.events == ["0.000 initiation"])
        story.completesHandshake(at: .seconds(4))
        story.run(until: .seconds(30))
        #expect(story.events == ["0.000 initiation", "25.000 keepalive"])
    }

    @Test(arguments: [1, 5, 25, 65535])
    func `WG-I-1 does not keep a handshake from being given up`(seconds: Int) {
        var story = PeerStory(hasKeypair: false)
        story.setsPersistentKeepalive(.seconds(seconds), at: .zero)
        story.run(until: .seconds(100))
        #expect(story.events.count == 21)
        #expect(story.events.last == "100.000 give up")
    }

    @Test func `pauses after a give-up, so that a dead device costs nothing`() {
        var story = PeerStory(hasKeypair: false)
        story.setsPersistentKeepalive(.seconds(25), at: .zero)
        story.run(until: .seconds(86_400))
        #expect(story.events.suffix(2) == ["100.000 give up", "640.000 wipe"])
        #expect(story.timers.nextDeadline(story.activity) == nil)
    }

    @Test func `resumes when the peer is heard`() {
        var story = PeerStory(hasKeypair: false)
        story.setsPersistentKeepalive(.seconds(25), at: .zero)
        story.run(until: .seconds(1000))
        story.completesHandshake(at: .seconds(1000))
        story.receives(isData: false, at: .seconds(1000))
        story.run(until: .seconds(1026))
        #expect(story.events.last == "1025.000 keepalive")
    }

    @Test func `resumes when its interval is changed`() {
        var story = PeerStory(hasKeypair: false)
        story.setsPersistentKeepalive(.seconds(25), at: .zero)
        story.run(until: .seconds(1000))
        story.setsPersistentKeepalive(.seconds(30), at: .seconds(1000))
        story.run(until: .seconds(1001))
        #expect(story.events.last == "1000.000 initiation")
    }
}

struct `A peer's next deadline` {
    @Test func `WG-I-9 is nil if nothing is outstanding`() {
        #expect(PeerTimers().nextDeadline(PeerActivity()) == nil)
        #expect(PeerTimers().nextDeadline(PeerActivity(lastDataReceived: .at(.seconds(1)), lastAuthenticated: .at(.seconds(1)))) == nil)
    }

    @Test func `WG-I-9 is the earliest of the outstanding ones`() {
        var timers = PeerTimers()
        timers.keypairDerived(now: .at(.zero))
        #expect(timers.nextDeadline(PeerActivity()) == .at(.seconds(540)))
        #expect(timers.nextDeadline(PeerActivity(unacknowledgedSend: .at(.seconds(2)))) == .at(.seconds(17)))
        let both = PeerActivity(unansweredReceive: .at(.seconds(3)), unacknowledgedSend: .at(.seconds(2)))
        #expect(timers.nextDeadline(both) == .at(.seconds(13)))
        timers.initiationSent(now: .at(.seconds(4)), isRetry: false, jitter: .milliseconds(7))
        #expect(timers.nextDeadline(both) == .at(.milliseconds(9007)))
    }

    @Test func `WG-I-9 is nil for a time that triggered its action and was not cleared`() {
        var timers = PeerTimers()
        let activity = PeerActivity(unansweredReceive: .at(.seconds(1)), unacknowledgedSend: .at(.seconds(1)))
        _ = timers.expire(activity, hasKeypair: true, now: .at(.seconds(20)), jitter: .zero)
        #expect(timers.nextDeadline(activity) == nil)
        let later = PeerActivity(unansweredReceive: .at(.seconds(30)), unacknowledgedSend: .at(.seconds(40)))
        #expect(timers.nextDeadline(later) == .at(.seconds(40)))
    }

    @Test func `WG-C-10 that passed during sleep triggers once, late`() {
        var timers = PeerTimers()
        timers.keypairDerived(now: .at(.zero))
        timers.initiationSent(now: .at(.zero), isRetry: false, jitter: .zero)
        let actions = timers.expire(PeerActivity(), hasKeypair: true, now: .at(.seconds(100_000)), jitter: .zero)
        #expect(actions == [.initiate, .clearSource, .wipe])
        #expect(timers.nextDeadline(PeerActivity()) == nil)
    }
}
