// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Linux
import Logging
import Net
import Store
import Testing

@testable import Reconciler
@testable import Relay

/// A store, an engine on loopback, and rounds that the test runs one by one.
private final class Stepwise {
    static let start = UnixTime(seconds: 1_800_000_000)

    let database: Database
    let engine: Engine
    let recorder: ObservationRecorder
    private let rounds: Rounds
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString)")
    /// Where the engine finds every device. Nobody answers there.
    private let far: UDPSocket
    private var last: Rounds.Reached?
    var now = Stepwise.start

    /// Adds devices that the hub saw in an earlier run, with these byte counts.
    init(_ names: [String], seen: (received: Int64, sent: Int64) = (0, 0), mtu: Int? = nil) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        database = try Database(
            folder: folder.path, migrations: Migrations(folder: root.appendingPathComponent("Migrations").path), now: Self.start)
        far = try UDPSocket(bindingTo: Endpoint("127.0.0.1:0")!, merging: false)
        let endpoint = far.local
        try database.change(by: .system, at: Self.start) {
            try $0.makeHub(
                name: "Hub", privateKey: .generate(), ipv4Network: IPPrefix("10.3.2.0/24"), ipv6Network: nil,
                defaults: Settings(allowedIPs: [IPPrefix("10.3.2.0/24")!], persistentKeepalive: 0, mtu: mtu))
            for name in names { _ = try $0.add(NewDevice(name: name, publicKey: PrivateKey.generate().publicKey)) }
        }
        try database.write { db in
            let sights = try db.devices().map {
                PeerSight(publicKey: $0.publicKey, endpoint: endpoint, receivedBytes: seen.received, sentBytes: seen.sent)
            }
            try db.recordObservations(sights)
        }
        engine = try Engine(
            EngineConfiguration(privateKey: database.read { try $0.hubPrivateKey() }, listen: Endpoint("127.0.0.1:0")!, workers: 1))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        recorder = ObservationRecorder(database: database, engine: engine, logger: logger)
        rounds = Rounds(database: database, engine: engine, recorder: recorder, logger: logger)
        try recorder.load()
        try round()
    }

    deinit {
        engine.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// One round for what changed since the last one, or for everything.
    @discardableResult
    func round(ofAll: Bool = false) throws -> Rounds.Reached {
        let reached = try rounds.round(after: ofAll ? nil : last, now: now, committedAt: nil).0
        last = reached
        return reached
    }

    @discardableResult
    func change<R>(_ body: (ChangeTransaction) throws -> R) throws -> R { try database.change(by: .system, at: now, body) }

    func edit(_ name: String, _ edit: (inout Device) -> Void) throws {
        try change { db in
            var device = try #require(try db.device(named: name))
            edit(&device)
            try db.update(device)
        }
    }

    func device(_ name: String) throws -> Device { try #require(try database.read { try $0.device(named: name) }) }

    func peer(_ key: PublicKey) -> PeerStatus? { engine.status().peers.first { $0.publicKey == key } }

    /// The hub sends the device an initiation: 148 bytes.
    func call(_ key: PublicKey) {
        engine.control.locked {
            if let peer = engine.control.peers[key] { engine.control.initiate(peer, isRetry: true, now: .now()) }
            engine.control.egress.flush(now: .now())
        }
    }

    func stored(_ key: PublicKey) throws -> PeerSight? { try database.read { try $0.observations() }[key] }
}

@Suite struct `A round` {
    /// Also one that changes no peer, such as a new name.
    @Test func `acknowledges every generation, one by one`() throws {
        let hub = try Stepwise(["laptop"])
        for name in ["one", "two", "three"] {
            try hub.edit(hub.database.read { try $0.devices()[0].name }) { $0.name = name }
            try hub.round()
            let generation = try hub.database.read { try $0.generation() }
            #expect(generation.applied == generation.desired, "\(name)")
            #expect(hub.engine.appliedGeneration == generation.desired, "\(name)")
        }
    }

    @Test func `brings the rules with the devices that their tags name, and takes them away`() throws {
        let hub = try Stepwise(["laptop", "tower"])
        let rules = RuleList(
            [
                ServiceRule(.deny, from: .tag(Tag("old")!), enabled: false), ServiceRule(.allow, from: .tag(Tag("admins")!), to: .hub),
            ], end: .deny)
        let saved = try hub.change { try $0.setRules(rules) }
        try hub.round()
        func inEngine() -> PeerRules { hub.engine.control.locked { hub.engine.control.routing.rules } }
        #expect(inEngine().end == .deny && inEngine().entries.map(\.number) == [2] && inEngine().entries.map(\.id) == [saved.rules[1].id])
        #expect(inEngine().entries[0].from == .peers([]) && inEngine().entries[0].to == .hub)
        try hub.edit("tower") { $0.tags = [Tag("admins")!] }
        try hub.round()
        #expect(inEngine().entries[0].from == .peers([try hub.device("tower").publicKey]))
        try hub.change { _ = try $0.setRules(.none) }
        try hub.round()
        #expect(inEngine() == .none)
        #expect(hub.engine.control.locked { hub.engine.control.routing.snapshot.book } == nil)
    }

    @Test func `removes a device that left, without a look at all others`() throws {
        let hub = try Stepwise(["laptop", "tower"])
        let (gone, kept) = (try hub.device("laptop"), try hub.device("tower"))
        try hub.change { try $0.removeDevice(gone.id) }
        try hub.round()
        #expect(hub.engine.status().peers.map(\.publicKey) == [kept.publicKey])
        // A new key is a device that left, too.
        let fresh = PrivateKey.generate().publicKey
        try hub.change { _ = try $0.replaceKey(ofDevice: kept.id, publicKey: fresh, privateKey: nil) }
        try hub.round()
        #expect(hub.engine.status().peers.map(\.publicKey) == [fresh])
    }

    @Test func `knows when the next device expires, also after a round for another one`() throws {
        let hub = try Stepwise(["guest", "laptop"])
        let (soon, later) = (hub.now.adding(seconds: 100), hub.now.adding(seconds: 500))
        try hub.edit("guest") { $0.expiresAt = later }
        #expect(try hub.round().nextExpiry == later)
        try hub.edit("laptop") { $0.name = "tower" }
        #expect(try hub.round().nextExpiry == later)
        try hub.edit("tower") { $0.expiresAt = soon }
        #expect(try hub.round().nextExpiry == soon)
        #expect(try hub.round(ofAll: true).nextExpiry == soon)
        // Who is disabled or expired already does not wake the loop.
        try hub.edit("tower") { $0.enabled = false }
        #expect(try hub.round(ofAll: true).nextExpiry == later)
        hub.now = later
        #expect(try hub.round(ofAll: true).nextExpiry == nil)
    }

    /// Every setting of the engine, from the defaults and as the device's own.
    @Test func `gives a device's peer everything that the device has`() throws {
        let hub = try Stepwise(["laptop"], mtu: 1380)
        let key = try hub.device("laptop").publicKey
        let configuration = { try #require(hub.peer(key)?.configuration) }
        #expect(try configuration().mtu == 1380)
        #expect(try configuration().persistentKeepalive == .zero)
        #expect(try configuration().presharedKey == nil)
        #expect(try configuration().allowedIPs == [IPPrefix("10.3.2.0/24")!])
        #expect(try configuration().isEnabled)

        let presharedKey = PresharedKey.generate()
        try hub.edit("laptop") {
            $0.overrides.mtu = .own(1300)
            $0.overrides.persistentKeepalive = .own(21)
            $0.overrides.allowedIPs = .own([IPPrefix("10.3.2.9/32")!])
            $0.routes = [IPPrefix("192.168.7.0/24")!]
            $0.enabled = false
        }
        try hub.change { _ = try $0.setPresharedKey(presharedKey, ofDevice: try hub.device("laptop").id) }
        try hub.round()
        #expect(try configuration().mtu == 1300)
        #expect(try configuration().persistentKeepalive == .seconds(21))
        #expect(try configuration().presharedKey == presharedKey)
        #expect(try configuration().allowedIPs == [IPPrefix("10.3.2.9/32")!])
        #expect(try configuration().ownedPrefixes == [IPPrefix("10.3.2.2/32")!, IPPrefix("192.168.7.0/24")!])
        #expect(try !configuration().isEnabled)
    }
}

@Suite struct `The counts of a device` {
    @Test func `go on after a restart`() throws {
        let hub = try Stepwise(["laptop"], seen: (500, 7_000))
        let key = try hub.device("laptop").publicKey
        hub.call(key)
        let sight = try #require(hub.recorder.observations(of: .all)[key])
        #expect(sight.receivedBytes == 500)
        #expect(sight.sentBytes == 7_148)
    }

    @Test func `are stored when it leaves, and go on when it returns`() throws {
        let hub = try Stepwise(["laptop"])
        let device = try hub.device("laptop")
        let total = { hub.recorder.observations(of: .all)[device.publicKey]?.sentBytes }
        hub.call(device.publicKey)
        #expect(total() == 148)
        try hub.edit("laptop") { $0.enabled = false }
        try hub.round()
        #expect(total() == 148)
        try hub.change { try $0.removeDevice(device.id) }
        try hub.round()
        #expect(hub.engine.status().peers.isEmpty)
        #expect(total() == 148)

        try hub.change { _ = try $0.add(NewDevice(name: "returned", publicKey: device.publicKey)) }
        try hub.round()
        #expect(total() == 148)
        hub.call(device.publicKey)
        #expect(total() == 296)
        hub.recorder.recordCounts(of: .all, at: hub.now)
        #expect(try hub.stored(device.publicKey)?.sentBytes == 296)
    }

    @Test func `of a minute belong to that minute`() throws {
        let hub = try Stepwise(["laptop"])
        let device = try hub.device("laptop")
        hub.recorder.record(at: hub.now.adding(seconds: 10))
        hub.call(device.publicKey)
        hub.recorder.record(at: hub.now.adding(seconds: 58))
        hub.recorder.record(at: hub.now.adding(seconds: 61))
        let history = try hub.database.read { try $0.traffic(ofDevice: device.id) }
        #expect(history.cells(.minute, upTo: hub.now.adding(seconds: 61)).suffix(3).map(\.sent) == [0, 148, 0])
    }

    @Test func `up to the last second are stored when the loop ends`() throws {
        let hub = try Stepwise(["laptop"])
        let key = try hub.device("laptop").publicKey
        let loop = try ReconcileLoop(
            database: hub.database, engine: hub.engine, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clock: { Stepwise.start })
        try loop.start()
        hub.call(key)
        // The next regular write is at the end of the minute.
        #expect(try hub.stored(key)?.sentBytes == 0)
        loop.stop()
        #expect(try hub.stored(key)?.sentBytes == 148)
    }
}

@Suite struct `What the hub knows of a device` {
    private let before = PeerSight(
        publicKey: PeerConfiguration.sample(2).publicKey, endpoint: Endpoint("203.0.113.5:40000"), lastHandshakeAt: UnixTime(seconds: 1_000),
        greatestTimestamp: [UInt8](repeating: 1, count: 12), timestampSent: [UInt8](repeating: 2, count: 12), receivedBytes: 500, sentBytes: 70,
        lastSeenAt: UnixTime(seconds: 1_030), lastDataAt: UnixTime(seconds: 1_020))

    private func status(_ change: (inout PeerStatus) -> Void = { _ in }) -> PeerStatus {
        var status = PeerStatus(
            configuration: .sample(2), receivedBytes: 0, sentBytes: 0, hasKeypair: false, staged: 0, drops: [:])
        change(&status)
        return status
    }

    @Test func `is kept as long as a new run has not seen anything else`() {
        #expect(Translation.sight(of: status(), before: before) == before)
        #expect(Translation.sight(of: status(), before: nil) == PeerSight(publicKey: before.publicKey))
    }

    @Test func `is what the new run saw, with the bytes of both`() {
        let seen = status {
            $0.endpoint = Endpoint("198.51.100.9:50000")
            $0.lastHandshake = 2_000
            $0.lastReceived = 2_003
            $0.lastDataReceived = 2_002
            $0.greatestTimestamp = [UInt8](repeating: 3, count: 12)
            $0.timestampSent = [UInt8](repeating: 4, count: 12)
            ($0.receivedBytes, $0.sentBytes) = (9, 11)
        }
        #expect(
            Translation.sight(of: seen, before: before)
                == PeerSight(
                    publicKey: before.publicKey, endpoint: Endpoint("198.51.100.9:50000"), lastHandshakeAt: UnixTime(seconds: 2_000),
                    greatestTimestamp: [UInt8](repeating: 3, count: 12), timestampSent: [UInt8](repeating: 4, count: 12), receivedBytes: 509,
                    sentBytes: 81, lastSeenAt: UnixTime(seconds: 2_003), lastDataAt: UnixTime(seconds: 2_002)))
    }

    @Test func `is told to the engine: where it was, and the times of both sides`() {
        #expect(
            Translation.memory(of: before)
                == PeerMemory(endpoint: before.endpoint, greatestTimestamp: before.greatestTimestamp, timestampSent: before.timestampSent))
        #expect(Translation.memory(of: nil) == PeerMemory())
    }
}
