// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

@testable import Store

@Suite struct `A rounded count` {
    @Test(arguments: [0, 1, 1023, 1024, 1025, 65_535, 1_000_000, 999_999_999_999, UInt64.max - 1, .max] as [UInt64])
    func `is at most a thousandth off`(count: UInt64) {
        let back = RoundedCount.decode(RoundedCount.encode(count))
        #expect((back > count ? back - count : count - back) <= count / 1000)
    }

    @Test func `is exact while it is small, and grows with the count`() {
        #expect((0..<1024).allSatisfy { RoundedCount.decode(RoundedCount.encode($0)) == $0 })
        let codes = (0..<64).map { RoundedCount.encode(1 << $0) }
        #expect(codes == codes.sorted())
        #expect(Set(codes).count == 64)
    }
}

@Suite struct `A traffic history` {
    private let start: Int64 = 28_800_000

    @Test func `puts each minute in its place and zero between`() {
        var history = TrafficHistory()
        history.add(TrafficCell(received: 7), at: 100)
        history.add(TrafficCell(sent: 5), at: 103)
        let cells = history.cells(.minute, upTo: UnixTime(seconds: 104 * 60 + 59))
        #expect(cells.count == 60)
        #expect(cells.suffix(5).map(\.received) == [7, 0, 0, 0, 0])
        #expect(cells.suffix(5).map(\.sent) == [0, 0, 0, 5, 0])
    }

    /// Every resolution must have the same sum as the minutes that were added, whatever part of it was moved to wider cells.
    @Test(arguments: [1, 14, 15, 61, 24 * 60, 8 * 24 * 60 + 7])
    func `has all traffic of its time at each resolution`(minutes: Int64) {
        var history = TrafficHistory()
        for minute in 0..<minutes { history.add(TrafficCell(received: 512, sent: 2), at: start + minute) }
        let now = UnixTime(seconds: (start + minutes) * 60 - 1)
        for resolution in TrafficRing.Resolution.allCases {
            let span = resolution.step / 60 * Int64(resolution.capacity - 1)
            guard minutes <= span else { continue }
            let sum = history.cells(resolution, upTo: now).reduce(TrafficCell(), +)
            #expect(isNearly(sum.received, minutes * 512), "\(resolution): \(sum)")
            #expect(isNearly(sum.sent, minutes * 2), "\(resolution): \(sum)")
        }
    }

    @Test func `keeps a year of a device that is idle for weeks`() {
        var history = TrafficHistory()
        let week: Int64 = 7 * 24 * 60
        for number in 0..<Int64(60) { history.add(TrafficCell(received: 100), at: start + number * week) }
        let now = UnixTime(seconds: (start + 59 * week) * 60)
        #expect(history.cells(.threeDays, upTo: now).map(\.received).reduce(0, +) == 53 * 100)
        #expect(history.cells(.quarterDay, upTo: now).map(\.received).reduce(0, +) == 5 * 100)
        #expect(history.cells(.minute, upTo: now).map(\.received).reduce(0, +) == 100)
    }

    @Test func `loses nothing when the clock goes back`() {
        var history = TrafficHistory()
        history.add(TrafficCell(received: 1), at: 1000)
        history.add(TrafficCell(received: 2), at: 990)
        #expect(history.cells(.minute, upTo: UnixTime(seconds: 1000 * 60)).last?.received == 3)
    }

    @Test func `never exceeds its maximum size, however long it continues`() {
        var history = TrafficHistory()
        for minute in stride(from: start, to: start + 400 * 24 * 60, by: 5) { history.add(TrafficCell(received: 1), at: minute) }
        #expect(history.rings.values.map(\.bytes.count).reduce(0, +) == 1_592)
    }

    private func isNearly(_ sum: UInt64, _ expected: Int64) -> Bool { sum.distance(to: UInt64(expected)).magnitude <= expected / 300 }
}

@Suite struct `Recorded traffic` {
    let hub: TemporaryHub
    let device: Device

    init() throws {
        hub = try TemporaryHub()
        device = try hub.add(.sample("laptop"))
    }

    @Test func `is kept when the database is opened again, and continues`() throws {
        try record(30, minutes: 0..<40)
        let again = try hub.secondDatabase()
        try again.write { try $0.recordTraffic([(device.publicKey, TrafficCell(received: 30))], minute: 28_800_040) }
        let history = try again.read { try $0.traffic(ofDevice: device.id) }
        for resolution in TrafficRing.Resolution.allCases {
            #expect(history.cells(resolution, upTo: UnixTime(seconds: 28_800_040 * 60)).map(\.received).reduce(0, +) == 41 * 30)
        }
    }

    @Test func `is kept when the device's key is replaced, and removed with the device`() throws {
        try record(30, minutes: 0..<2)
        let key = PrivateKey.generate().publicKey
        _ = try hub.change { try $0.replaceKey(ofDevice: device.id, publicKey: key, privateKey: nil) }
        try hub.write { try $0.recordTraffic([(key, TrafficCell(received: 5))], minute: 28_800_002) }
        #expect(try hub.read { try $0.trafficRing(ofDevice: device.id, .minute) }.cells.map(\.received) == [30, 30, 5])
        try hub.change { try $0.removeDevice(device.id) }
        #expect(try hub.read { try $0.connection.exists("SELECT 1 FROM traffic") } == false)
    }

    @Test func `of a key that no device has is ignored`() throws {
        try hub.write { try $0.recordTraffic([(PrivateKey.generate().publicKey, TrafficCell(received: 5))], minute: 1) }
        #expect(try hub.read { try $0.connection.exists("SELECT 1 FROM traffic") } == false)
    }

    /// The budget: including pages and keys, a year of traffic and the sessions of a device take less than five kilobytes, so ten thousand
    /// devices take less than 50 MB.
    @Test func `and sessions take at most five kilobytes a device on disk`() throws {
        let count = 200
        try hub.change { transaction in for number in 0..<count { _ = try transaction.add(.sample("device-\(number)")) } }
        let before = try size()
        try hub.write { transaction in
            for device in try transaction.devices() {
                for resolution in TrafficRing.Resolution.allCases {
                    var ring = TrafficRing(resolution)
                    for number in 0..<Int64(resolution.capacity) { ring.add(TrafficCell(received: 1 << 30, sent: 1 << 20), at: 1_000 + number) }
                    try transaction.connection.execute(
                        "INSERT INTO traffic (device_id, step, newest, cells) VALUES (?, ?, ?, ?)",
                        [.text(device.id), .integer(resolution.step), .integer(2_000), .blob(ring.bytes)])
                }
                for number in 0..<Int64(OnlinePeriod.limit) {
                    let seen = PeerSight(
                        publicKey: device.publicKey, endpoint: Endpoint("[2001:db8:1:2:3:4:5:6]:\(50_000 + number)"),
                        lastHandshakeAt: UnixTime(seconds: 1_800_000_000 + number * 1_000))
                    try transaction.recordOnlinePeriods(of: [seen])
                }
            }
        }
        let each = (try size() - before) / Int64(count)
        #expect((1_592..<5_000).contains(each), "\(each) bytes")
    }

    private func size() throws -> Int64 {
        try hub.read { transaction in
            let number = { (name: String) in try transaction.connection.first("PRAGMA \(name)") { try $0.integer() } ?? 0 }
            return try (number("page_count") - number("freelist_count")) * number("page_size")
        }
    }

    private func record(_ bytes: UInt64, minutes: Range<Int64>) throws {
        for minute in minutes {
            try hub.write { try $0.recordTraffic([(device.publicKey, TrafficCell(received: bytes))], minute: 28_800_000 + minute) }
        }
    }
}
