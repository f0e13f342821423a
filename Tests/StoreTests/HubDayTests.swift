// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

@testable import Store

struct `The day of a hub` {
    private let hub: TemporaryHub
    private let (a, b): (PublicKey, PublicKey)
    /// Two minutes into a quarter of an hour.
    private static let now = UnixTime(seconds: 1_800_000_120)

    init() throws {
        hub = try TemporaryHub()
        (a, b) = (try hub.add(.sample("a")).publicKey, try hub.add(.sample("b")).publicKey)
    }

    private func day() throws -> HubDay { try hub.read { try $0.hubDay(upTo: Self.now) } }

    @Test func `sums up the traffic of all devices, also of the minutes that are not summed up yet`() throws {
        let minute = Self.now.seconds / 60
        try hub.write { transaction in
            for ago in [2_000, 1_000, 16, 1] as [Int64] {
                try transaction.recordTraffic([(a, TrafficCell(received: 100, sent: 10)), (b, TrafficCell(received: 200))], minute: minute - ago)
            }
        }
        let day = try day()
        #expect(day.traffic.count == 96)
        #expect(day.traffic[95] == TrafficCell(received: 300, sent: 10))
        #expect(day.traffic[94] == TrafficCell(received: 300, sent: 10))
        #expect(day.traffic[93] == TrafficCell())
        // One was 16 hours ago; the one of 33 hours ago is too old.
        #expect(day.traffic.reduce(0) { $0 + $1.received } == 900)
    }

    @Test func `counts each device once in a quarter of an hour`() throws {
        func hear(_ key: PublicKey, ago: Int64, at place: String) throws {
            let sight = PeerSight(publicKey: key, endpoint: Endpoint(place), lastHandshakeAt: Self.now.adding(seconds: -ago))
            try hub.write { try $0.recordOnlinePeriods(of: [sight]) }
        }
        for ago in [2_000, 1_900, 1_800] as [Int64] { try hear(a, ago: ago, at: "192.0.2.7:1") }
        // From another place in the same quarter.
        try hear(a, ago: 1_790, at: "192.0.2.8:1")
        try hear(b, ago: 1_000, at: "192.0.2.9:1")
        try hear(b, ago: 60, at: "192.0.2.9:1")
        let online = try day().online
        #expect(online[92...] == [1, 1, 1, 1])
        #expect(online[..<92].allSatisfy { $0 == 0 })
        try hear(a, ago: 50, at: "192.0.2.8:1")
        #expect(try day().online[92...] == [1, 1, 1, 2])
    }
}
