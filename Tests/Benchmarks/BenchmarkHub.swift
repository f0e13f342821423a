// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Linux
import Logging
import Net
import Store
import Synchronization

@testable import Portal
import Words

/// A portal over a real database with many devices (`BenchmarkDevices`), called as the server calls it. One device has all that a page can
/// show: sessions, traffic, drops, history, a long list of its own.
final class BenchmarkHub: Sendable {
    let devices: [Device]
    let database: Database
    private let site: PortalSite
    private let cookie: String
    /// The token of the API client.
    private let token: String
    private let csrf: String
    private let clock: Clock

    private final class Clock: Sendable {
        let now: Mutex<UnixTime>
        let snapshot: Mutex<HubStatus>

        init(_ now: UnixTime, _ snapshot: HubStatus) {
            self.now = Mutex(now)
            self.snapshot = Mutex(snapshot)
        }
    }

    /// The device with everything.
    var busy: Device { devices[devices.count / 2] }

    init(folder: String, devices count: Int, now: UnixTime) throws {
        let root = String(#filePath.dropLast("/Tests/Benchmarks/BenchmarkHub.swift".count))
        database = try Database(folder: folder, migrations: Migrations(folder: root + "/Migrations"), now: now)
        let (v4, v6) = BenchmarkDevices.network
        try database.change(by: .system, at: now) {
            try $0.makeHub(
                name: "hub", privateKey: .generate(), ipv4Network: v4, ipv6Network: v6,
                defaults: Settings(allowedIPs: [v4, v6], endpoint: HostPort("hub.example.org:51820"), persistentKeepalive: 25))
        }
        try database.change(by: .system, at: now) { transaction in
            for number in 0..<count { _ = try transaction.add(BenchmarkDevices.device(number)) }
        }
        devices = try database.read { try $0.devices() }
        try Self.live(devices, in: database, now: now)
        let (session, script) = try database.write { transaction in
            let account = try transaction.addAccount(email: "ada@example.org", passwordHash: "none", role: .admin, by: .system, at: now)
            for number in 0..<20 {
                let email = "somebody-\(number)@example.org"
                _ = try transaction.addAccount(email: email, passwordHash: "none", role: .viewer, by: .system, at: now)
                _ = try transaction.addAPIToken(name: "script \(number)", scopes: [.read], expiresAt: nil, owner: nil, by: .system, at: now)
            }
            let session = try transaction.startSession(
                provedBy: try transaction.credentials(ofAccount: account.id), address: "127.0.0.1", userAgent: "Benchmarks", at: now)
            return (
                session.token,
                try transaction.addAPIToken(name: "scraper", scopes: [.metrics], expiresAt: nil, owner: nil, by: .system, at: now).secret
            )
        }
        let clock = Clock(now, BenchmarkDevices.snapshot(devices, now: now))
        var templates: [String: String] = [:]
        for name in try Files.list("\(root)/Templates") {
            templates[name] = String(decoding: try Files.read("\(root)/Templates/\(name)"), as: UTF8.self)
        }
        site = try PortalSite(
            database: database, templates: templates, assets: StaticFiles(directory: "\(root)/Public", prefix: "/assets"), version: "1.0",
            log: Logger(label: "portal"),
            surroundings: PortalSite.Surroundings(
                status: { clock.snapshot.withLock { $0 } }, probe: { $0.map { _ in .noSession } }, now: { clock.now.withLock { $0 } },
                showsStyleguide: true))
        self.clock = clock
        cookie = "Cookie: sid=\(session.reveal())"
        token = "Authorization: Bearer \(script.reveal())"
        csrf = try database.read { try $0.session(session, at: now) }?.csrfToken ?? ""
        beat()
    }

    /// Everything that devices leave in the database, and changes of many of them at once.
    private static func live(_ devices: [Device], in database: Database, now: UnixTime) throws {
        let busy = devices[devices.count / 2]
        for isEnabled in [false, true] {
            try database.change(by: .system, at: now) { transaction in
                for var device in devices {
                    device = try transaction.device(device.id)
                    device.enabled = isEnabled
                    try transaction.update(device)
                }
            }
        }
        for number in 1...12 {
            try database.change(by: .system, at: now) { transaction in
                var device = try transaction.device(busy.id)
                device.overrides.allowedIPs = .own(devices.prefix(number * 40).compactMap(\.ipv4).map(IPPrefix.init(host:)))
                try transaction.update(device)
            }
        }
        let generation = try database.read { try $0.generation().desired }
        try database.write { try $0.acknowledge(generation: generation, at: now) }
        try database.write { transaction in
            for ago in (1...60).reversed() {
                let cells = (devices.prefix(100) + [busy]).map { ($0.publicKey, TrafficCell(received: 1_000, sent: UInt64(ago) * 5_000)) }
                try transaction.recordTraffic(cells, minute: now.seconds / 60 - Int64(ago))
            }
            for number in 1...30 {
                let at = now.adding(seconds: Int64(number - 31) * 1_000)
                try transaction.recordOnlinePeriods(of: [
                    PeerSight(publicKey: busy.publicKey, endpoint: Endpoint("[2001:db8:1234:5678::\(number)]:51820"), lastHandshakeAt: at)
                ])
            }
        }
    }

    func advance(seconds: Int64) { clock.now.withLock { $0 = $0.adding(seconds: seconds) } }

    /// Advances the counters of the engine.
    func beat() {
        site.beat(at: .now - .seconds(5))
        clock.snapshot.withLock { snapshot in
            for (key, peer) in snapshot.peers { snapshot.peers[key]?.sentBytes = peer.sentBytes + 1_000_000 }
        }
        site.beat()
    }

    /// The page or other response. Throws if the portal refuses the request.
    func answer(_ method: String, _ path: String, form: String?) throws -> Response {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\(path == "/metrics" ? token : cookie)\r\n"
        var body: [UInt8] = []
        if let form {
            head += "Origin: http://127.0.0.1:8080\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            body = Array("csrf_token=\(csrf)&\(form)".utf8)
        }
        let response = site.application.answer(to: try Request(text: head + "\r\n", body: body))
        guard response.status.code < 400 else { throw HTTPError(response.status, Phrase(verbatim: "\(method) \(path)")) }
        return response
    }

    func events(of ids: String) throws -> EventStream {
        guard case .events(let stream) = try answer("GET", "/events?devices=\(ids)", form: nil).body else {
            throw HTTPError(.notFound, "no stream")
        }
        return stream
    }
}
