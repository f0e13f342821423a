// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Logging
import Net
import Relay
import Store
import Testing

@testable import Reconciler

/// A store and an engine on loopback, joined by a running loop.
private final class Joined {
    let folder: URL
    let database: Database
    let engine: Engine
    let loop: ReconcileLoop

    init(beat: Duration = .milliseconds(500)) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString)")
        database = try Joined.open(folder)
        try database.change(by: .system, at: now) {
            try $0.makeHub(
                name: "Hub", privateKey: .generate(), ipv4Network: IPPrefix("10.3.2.0/24"), ipv6Network: nil,
                defaults: Settings(allowedIPs: [IPPrefix("10.3.2.0/24")!], persistentKeepalive: 25))
        }
        let key = try database.read { try $0.hubPrivateKey() }
        engine = try Engine(EngineConfiguration(privateKey: key, listen: Endpoint("127.0.0.1:0")!, workers: 1))
        loop = try ReconcileLoop(
            database: database, engine: engine, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, beat: beat)
        try loop.start()
    }

    deinit {
        loop.stop()
        engine.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    static func open(_ folder: URL) throws -> Database {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try Database(
            folder: folder.path, migrations: Migrations(folder: root.appendingPathComponent("Migrations").path), now: now)
    }

    func add(_ name: String, to other: Database? = nil) throws -> Device {
        try (other ?? database).change(by: .system, at: now) {
            try $0.add(NewDevice(name: name, publicKey: PrivateKey.generate().publicKey))
        }
    }

    func peer(_ device: Device) -> PeerConfiguration? {
        engine.status().peers.first { $0.publicKey == device.publicKey }?.configuration
    }

    func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if try condition() { return true }
            usleep(5_000)
        }
        return try condition()
    }
}

private let now = UnixTime(seconds: Int64(Date().timeIntervalSince1970))

@Suite struct `The reconcile loop` {
    @Test func `brings a new device into the engine and acknowledges its generation`() throws {
        let hub = try Joined()
        let device = try hub.add("laptop")
        #expect(hub.eventually { hub.peer(device) != nil })
        #expect(hub.peer(device)?.ownedPrefixes == [IPPrefix("10.3.2.2/32")!])
        #expect(hub.peer(device)?.persistentKeepalive == .seconds(25))
        #expect(try hub.eventually { try hub.database.read { try $0.generation() }.applied == device.revision })
        #expect(hub.engine.appliedGeneration == device.revision)
    }

