// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Testing

@testable import Store

@Suite struct `A file that leaves the hub` {
    let hub: TemporaryHub
    let device: Device

    init() throws {
        hub = try TemporaryHub()
        device = try hub.add(.sample("nas"))
    }

    private func handOut(_ id: String? = nil, to author: Author = .ada, at now: UnixTime) throws {
        try hub.write { try $0.recordHandOut(ofDevice: id ?? device.id, by: author, at: now) }
    }

    private func count(_ id: String? = nil) throws -> Int {
        try hub.read { try $0.auditEntries(target: "device/\(id ?? device.id)", limit: 100) }.count { $0.action == "device.fetch_config" }
    }

    @Test func `has an entry, and a new one after an hour`() throws {
        for now in [1_000, 1_001, 4_599] as [UnixTime] { try handOut(at: now) }
        #expect(try count() == 1)
        for now in [4_600, 4_601] as [UnixTime] { try handOut(at: now) }
        #expect(try count() == 2)
    }

    @Test func `has an entry for each author and each device`() throws {
        let other = try hub.add(.sample("laptop"))
        for _ in 0..<2 {
            try handOut(at: 1_000)
            try handOut(to: .commandLine, at: 1_000)
            try handOut(other.id, at: 1_000)
        }
        #expect(try count() == 2)
        #expect(try count(other.id) == 1)
    }

    @Test func `has an entry for each new key`() throws {
        try handOut(at: 1_000)
        try hub.change { _ = try $0.rotateKey(ofDevice: device.id) }
        try handOut(at: 1_001)
        try handOut(at: 1_002)
        #expect(try count() == 2)
        _ = try hub.change { try $0.setPresharedKey(.generate(), ofDevice: device.id) }
        try handOut(at: 1_003)
        #expect(try count() == 3)
        // Another change makes no new secret.
        try hub.change {
            var edited = try $0.device(device.id)
            edited.overrides.persistentKeepalive = .own(0)
            try $0.update(edited)
        }
        try handOut(at: 1_004)
        #expect(try count() == 3)
    }

    @Test func `has an entry although the clock was ahead once`() throws {
        try handOut(at: 9_000)
        try handOut(at: 1_000)
        #expect(try count() == 2)
    }

    @Test func `does not count as delivered by that`() throws {
        try handOut(at: 1_000)
        #expect(try hub.read { try $0.device(device.id) }.fetchedAt == nil)
    }
}

extension Author {
    fileprivate static let commandLine = Author(name: "command line")
}
