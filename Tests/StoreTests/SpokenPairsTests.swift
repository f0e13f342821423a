// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Support
import Testing

@testable import Store

@Suite struct `Pairs of devices that spoke` {
    private static let start: Int64 = 1_800_000_000
    private static let day: Int64 = 86_400
    private let hub: TemporaryHub
    private let devices: [Device]

    init() throws {
        hub = try TemporaryHub()
        devices = try (0..<4).map { [hub] in try hub.add(.sample("device \($0)")) }
    }

    @Test func `are kept once for both directions, each at most once an hour`() throws {
        try speak(0, 1, at: 0)
        try speak(1, 0, at: 3_599)
        #expect(try pairs(at: 4_000) == [pair(0, 1, at: 0)])
        try speak(1, 0, at: 3_601)
        #expect(try pairs(at: 4_000) == [pair(0, 1, at: 3_601)])
    }

    @Test func `are written again after the clock was set back`() throws {
        try speak(0, 1, at: 50_000)
        try speak(0, 1, at: 10)
        #expect(try pairs(at: 20) == [pair(0, 1, at: 10)])
    }

    @Test func `do not hold keys that no device has, nor a device with itself`() throws {
        try hub.write {
            try $0.recordSpokenPairs(
                [(devices[0].publicKey, PrivateKey.generate().publicKey), (devices[0].publicKey, devices[0].publicKey)], at: time(0))
        }
        #expect(try pairs(at: 0).isEmpty)
    }

    @Test func `are forgotten after 30 days, and at once with a device`() throws {
        try speak(0, 1, at: 0)
        try speak(1, 2, at: 10 * Self.day)
        try speak(2, 3, at: 10 * Self.day)
        #expect(try pairs(at: 30 * Self.day).count == 3)
        #expect(try pairs(at: 30 * Self.day + 1).count == 2)
        #expect(try hub.read { try !$0.hasOldSpokenPairs(at: time(30 * Self.day)) && $0.hasOldSpokenPairs(at: time(30 * Self.day + 1)) })
        try hub.write { try $0.removeOldSpokenPairs(at: time(30 * Self.day + 1)) }
        #expect(try rows() == 2)
        try hub.database.change(by: .system, at: time(0)) { try $0.removeDevice(devices[3].id) }
        #expect(try pairs(at: 30 * Self.day) == [pair(1, 2, at: 10 * Self.day)])
        #expect(try rows() == 1)
    }

    @Test func `above the limit are forgotten, the oldest first, and watching then began later`() throws {
        for (number, (a, b)) in [(0, 1), (0, 2), (0, 3), (1, 2)].enumerated() { try speak(a, b, at: Int64(number) * 10) }
        #expect(try since() == time(0))
        #expect(try hub.read { try $0.hasOldSpokenPairs(keeping: 3, at: time(100)) && !$0.hasOldSpokenPairs(keeping: 4, at: time(100)) })
        try hub.write { try $0.removeOldSpokenPairs(keeping: 2, at: time(100)) }
        #expect(Set(try pairs(at: 100).map(\.lastAt)) == [time(20), time(30)])
        #expect(try since() == time(10))
        try hub.write { try $0.removeOldSpokenPairs(keeping: 2, at: time(100)) }
        #expect(try since() == time(10))
    }

    @Test func `keep some of those that spoke last at the same time`() throws {
        for (a, b) in [(0, 1), (0, 2), (0, 3), (1, 2)] { try speak(a, b, at: 10) }
        try hub.write { try $0.removeOldSpokenPairs(keeping: 3, at: time(100)) }
        #expect(try pairs(at: 100).count == 3)
    }

    @Test func `can be asked for a few devices or for many`() throws {
        for (a, b) in [(0, 1), (0, 2), (2, 3)] { try speak(a, b, at: 0) }
        let of = { (numbers: [Int], more: [String]) in
            try Set(
                hub.read { try $0.spokenPairs(ofDevices: numbers.map { devices[$0].id } + more, at: time(0)).pairs }.map { "\($0.first)\($0.second)" }
            )
        }
        let key = { (a: Int, b: Int) in pair(a, b, at: 0).first + pair(a, b, at: 0).second }
        let many = (0..<100).map { "device\($0)" }
        for more in [[], many] {
            #expect(try of([0], more) == [key(0, 1), key(0, 2)])
            #expect(try of([0, 2], more) == [key(0, 1), key(0, 2), key(2, 3)])
            #expect(try of([1, 3], more) == [key(0, 1), key(2, 3)])
        }
        #expect(try hub.read { try $0.spokenPairs(ofDevices: [devices[0].id, devices[1].id], at: time(0)).pairs }.count == 2)
    }

    @Test func `begin with the first record, and anew after a restore, which keeps them`() throws {
        #expect(try since() == nil)
        try hub.write { try $0.recordSpokenPairs([], at: time(5)) }
        try speak(0, 1, at: 70)
        #expect(try since() == time(5))
        let file = hub.temporary.path + "/backup.db"
        try hub.database.backUp(to: file)
        _ = try hub.database.restore(from: file, by: .system, at: time(100))
        #expect(try since() == nil)
        #expect(try pairs(at: 100) == [pair(0, 1, at: 70)])
        try speak(0, 1, at: 110)
        #expect(try since() == time(110))
    }

    private func time(_ seconds: Int64) -> UnixTime { UnixTime(seconds: Self.start + seconds) }

    private func pair(_ a: Int, _ b: Int, at: Int64) -> SpokenPairs.Pair {
        SpokenPairs.Pair(first: devices[a].id, second: devices[b].id, lastAt: time(at))
    }

    private func speak(_ a: Int, _ b: Int, at: Int64) throws {
        try hub.write { try $0.recordSpokenPairs([(devices[a].publicKey, devices[b].publicKey)], at: time(at)) }
    }

    private func pairs(at: Int64) throws -> [SpokenPairs.Pair] { try hub.read { try $0.spokenPairs(at: time(at)).pairs } }
    private func since() throws -> UnixTime? { try hub.read { try $0.spokenPairs(at: time(0)).watchedSince } }
    private func rows() throws -> Int64? { try hub.read { try $0.connection.first("SELECT count(*) FROM spoken_pairs") { try $0.integer() } } }
}
