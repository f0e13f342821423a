// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Testing

/// Stock clients with a bad path to the hub, and clients that are killed (Documentation/protocol.md section 18).
@Suite(.needsLab)
struct `A bad path` {
    @Test func `of a two-second round trip carries handshakes, pings and TCP, no matter which side begins`() throws {
        try Lab.run { lab in
            let pair = try Pair(in: lab, keepalive: "1", ImpairedPath.Impairment(delay: .seconds(1)))
            #expect(try pair.a.reaches("10.3.2.3", within: 15))
            try pair.a.transfer(byteCount: 200_000, to: pair.b, at: "10.3.2.3")
            try pair.b.transfer(byteCount: 200_000, to: pair.a, at: "10.3.2.2")
            let replies = try pair.a.ping("10.3.2.3", count: 3, patience: 4).replies
            #expect(replies.count == 3 && replies.allSatisfy { $0.milliseconds >= 2000 })

            // The hub connects to the devices that it remembers, so now it is the initiator.
            pair.hub.kill()
            let before = try pair.a.latestHandshake()
            sleep(.seconds(1))
            try pair.hub.start()
            try wait("a new session over the slow path", upTo: .seconds(20)) { try pair.a.latestHandshake() > before ? true : nil }
            #expect(try pair.b.reaches("10.3.2.2", within: 15))
        }
    }

    @Test func `that loses 5 %, reorders 5 % and duplicates everything loses no byte of TCP, and duplicates nothing inside`() throws {
        try Lab.run { lab in
            let pair = try Pair(in: lab, ImpairedPath.Impairment(lost: 0.05, duplicated: 1, reordered: 0.05))
            #expect(try pair.a.reaches("10.3.2.3", within: 15))
            try pair.a.transfer(byteCount: 500_000, to: pair.b, at: "10.3.2.3")
            try pair.b.transfer(byteCount: 500_000, to: pair.a, at: "10.3.2.2")
            let ping = try Command.run(pair.a.namespace.words(["ping", "-n", "-c", "20", "-i", "0.1", "-W", "1", "10.3.2.3"]))
            #expect(ping.output.contains("bytes from") && !ping.output.contains("DUP!"))

            let fates = pair.path.fates
            #expect(fates.lost > 0 && fates.reordered > 0 && fates.duplicated == fates.passed)
            let drops: [String: Int] = try pair.api.get("/drops")
            // Every datagram of the device arrived twice: the second one is a replay, and nothing else was dropped.
            #expect(drops["replay_duplicate", default: 0] > 100, "\(drops)")
        }
    }

    @Test func `a client that is killed and restarted connects at once`() throws {
        try Lab.run { lab in
            let pair = try Pair(in: lab, ImpairedPath.Impairment())
            #expect(try pair.a.reaches("10.3.2.3"))
            pair.a.kill()
            try pair.a.up(pair.fileA)
            let begin = ContinuousClock.now
            #expect(try pair.a.reaches("10.3.2.3", within: 2))
            #expect(ContinuousClock.now - begin < .seconds(2))
            #expect(try pair.b.ping("10.3.2.2").nothingLost)
        }
    }

    /// Takes real time, because the test cannot speed up the clients' own timers.
    @Test func `three renewals of a session lose no packet and take one handshake each, no matter which side began it`() throws {
        try Lab.run { lab in
            let pair = try Pair(in: lab, ImpairedPath.Impairment())
            #expect(try pair.a.reaches("10.3.2.3"))
            // After a restart, the hub initiates the session with B. A sends packets and initiates its own.
            try pair.hub.stop()
            try pair.hub.start()
            let ping = try pair.a.startPing("10.3.2.3")
            try ping.waitForReplies(within: .seconds(10))

            var handshakes: [[Int]] = [[], []]
            let end = ContinuousClock.now + .seconds(3 * 120 + 20)
            while ContinuousClock.now < end {
                for (number, client) in [pair.a, pair.b].enumerated() {
                    let latest = try client.latestHandshake()
                    if handshakes[number].last != latest { handshakes[number].append(latest) }
                }
                sleep(.seconds(1))
            }
            let result = try ping.stop()
            #expect(result.nothingLost, "\(result)")
            for times in handshakes {
                #expect(times.count == 4, "\(times)")
                let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
                #expect(gaps.allSatisfy { (118...127).contains($0) }, "\(gaps)")
            }
        }
    }
}

/// A hub and two linked machines; the path from the first one to the hub is impaired.
private struct Pair {
    let hub: Hub
    let path: ImpairedPath
    let api: API
    let a: Client
    let b: Client
    let fileA: String

    init(in lab: Lab, keepalive: String = "25", _ impairment: ImpairedPath.Impairment) throws {
        hub = try Hub(in: lab)
        path = try ImpairedPath(to: hub, in: lab, impairment)
        api = try API(hub)
        let portal = try PortalClient(settingUp: hub, in: lab)
        let deviceA = try portal.add("A")
        let deviceB = try portal.add("B")
        try portal.edit(deviceA, ["endpoint": path.endpoint, "persistent_keepalive": keepalive])
        fileA = try portal.configuration(of: deviceA)
        a = try Client("A", in: lab)
        b = try Client("B", in: lab)
        try a.up(fileA)
        try b.up(portal.configuration(of: deviceB))
    }
}
