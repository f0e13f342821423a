// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Logging
import Net
import Relay
import Synchronization
import Testing

@testable import Reconciler
@testable import Store

/// While the Store does not work, the engine keeps its state, and the log is not flooded.
struct `While the store fails` {
    @Test func `peers stay, the failure is logged once, and missed changes are applied later`() throws {
        let hub = try FailingHub()
        let kept = try hub.add("laptop")
        #expect(hub.eventually { hub.keys == [kept.publicKey] })

        // Reads fail as on a damaged file.
        let other = try Connection(path: hub.database.path, mode: .writer)
        try other.execute("ALTER TABLE defaults RENAME TO lost")
        #expect(hub.eventually { hub.log.lines(.error).count == 1 })
        usleep(3_500_000)
        #expect(hub.log.lines(.error).count == 1, "\(hub.log.lines(.error))")
        #expect(hub.keys == [kept.publicKey])

        try other.execute("ALTER TABLE lost RENAME TO defaults")
        #expect(hub.eventually { hub.log.lines(.notice) == ["reconciling works again"] })
        let added = try hub.add("tower")
        #expect(hub.eventually { hub.keys == [kept.publicKey, added.publicKey] })
    }

    @Test func `a change is applied even if the store cannot record that`() throws {
        let hub = try FailingHub()
        let other = try Connection(path: hub.database.path, mode: .writer)
        // The acknowledgement alone is refused.
        try other.script("CREATE TRIGGER refuse BEFORE UPDATE OF applied ON generation BEGIN SELECT RAISE(ABORT, 'no'); END")
        let device = try hub.add("laptop")
        #expect(hub.eventually { hub.keys == [device.publicKey] })
        usleep(1_500_000)
        #expect(hub.log.lines(.error).count == 1)
        #expect(try hub.database.read { try $0.generation() }.applied < device.revision)
        try other.script("DROP TRIGGER refuse")
        #expect(try hub.eventually { try hub.database.read { try $0.generation() }.applied == device.revision })
        #expect(hub.eventually { hub.log.lines(.notice) == ["reconciling works again"] })
    }

    @Test func `a clock set forward disables devices that expire by it, and a clock set back enables them again`() throws {
        let hub = try FailingHub()
        // The loop checks all devices in the order of their keys, and would be half a minute late with this one.
        var key = PrivateKey.generate().publicKey
        while key.bytes[0] < 0xF0 { key = PrivateKey.generate().publicKey }
        var guest = try hub.add("guest", key)
        guest.expiresAt = hub.clock.now.withLock { $0.adding(seconds: 3_600) }
        guest = try hub.database.change(by: .system, at: UnixTime(seconds: 1_000)) { try $0.update(guest) }
        #expect(hub.eventually { hub.keys == [guest.publicKey] })
        hub.clock.now.withLock { $0 = $0.adding(seconds: 365 * 86_400) }
        #expect(hub.eventually { hub.keys == [] })
        hub.clock.now.withLock { $0 = $0.adding(seconds: -2 * 365 * 86_400) }
        #expect(hub.eventually { hub.keys == [guest.publicKey] })
        #expect(hub.log.lines(.error) == [])
    }
}

/// A store and an engine on loopback with a loop whose log and clock the test controls.
private final class FailingHub {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString)")
    let database: Database
    let engine: Engine
    let loop: ReconcileLoop
    let log = LineLog()
    let clock = TestClock()

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let database = try Database(
            folder: folder.path, migrations: Migrations(folder: root.appendingPathComponent("Migrations").path), now: UnixTime(seconds: 1_000))
        self.database = database
        try database.change(by: .system, at: UnixTime(seconds: 1_000)) {
            try $0.makeHub(
                name: "Hub", privateKey: .generate(), ipv4Network: IPPrefix("10.3.2.0/24"), ipv6Network: nil,
                defaults: Settings(allowedIPs: [IPPrefix("10.3.2.0/24")!], persistentKeepalive: 0))
        }
        engine = try Engine(
            EngineConfiguration(privateKey: database.read { try $0.hubPrivateKey() }, listen: Endpoint("127.0.0.1:0")!, workers: 1))
        let (log, clock) = (log, clock)
        loop = try ReconcileLoop(database: database, engine: engine, logger: Logger(label: "test") { _ in log }, clock: { clock.now.withLock { $0 } })
        try loop.start()
    }

    deinit {
        loop.stop()
        engine.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The peers that may connect.
    var keys: Set<PublicKey> { Set(engine.status().peers.filter(\.configuration.isEnabled).map(\.publicKey)) }

    func add(_ name: String, _ key: PublicKey = PrivateKey.generate().publicKey) throws -> Device {
        try database.change(by: .system, at: UnixTime(seconds: 1_000)) {
            try $0.add(NewDevice(name: name, publicKey: key))
        }
    }

    func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now + .seconds(15)
        while ContinuousClock.now < deadline {
            if try condition() { return true }
            usleep(5_000)
        }
        return try condition()
    }
}

/// A wall clock that the test sets.
private final class TestClock: Sendable {
    let now = Mutex(UnixTime(seconds: 1_800_000_000))
}

/// Keeps the messages of a logger.
private struct LineLog: LogHandler {
    private final class Lines: Sendable {
        let all = Mutex<[(Logger.Level, String)]>([])
    }

    private let kept = Lines()
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { kept.all.withLock { $0.append((event.level, event.message.description)) } }

    func lines(_ level: Logger.Level) -> [String] { kept.all.withLock { $0.filter { $0.0 == level }.map(\.1) } }
}
