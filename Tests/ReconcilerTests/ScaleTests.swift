// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Net
import Relay
import Store
import Testing

@testable import Reconciler

/// Generous limits that fail only if work grows with the number of devices. Measures processor time of this thread, so that parallel tests
/// do not count.
@Suite struct `With two thousand devices` {
    private let hub = TemporaryStore()
    private let count = 2_000

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

    private func add(_ numbers: Range<Int>, to database: Database) throws {
        try database.change(by: .system, at: UnixTime(seconds: 0)) { db in
            for number in numbers {
                let key = PublicKey((0..<32).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) | ($0 == 31 ? 64 : 0) })!
                let address = IPAddress("10.64.\(number / 250).\(number % 250 + 2)")!
                _ = try db.add(NewDevice(name: "device-\(number)", publicKey: key, ipv4: .own(address), ipv6: .none))
            }
        }
    }

    @Test func `adding one costs about as much as in an empty hub, and a round for one change a fraction of a full one`() throws {
        let database = try hub.open()
        let first = try seconds { try add(0..<count / 2, to: database) }
        let second = try seconds { try add(count / 2..<count, to: database) }
        #expect(second < 3 * first)

        let reached = try database.read { try $0.generation().desired }
        var device = try database.read { try $0.device(named: "device-7") }!
        device.overrides.persistentKeepalive = .own(7)
        _ = try database.change(by: .system, at: UnixTime(seconds: 1)) { try $0.update(device) }

        let (engine, now) = (try hub.engine(for: database), UnixTime(seconds: 2))
        defer { engine.stop() }
        func round(after generation: Int64?) throws -> [PeerChange] {
            let desired = try database.read { try DesiredState($0, generation.map { .changes(after: $0) } ?? .all, now: now) }
            let actual = engine.configurations(of: desired.scope)
            return Plan.changes(from: actual, to: desired.peers) { _ in PeerMemory() }
        }
        _ = engine.apply(try round(after: nil), generation: reached)
        #expect(engine.status().peers.count == count)

        var changes: [PeerChange] = []
        let full = try seconds { changes = try round(after: nil) }
        #expect(changes == [])
        let part = try seconds { for _ in 0..<10 { changes = try round(after: reached) } } / 10
        #expect(changes == [])
        #expect(part < full / 5)
    }
}

/// A database in a folder that is removed with this value.
private final class TemporaryStore: Sendable {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString)")

    deinit { try? FileManager.default.removeItem(at: folder) }

    func open() throws -> Database {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let database = try Database(
            folder: folder.path, migrations: Migrations(folder: root.appendingPathComponent("Migrations").path), now: UnixTime(seconds: 0))
        try database.change(by: .system, at: UnixTime(seconds: 0)) {
            try $0.makeHub(
                name: "Hub", privateKey: .generate(), ipv4Network: IPPrefix("10.64.0.0/10"), ipv6Network: nil,
                defaults: Settings(allowedIPs: [IPPrefix("10.64.0.0/10")!], persistentKeepalive: 25))
        }
        return database
    }

    func engine(for database: Database) throws -> Engine {
        let key = try database.read { try $0.hubPrivateKey() }
        return try Engine(EngineConfiguration(privateKey: key, listen: Endpoint("127.0.0.1:0")!, workers: 1))
    }
}
