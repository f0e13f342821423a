// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import HTTP
import Net
import Store
import Testing

@testable import Portal

/// The limits fail only if work grows with the number of devices. They measure processor time of this thread, so that parallel tests do not count.
/// `make microbench` has the figures for 10,000 devices.
@Suite struct `With a thousand devices` {
    private func hub(_ count: Int) throws -> TestSite {
        let hub = try TestSite()
        try hub.database.change(by: .system, at: World.start) { transaction in
            for number in 0..<count {
                let key = PublicKey((0..<32).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) | ($0 == 31 ? 64 : 0) })!
                _ = try transaction.add(NewDevice(name: "device-\(10_000 + number)", publicKey: key, ipv4: .none, ipv6: .none))
            }
        }
        return hub
    }

    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        let start = now()
        try body()
        return now() - start
    }

    @Test func `a page of the list costs about what it costs with a hundred, and weighs less than sixty kilobytes`() throws {
        let browsers = try [100, 1_000].map { try hub($0).signedIn() }
        let costs = try browsers.map { browser in
            _ = try browser.get("/devices")
            return try seconds { for _ in 0..<5 { _ = try browser.get("/devices") } }
        }
        #expect(costs[1] < 3 * costs[0])
        #expect(try browsers[1].get("/devices").text.utf8.count < 60_000)
    }

    @Test func `a beat of many browsers reads only the devices on their pages`() throws {
        let hubs = try [100, 1_000].map { try hub($0) }
        let costs = try hubs.map { hub in
            let ids = try hub.database.read { try $0.devices() }.prefix(50).map(\.id).joined(separator: ",")
            let browser = try hub.signedIn()
            let streams = try (0..<8).map { _ in
                guard case .events(let stream) = try browser.get("/events?devices=\(ids)").response.body else { throw HTTPError(.notFound, "") }
                return stream
            }
            return seconds {
                for _ in 0..<5 {
                    hub.world.advance(seconds: 2)
                    for stream in streams { _ = stream.next() }
                }
            }
        }
        #expect(costs[1] < 3 * costs[0])
    }
}