    @Test func `forgets the time of a device's newest handshake, in the engine and in the store`() throws {
        let hub = try Joined()
        let device = try hub.add("laptop")
        hub.loop.stop()
        let stamp = [UInt8](repeating: 0x7F, count: 12)
        try hub.database.write { try $0.recordObservations([PeerSight(publicKey: device.publicKey, greatestTimestamp: stamp)]) }
        let key = try hub.database.read { try $0.hubPrivateKey() }
        let engine = try Engine(EngineConfiguration(privateKey: key, listen: Endpoint("127.0.0.1:0")!, workers: 1))
        let loop = try ReconcileLoop(database: hub.database, engine: engine, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try loop.start()
        defer {
            loop.stop()
            engine.stop()
        }
        let timestamp = { engine.status().peers.first?.greatestTimestamp }
        #expect(timestamp() == stamp)
        let changed = try hub.database.change(by: .system, at: now) { try $0.forgetTime(ofDevice: device.id) }
        #expect(hub.eventually { timestamp() == nil && engine.appliedGeneration == changed.revision })
        #expect(loop.observations(of: .all)[device.publicKey]?.greatestTimestamp == nil)
        #expect(try hub.database.read { try $0.observations() }[device.publicKey]?.greatestTimestamp == nil)
    }

    @Test func `sees what another process commits`() throws {
        let hub = try Joined()
        let other = try Joined.open(hub.folder)
        let device = try hub.add("laptop", to: other)
        #expect(hub.eventually { hub.peer(device) != nil })
    }

    @Test func `applies at once what another process commits and tells of`() throws {
        // The beat alone would take a minute.
        let hub = try Joined(beat: .seconds(60))
        let path = HubClient.path(data: hub.folder.path)
        let (engine, loop) = (hub.engine, hub.loop)
        let server = try TextServer(path: path, name: "control") { request in
            engine.answer(control: request) { loop.lookForChanges() }
        }
        defer { server.stop() }
        let other = try Joined.open(hub.folder)
        var times: [Duration] = []
        for number in 0..<20 {
            let device = try hub.add("laptop \(number)", to: other)
            let start = ContinuousClock.now
            #expect(try HubClient(data: hub.folder.path).apply(device.revision))
            times.append(ContinuousClock.now - start)
            #expect(hub.peer(device) != nil)
        }
        times.sort()
        print("a change of another process is applied after \(times[10]), at most \(times[19])")
        #expect(times[10] < .milliseconds(200))
    }

    @Test func `waits no longer than two seconds for a change that does not come`() throws {
        let hub = try Joined()
        let path = HubClient.path(data: hub.folder.path)
        let engine = hub.engine
        let server = try TextServer(path: path, name: "control") { engine.answer(control: $0) }
        defer { server.stop() }
        let start = ContinuousClock.now
        #expect(try !HubClient(data: hub.folder.path).apply(1_000_000))
        #expect((.seconds(2) ..< .seconds(10)).contains(ContinuousClock.now - start))
    }

    @Test func `changes peers when the defaults they follow change`() throws {
        let hub = try Joined()
        let device = try hub.add("laptop")
        try hub.database.change(by: .system, at: now) { db in
            var defaults = try db.defaults()
            defaults.settings.persistentKeepalive = 7
            try db.update(defaults)
        }
        #expect(hub.eventually { hub.peer(device)?.persistentKeepalive == .seconds(7) })
    }

    @Test func `disables the peer of a disabled device, which keeps its address, and enables it again`() throws {
        let hub = try Joined()
        var device = try hub.add("laptop")
        #expect(hub.eventually { hub.peer(device) != nil })
        #expect(hub.peer(device)?.isEnabled == true)
        device.enabled = false
        device = try hub.database.change(by: .system, at: now) { try $0.update(device) }
        #expect(hub.eventually { hub.peer(device)?.isEnabled == false })
        #expect(hub.peer(device)?.ownedPrefixes == [IPPrefix("10.3.2.2/32")!])
        device.enabled = true
        device = try hub.database.change(by: .system, at: now) { try $0.update(device) }
        #expect(hub.eventually { hub.peer(device)?.isEnabled == true })
    }

    @Test func `disables the peer of a device when the device expires`() throws {
        let hub = try Joined()
        var device = try hub.add("guest")
        device.expiresAt = UnixTime(seconds: Int64(Date().timeIntervalSince1970) + 3)
        device = try hub.database.change(by: .system, at: now) { try $0.update(device) }
        #expect(hub.eventually { hub.peer(device)?.isEnabled == true })
        #expect(hub.eventually { hub.peer(device)?.isEnabled == false })
        #expect(hub.peer(device)?.ownedPrefixes == [IPPrefix("10.3.2.2/32")!])
    }

    @Test func `changes the hub's address range while devices are connected, and undoes that`() throws {
        let hub = try Joined()
        let device = try hub.add("laptop")
        #expect(hub.eventually { hub.peer(device) != nil })
        let addresses = { hub.engine.hubAddresses.map(\.description) }
        #expect(addresses() == ["10.3.2.1"])
        let change = try hub.database.change(by: .system, at: now) {
            try $0.setNetworks(["10.3.0.0/16", "fd00::/64"].compactMap { IPPrefix($0) })
            return $0.generation
        }
        #expect(hub.eventually { addresses() == ["10.3.2.1", "fd00::1"] })
        #expect(hub.eventually { hub.peer(device)?.allowedIPs.map(\.description) == ["10.3.0.0/16", "fd00::/64"] })
        #expect(hub.loop.lastApply.sessionsDropped == 0)
        try hub.database.change(by: .system, at: now) { try $0.revert(change) }
        #expect(hub.eventually { addresses() == ["10.3.2.1"] })
    }

    @Test func `removes the peer of a deleted device`() throws {
        let hub = try Joined()
        let (gone, kept) = (try hub.add("laptop"), try hub.add("tower"))
        #expect(hub.eventually { hub.peer(gone) != nil && hub.peer(kept) != nil })
        try hub.database.change(by: .system, at: now) { try $0.removeDevice(gone.id) }
        #expect(hub.eventually { hub.peer(gone) == nil })
        #expect(hub.peer(kept) != nil)
    }

    @Test func `replaces the peer of a device whose key was replaced`() throws {
        let hub = try Joined()
        let old = try hub.add("laptop")
        #expect(hub.eventually { hub.peer(old) != nil })
        let new = try hub.database.change(by: .system, at: now) {
            try $0.replaceKey(ofDevice: old.id, publicKey: PrivateKey.generate().publicKey, privateKey: nil)
        }
        #expect(hub.eventually { hub.peer(new) != nil && hub.peer(old) == nil })
    }

    @Test func `applies all of a restored backup`() throws {
        let hub = try Joined()
        let old = try hub.add("laptop")
        let backup = hub.folder.appendingPathComponent("backup.db").path
        try hub.database.backUp(to: backup)
        let new = try hub.add("tower")
        try hub.database.change(by: .system, at: now) { try $0.removeDevice(old.id) }
        #expect(hub.eventually { hub.peer(new) != nil && hub.peer(old) == nil })
        _ = try hub.database.restore(from: backup, by: .system, at: now)
        #expect(hub.eventually { hub.peer(new) == nil && hub.peer(old) != nil })
    }

    @Test func `repairs in a check what earlier rounds missed, and nothing else`() throws {
        let hub = try Joined()
        let (lost, edited) = (try hub.add("laptop"), try hub.add("tower"))
        #expect(hub.eventually { hub.peer(lost) != nil && hub.peer(edited) != nil })
        hub.loop.stop()
        let unknown = PrivateKey.generate().publicKey
        let stranger = PeerConfiguration(publicKey: unknown, ownedPrefixes: [], allowedIPs: [], persistentKeepalive: .zero)
        _ = hub.engine.apply([.remove(lost.publicKey), .add(stranger, PeerMemory())], generation: 0)
        var device = edited
        device.overrides.persistentKeepalive = .own(7)
        device = try hub.database.change(by: .system, at: now) { try $0.update(device) }

        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let recorder = ObservationRecorder(database: hub.database, engine: hub.engine, logger: logger)
        let rounds = Rounds(database: hub.database, engine: hub.engine, recorder: recorder, logger: logger)
        let before = Rounds.Reached(generation: device.revision - 1, nextExpiry: nil, at: now, isAcknowledged: true)
        // Changes come first.
        #expect(try rounds.check(keysBeginning: 0...255, after: before, now: now) == nil)
        let (reached, _) = try rounds.round(after: before, now: now, committedAt: nil)
        #expect(hub.peer(edited)?.persistentKeepalive == .seconds(7))
        #expect(hub.peer(lost) == nil)

        let first = lost.publicKey.bytes[0]
        for bytes in [0...first, first...first, first...255] {
            _ = hub.engine.apply([.remove(lost.publicKey)], generation: 0)
            let applied = try #require(try rounds.check(keysBeginning: bytes, after: reached, now: now)).1
            #expect(applied != nil)
            #expect(hub.peer(lost) != nil)
        }
        if first > 0 {
            _ = hub.engine.apply([.remove(lost.publicKey)], generation: 0)
            _ = try rounds.check(keysBeginning: 0...first - 1, after: reached, now: now)
            #expect(hub.peer(lost) == nil)
        }
        let own = unknown.bytes[0]
        _ = try rounds.check(keysBeginning: own...own, after: reached, now: now)
        #expect(!hub.engine.status().peers.contains { $0.configuration.publicKey == unknown })
        #expect(hub.peer(edited) != nil)
    }

    @Test func `restores a peer that was removed from the engine behind its back`() throws {
        let hub = try Joined(beat: .milliseconds(5))
        let device = try hub.add("laptop")
        #expect(hub.eventually { hub.peer(device) != nil })
        _ = hub.engine.apply([.remove(device.publicKey)], generation: 0)
        #expect(hub.eventually { hub.peer(device) != nil })
    }
}
