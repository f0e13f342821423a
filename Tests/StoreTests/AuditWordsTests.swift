// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Testing
import Words

@testable import Store

@Suite struct `An audit entry` {
    @Test func `names the device, and the old and new value of each field`() throws {
        let hub = try TemporaryHub()
        let device = try hub.add(.sample("nas"))
        try hub.change {
            var edited = try $0.device(device.id)
            edited.overrides.persistentKeepalive = .own(0)
            edited.expiresAt = UnixTime(text: "2028-01-01")
            try $0.update(edited)
        }
        let entry = try #require(try hub.read { try $0.auditEntries(target: "device/\(device.id)", limit: 1).first })
        #expect(entry.sentence { $0 == device.id ? "nas" : nil }.description == "Changed nas")
        #expect(entry.changes.map(\.description).sorted() == ["Keepalive: default → 0", "expires at: none → 2028-01-01 00:00:00"])
    }

    @Test func `of a device that is gone still shows its name`() throws {
        let hub = try TemporaryHub()
        let device = try hub.add(.sample("nas"))
        try hub.change { try $0.removeDevice(device.id) }
        let entry = try #require(try hub.read { try $0.auditEntries(target: "device/\(device.id)", limit: 1).first })
        #expect(entry.sentence { _ in nil }.description == "Removed nas")
    }
}
