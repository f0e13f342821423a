// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store
import Testing

@testable import Portal

@Suite struct `An audit entry` {
    @Test func `names the device, and the old and new value of each field`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        try hub.database.change(by: .system, at: World.start) {
            var edited = try $0.device(device.id)
            edited.overrides.persistentKeepalive = .own(0)
            edited.expiresAt = UnixTime(text: "2028-01-01")
            try $0.update(edited)
        }
        let entry = try #require(try hub.database.read { try $0.auditEntries(target: "device/\(device.id)", limit: 1).first })
        #expect(AuditWords.sentence(entry) { $0 == device.id ? "nas" : nil }.description == "Changed nas")
        #expect(AuditWords.changes(entry).map(\.description).sorted() == ["Keepalive: default → 0", "expires at: none → 2028-01-01 00:00:00"])
    }

    @Test func `of a device that is gone still shows its name`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        try hub.database.change(by: .system, at: World.start) { try $0.removeDevice(device.id) }
        let entry = try #require(try hub.database.read { try $0.auditEntries(target: "device/\(device.id)", limit: 1).first })
        #expect(AuditWords.sentence(entry) { _ in nil }.description == "Removed nas")
    }
}
