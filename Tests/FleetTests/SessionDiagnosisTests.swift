// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Support
import Testing

/// The causes for which a device has no session, each from the evidence that the engine has of it.
@Suite struct `Why a device has no session` {
    private static let now = UnixTime(seconds: 1_800_000_000)
    private static func ago(_ seconds: Int64) -> UnixTime { now.adding(seconds: -seconds) }

    private let bert = Device.sample("bert", 3, fetched: true)
    private let anna = Device.sample("anna", 2, fetched: true)

    /// What the doctor says of bert.
    private func sentence(
        _ device: Device? = nil, heard: Int64? = nil, attempts: Evidence.Attempts = Evidence.Attempts(), drops: [(DropReason, Int64)] = [],
        strangers: [Evidence.Stranger] = [], lastDatagram: Int64? = 1, outcome: ProbeOutcome? = nil, keepalive: UInt16 = 25, clock: [UInt8]? = nil,
        endpoint: String? = "203.0.113.1:51820", annaHeard: Int64 = 1
    ) -> String {
        let device = device ?? bert
        var status = HubStatus.hearing([anna], ago: annaHeard)
        status.listen = Endpoint("[::]:51820")
        status.hostAddresses = ["203.0.113.1"]
        var sight = PeerSight(publicKey: device.publicKey, greatestTimestamp: clock)
        if let heard { (sight.endpoint, sight.lastSeenAt) = (Endpoint("203.0.113.9:40000"), Self.ago(heard)) }
        status.peers[device.publicKey] = sight
        status.pairDrops = drops.map { reason, ago in
            HubStatus.PairDrop(
                reason: reason, from: reason.isReceipt ? device.publicKey : nil, to: reason.isReceipt ? nil : device.publicKey, count: 3,
                lastAt: Self.ago(ago))
        }
        status.evidence = Evidence(
            attempts: [device.publicKey: attempts], strangers: strangers, lastDatagramAt: lastDatagram.map(Self.ago))
        let overview = Overview.sample([anna, device], status: status, keepalive: keepalive, endpoint: endpoint.flatMap { HostPort($0) })
        let echoes = LinkTest.echoes(from: overview.hub, into: device, over: overview.defaults)
        let test = outcome.map { outcome in LinkTest(echoes, echoes.map { _ in outcome }) }
        return SessionDiagnosis(of: device, in: overview, test: test).sentence.description
    }

    private func answered(_ count: Int, ago: Int64 = 2, called: Int = 0, calledAgo: Int64 = 3) -> Evidence.Attempts {
        Evidence.Attempts(
            answered: count, answeredAt: Self.ago(ago), called: called, calledSince: called > 0 ? Self.ago(calledAgo) : nil,
            calledAt: called > 0 ? Self.ago(calledAgo) : nil)
    }

    @Test func `is not asked where the device is heard, or answers a test`() {
        #expect(sentence(heard: 4).isEmpty)
        #expect(sentence(heard: 900, outcome: .answered(.milliseconds(1))).isEmpty)
        #expect(sentence(heard: 900, outcome: .noAnswer).isEmpty)
        // One handshake without an answer yet.
        #expect(sentence(heard: 4, attempts: answered(1)).isEmpty)
    }

    @Test func `names another preshared key once a handshake of the hub proved it`() {
        #expect(sentence(drops: [(.badHandshakeTag, 2)]).hasPrefix("bert has a preshared key, and the hub has none for it"))
        let words = sentence(attempts: answered(3), outcome: .noSession)
        #expect(words.hasPrefix("bert has another preshared key than the hub, or its network drops our answers: 3 handshakes were answered"))
    }

    @Test func `names a network that swallows our answers once calls are not answered either`() {
        let words = sentence(attempts: answered(5, called: 2))
        #expect(words.hasPrefix("The network of bert drops our answers: 5 handshakes were answered, and nothing came back."))
    }

    @Test func `does not hold refused handshakes against a device that was heard since, or long ago`() {
        #expect(sentence(heard: 1, drops: [(.badHandshakeTag, 2)]).isEmpty)
        #expect(sentence(heard: 1, drops: [(.timestampReplay, 2)]).isEmpty)
        #expect(sentence(heard: 400, drops: [(.timestampReplay, 301)]).hasPrefix("bert is off or cut off"))
        #expect(sentence(heard: 1, attempts: answered(5, ago: 2)).isEmpty)
    }

