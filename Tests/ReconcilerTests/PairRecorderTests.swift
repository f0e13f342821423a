// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Logging
import Net
import Store
import Testing

@testable import Reconciler
@testable import Relay

@Suite struct `The recorder of pairs` {
    private static let start = UnixTime(seconds: 1_800_000_000)

    @Test func `begins to watch at once, and writes a pair within a minute, but not twice an hour`() throws {
        let joined = try JoinedPair()
        joined.look(after: 0)
        #expect(try joined.stored() == [])
        #expect(try joined.database.read { try $0.spokenPairs(at: Self.start).watchedSince } == Self.start)
        joined.speak()
        joined.look(after: 5)
        joined.look(after: 50)
        #expect(try joined.stored() == [])
        joined.look(after: 60)
        #expect(try joined.stored() == [Self.start.adding(seconds: 60)])
        joined.speak()
        joined.look(after: 1_000)
        joined.look(after: 3_500)
        #expect(try joined.stored() == [Self.start.adding(seconds: 60)])
        joined.speak()
        joined.look(after: 3_700)
        #expect(try joined.stored() == [Self.start.adding(seconds: 3_700)])
    }

    @Test func `writes what is left when the hub stops`() throws {
        let joined = try JoinedPair()
        joined.look(after: 0)
        joined.speak()
        joined.recorder.recordAll(at: Self.start.adding(seconds: 7), now: joined.instant(7))
        #expect(try joined.stored() == [Self.start.adding(seconds: 7)])
    }

    @Test func `keeps pairs while the database takes nothing`() throws {
        let joined = try JoinedPair()
        joined.look(after: 0)
        joined.speak()
        Database.$refusal.withValue(StoreError.backup("not now")) { joined.look(after: 100) }
        #expect(try joined.stored() == [])
        joined.look(after: 110)
        #expect(try joined.stored() == [Self.start.adding(seconds: 110)])
    }

    /// Two devices in a database and an engine, whose worker gets no packets: the test marks pairs in its place.
    private final class JoinedPair {
        let folder: URL
        let database: Database
        let engine: Engine
        let recorder: PairRecorder

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString)")
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            database = try Database(
                folder: folder.path, migrations: Migrations(folder: root.appendingPathComponent("Migrations").path), now: start)
            let devices = try database.change(by: .system, at: start) { transaction in
                try transaction.makeHub(
                    name: "Hub", privateKey: .generate(), ipv4Network: IPPrefix("10.3.2.0/24"), ipv6Network: nil, defaults: Settings())
                return try ["a", "b"].map { try transaction.add(NewDevice(name: $0, publicKey: PrivateKey.generate().publicKey)) }
            }
            engine = try Engine(EngineConfiguration(privateKey: .generate(), listen: Endpoint("127.0.0.1:0")!, workers: 1))
            _ = engine.apply(
                devices.map { .add(PeerConfiguration(publicKey: $0.publicKey, ownedPrefixes: [], allowedIPs: []), PeerMemory()) }, generation: 1)
            recorder = PairRecorder(database: database, engine: engine, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }

        deinit {
            engine.stop()
            try? FileManager.default.removeItem(at: folder)
        }

        func speak() { engine.shared.counters[0].pairs.mark(PairMarks.pair(1, 2)) }
        func instant(_ seconds: Int64) -> Instant { Instant(nanoseconds: 10_000_000_000_000) + .seconds(seconds) }
        func look(after seconds: Int64) { recorder.record(at: start.adding(seconds: seconds), now: instant(seconds)) }
        func stored() throws -> [UnixTime] { try database.read { try $0.spokenPairs(at: start.adding(seconds: 4_000)).pairs.map(\.lastAt) } }
    }
}
