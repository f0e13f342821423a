// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Linux
import Logging
import Net
import Store
import Synchronization

@testable import Portal

/// A portal over a real database with many devices: every other one online and with an hour of traffic, some renamed, tagged or old.
final class BenchmarkHub: Sendable {
    let devices: [Device]
    private let database: Database
    private let site: PortalSite
    private let cookie: String
    private let clock: Clock

    private final class Clock: Sendable {
        let now: Mutex<UnixTime>
        init(_ now: UnixTime) { self.now = Mutex(now) }
    }

    init(folder: String, devices count: Int, now: UnixTime) throws {
        let root = String(#filePath.dropLast("/Sources/Benchmarks/BenchmarkHub.swift".count))
        let database = try Database(folder: folder, migrations: Migrations(folder: root + "/Migrations"), now: now)
        let network = IPPrefix("10.0.0.0/8")!
        try database.change(by: .system, at: now) {
            try $0.makeHub(
                name: "hub", privateKey: .generate(), ipv4Network: network, ipv6Network: nil,
                defaults: Settings(allowedIPs: [network], endpoint: HostPort("hub.example.org:51820"), persistentKeepalive: 25))
        }
        try database.change(by: .system, at: now) { transaction in
            for number in 0..<count { _ = try transaction.add(Self.device(number)) }
        }
        try database.write { try $0.acknowledge(generation: 2, at: now) }
        let devices = try database.read { try $0.devices() }
        let minute = now.seconds / 60
        try database.write { transaction in
            for ago in (1...60).reversed() {
                try transaction.recordTraffic(
                    devices.prefix(100).map { ($0.publicKey, TrafficCell(received: 1_000, sent: UInt64(ago) * 5_000)) }, minute: minute - Int64(ago))
            }
        }
        let token = try database.write { transaction in
            let account = try transaction.addAccount(email: "ada@example.org", passwordHash: "none", role: .admin, by: .system, at: now)
            return try transaction.startSession(ofAccount: account.id, address: "127.0.0.1", userAgent: "Benchmarks", at: now).token
        }
        let snapshot = Self.snapshot(devices, now: now)
        let clock = Clock(now)
        var templates: [String: String] = [:]
        for name in try Files.list("\(root)/Templates") {
            templates[name] = String(decoding: try Files.read("\(root)/Templates/\(name)"), as: UTF8.self)
        }
        site = try PortalSite(
            database: database, templates: templates, assets: StaticFiles(directory: "\(root)/Public", prefix: "/assets"), version: "1.0",
            log: Logger(label: "portal"),
            surroundings: PortalSite.Surroundings(status: { snapshot }, probe: { _ in [] }, now: { clock.now.withLock { $0 } }))
        self.database = database
        self.devices = devices
        self.clock = clock
        cookie = "Cookie: sid=\(token.reveal())"
    }

    func advance(seconds: Int64) { clock.now.withLock { $0 = $0.adding(seconds: seconds) } }

    /// Bytes of the page. Throws for anything but a page.
    func get(_ path: String) throws -> Int {
        let response = try answer(path)
        guard response.status == .ok, case .bytes(let body) = response.body else { throw HTTPError(response.status, Phrase(verbatim: path)) }
        return body.count
    }

    func events(of ids: String) throws -> EventStream {
        guard case .events(let stream) = try answer("/events?devices=\(ids)").body else { throw HTTPError(.notFound, "no stream") }
        return stream
    }

    private func answer(_ path: String) throws -> Response {
        site.application.answer(to: try Request(text: "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\(cookie)\r\n\r\n", body: []))
    }

    private static func device(_ number: Int) -> NewDevice {
        var key = [UInt8](repeating: 9, count: 32)
        (key[0], key[1]) = (UInt8(number & 255), UInt8(number >> 8))
        return NewDevice(
            name: "device-\(number)", description: number % 3 == 0 ? "on the shelf of room \(number % 17)" : "",
            tags: number % 5 == 0 ? [Tag("field")!] : [], publicKey: PublicKey(key)!,
            ipv4: .own(.v4(IPv4Address(bits: 0x0a00_0002 + UInt32(number)))), ipv6: .none)
    }

    private static func snapshot(_ devices: [Device], now: UnixTime) -> EngineSnapshot {
        var snapshot = EngineSnapshot(workers: 2, listen: Endpoint("[::]:51820"))
        for (number, device) in devices.enumerated() where number % 2 == 0 {
            let at = now.seconds - Int64(number % 200)
            snapshot.peers[device.publicKey] = EngineSnapshot.PeerState(
                endpoint: Endpoint("198.51.100.7:\(1024 + number)"), lastHandshakeAt: at, lastReceivedAt: at, lastDataAt: at,
                receivedBytes: UInt64(number) * 1_000, sentBytes: UInt64(number) * 2_000)
        }
        return snapshot
    }
}