    @Test func `says by how much a clock was ahead, or that it went back`() {
        // TAI64N: a year after now.
        let ahead = 0x4000_0000_0000_000A + UInt64(Self.now.seconds) + 365 * 86_400
        let clock = (0..<8).map { UInt8(truncatingIfNeeded: ahead >> (56 - 8 * $0)) } + [0, 0, 0, 0]
        #expect(
            sentence(heard: 60, drops: [(.timestampReplay, 2)], clock: clock).hasPrefix(
                "Handshakes of bert are refused: its clock was ahead by 365 d once."))
        #expect(sentence(heard: 60, drops: [(.timestampReplay, 2)]).hasPrefix("Handshakes of bert are refused: its clock went back."))
    }

    @Test(arguments: [
        (DropReason.badMac1, "Handshakes from 203.0.113.9, where bert was last, use another hub's key."),
        (.unknownInitiator, "Handshakes from 203.0.113.9, where bert was last, use a key that no device has."),
    ])
    func `finds a wrong file by the address where the device was last`(reason: DropReason, words: String) {
        let here = Evidence.Stranger(source: Endpoint("203.0.113.9:1234")!, at: Self.ago(3), reason: reason)
        let elsewhere = Evidence.Stranger(source: Endpoint("203.0.113.8:1234")!, at: Self.ago(3), reason: reason)
        #expect(sentence(heard: 60, strangers: [here]).hasPrefix(words))
        #expect(!sentence(heard: 60, strangers: [elsewhere]).hasPrefix("Handshakes"))
        #expect(sentence(heard: 1, strangers: [here]).isEmpty)
    }

    @Test func `names what the hub's own host does not send`() {
        #expect(sentence(heard: 1, drops: [(.sendNotPermitted, 2)], outcome: .noAnswer).hasPrefix("The hub's host does not permit sending"))
        #expect(sentence(heard: 1, drops: [(.sendNotPermitted, 40)]).isEmpty)
        #expect(
            sentence(heard: 4, drops: [(.sendNotPermitted, 2)], outcome: .noSession).hasPrefix(
                "The hub's host does not permit sending to 203.0.113.9:40000"))
        #expect(
            sentence(heard: 4, drops: [(.endpointUnreachable, 2)], outcome: .noSession).hasPrefix("The hub's host has no route to 203.0.113.9:40000"))
    }

    @Test func `tells why a device never connected`() {
        #expect(
            sentence().hasPrefix("Nobody has connected with the key of bert yet: it does not have its file, or it cannot reach 203.0.113.1:51820."))
        #expect(sentence(endpoint: nil).hasPrefix("The file of bert names no endpoint"))
        #expect(sentence(endpoint: "203.0.113.1:51999").hasPrefix("The file of bert names port 51999, but the hub listens on port 51820."))
        // Another machine may forward the port.
        #expect(sentence(endpoint: "203.0.113.7:51999").hasPrefix("Nobody has connected"))
        #expect(sentence(lastDatagram: nil).hasPrefix("Nothing has reached UDP port 51820 of the hub since it started"))
        for isFetched in [true, false] {
            let device = Device.sample("bert", 3, fetched: isFetched, keyRevision: 2)
            #expect(sentence(device).hasPrefix("bert got a new key and has not connected with it yet."))
        }
    }

    @Test func `names the endpoint of a hub that has moved, if nobody connects any more`() {
        let moved = "The file of bert names 203.0.113.7:51820, but the hub's host has no such address. It has 203.0.113.1. Change the endpoint."
        #expect(sentence(endpoint: "203.0.113.7:51820", annaHeard: 600) == moved)
        #expect(sentence(heard: 600, endpoint: "203.0.113.7:51820", annaHeard: 600) == moved)
        #expect(sentence(heard: 600, endpoint: "203.0.113.7:51820", annaHeard: 1).hasPrefix("bert is off or cut off"))
        #expect(sentence(heard: 600, endpoint: "203.0.113.1:51820", annaHeard: 600).hasPrefix("bert is off or cut off"))
    }

    @Test(arguments: [(Int64(53), true), (54, false)])
    func `is patient with one lost keepalive`(silence: Int64, isFine: Bool) { #expect(sentence(heard: silence).isEmpty == isFine) }

    @Test func `tells a device that is off from a way back that closed`() {
        #expect(sentence(heard: 60).hasPrefix("bert is off or cut off: it was last heard 1 min ago, and should send something every 25 s."))
        #expect(sentence(heard: 29, outcome: .noSession).hasPrefix("bert is off or cut off"))
        let called = Evidence.Attempts(called: 2, calledSince: Self.ago(8), calledAt: Self.ago(2))
        let closed =
            "bert was heard 28 s ago and does not answer: a NAT or firewall closes the way back before its keepalive of 100 s, or it was switched off. Set its keepalive to 25 or less."
        #expect(sentence(heard: 28, attempts: called, keepalive: 100) == closed)
        #expect(sentence(heard: 28, outcome: .noSession, keepalive: 100) == closed)
        #expect(sentence(heard: 20, outcome: .noSession).hasSuffix("Set its keepalive to 12 or less."))
        #expect(sentence(heard: 28, outcome: .noSession, keepalive: 0).contains("is off and a NAT or firewall has closed the way back"))
        // A device that does not have the file with this keepalive need not keep it.
        #expect(sentence(.sample("bert", 3), heard: 60).isEmpty)
    }

    @Test func `blames no single device when the hub hears nobody`() {
        let words = sentence(heard: 70, lastDatagram: 60, annaHeard: 60)
        #expect(words.hasPrefix("No device has reached UDP port 51820 of the hub for 1 min:"))
        #expect(sentence(heard: 70, lastDatagram: 1, annaHeard: 1).hasPrefix("bert is off"))
    }
}

@Suite struct `The evidence` {
    @Test func `has the device's clock in its newest timestamp`() {
        #expect(PeerSight(publicKey: Device.sample("a", 2).publicKey).newestClock == nil)
        let sight = PeerSight(
            publicKey: Device.sample("a", 2).publicKey, greatestTimestamp: [0x40, 0, 0, 0, 0, 0, 0, 0x0B, 0, 0, 0, 0])
        #expect(sight.newestClock == UnixTime(seconds: 1))
    }
}
