// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Testing

@testable import Store

@Suite struct `The parts of a device's file` {
    let hub: TemporaryHub
    let device: Device

    init() throws {
        hub = try TemporaryHub()
        let added = try hub.add(.sample("laptop"))
        try hub.write { try $0.noteConfigFetched(ofDevice: added.id, at: 300) }
        device = try hub.read { try $0.device(added.id) }
    }

    @Test func `become outdated one by one`() throws {
        var edited = device
        edited.overrides.dns = .own([DNSEntry("9.9.9.9")!])
        let new = try hub.change { try $0.update(edited) }
        #expect(new.lacks(new.fileRevisions.settings[.dns]))
        #expect(!new.lacks(new.fileRevisions.settings[.allowedIPs]))
        #expect(!new.lacks(new.fileRevisions.addresses))
        #expect(!new.lacks(new.fileRevisions.key))
        #expect(new.isConfigStale)
        #expect(new.configRevision == new.revision)
    }

    @Test func `become outdated with the default they follow, and stay outdated when they stop following it`() throws {
        try hub.change {
            var defaults = try $0.defaults()
            defaults.settings.mtu = 1400
            try $0.update(defaults)
        }
        var edited = try hub.read { try $0.device(device.id) }
        #expect(edited.lacks(edited.fileRevisions.settings[.mtu]))
        #expect(!edited.lacks(edited.fileRevisions.settings[.dns]))
        edited.overrides.mtu = .own(1400)
        let new = try hub.change { try $0.update(edited) }
        #expect(new.lacks(new.fileRevisions.settings[.mtu]))
        #expect(new.fileRevisions.settings[.mtu] < new.revision)
    }

    @Test func `include both kinds of keys`() throws {
        let preshared = try hub.change { try $0.setPresharedKey(.generate(), ofDevice: device.id) }
        #expect(preshared.lacks(preshared.fileRevisions.presharedKey))
        #expect(!preshared.lacks(preshared.fileRevisions.key))
        let key = PrivateKey.generate()
        let rotated = try hub.change { try $0.replaceKey(ofDevice: device.id, publicKey: key.publicKey, privateKey: key) }
        #expect(rotated.lacks(rotated.fileRevisions.key))
    }

    @Test func `are all up to date once the file was fetched`() throws {
        var edited = device
        edited.overrides.persistentKeepalive = .own(7)
        _ = try hub.change { try $0.update(edited) }
        try hub.write { try $0.noteConfigFetched(ofDevice: device.id, at: 400) }
        #expect(try !hub.read { try $0.device(device.id) }.isConfigStale)
    }

    @Test func `do not change with values that the file does not contain`() throws {
        var edited = device
        edited.description = "on the shelf"
        #expect(try hub.change { try $0.update(edited) }.fileRevisions == device.fileRevisions)
    }
}
