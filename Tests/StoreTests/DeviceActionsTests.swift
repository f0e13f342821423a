// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

@testable import Store

@Suite struct `An action on devices` {
    let hub: TemporaryHub

    init() throws { hub = try TemporaryHub() }

    @Test(arguments: [true, false])
    func `adds a device with a key pair from the hub, and keeps the private key only if asked`(isKept: Bool) throws {
        let added = try hub.change { try $0.addDevice(NewDevice(name: "phone", publicKey: nil, keepsPrivateKey: isKept)) }
        #expect(added.privateKey?.publicKey == added.device.publicKey)
        #expect(try hub.read { try $0.privateKey(ofDevice: added.device.id) } == (isKept ? added.privateKey : nil))
        let own = try hub.change { try $0.addDevice(NewDevice(name: "server", publicKey: PrivateKey.generate().publicKey)) }
        #expect(own.privateKey == nil)
    }

    @Test func `edits the fields it names, the preshared key and the lists of others in one change`() throws {
        var overrides = Overrides()
        overrides.allowedIPs = .own([])
        let (phone, server) = (try hub.add(.sample("phone")), try hub.add(.sample("server", overrides: overrides)))
        var edit = DeviceEdit(enabled: false)
        edit.expiresAt = 900
        edit.ipv6 = NewDevice.Address.none
        edit.presharedKey = .set(.generate())
        edit.listedBy = [server.id, phone.id]
        let edited = try hub.change { try $0.edit(phone.id, expecting: phone.revision, edit) }
        #expect(edited.name == "phone")
        #expect(!edited.enabled)
        #expect(edited.expiresAt == 900)
        #expect(edited.ipv4 == phone.ipv4)
        #expect(edited.ipv6 == nil)
        #expect(edited.hasPresharedKey)
        let other = try hub.read { try $0.device(server.id) }
        #expect(other.overrides.allowedIPs == .own(["10.3.2.2/32"]))
        #expect(other.revision == edited.revision)
        edit = DeviceEdit()
        edit.expiresAt = .some(nil)
        edit.presharedKey = .remove
        let emptied = try hub.change { try $0.edit(phone.id, edit) }
        #expect(emptied.expiresAt == nil)
        #expect(!emptied.hasPresharedKey)
        #expect(!emptied.enabled)
    }

    @Test func `gives an edited device the lowest free address if it is to have one`() throws {
        let (phone, _) = (try hub.add(.sample("phone")), try hub.add(.sample("server")))
        var edit = DeviceEdit()
        edit.ipv4 = NewDevice.Address.none
        edit.ipv6 = .lowestFree
        #expect(try hub.change { try $0.edit(phone.id, edit) }.ipv4 == nil)
        edit.ipv4 = .lowestFree
        let edited = try hub.change { try $0.edit(phone.id, edit) }
        #expect(edited.ipv4 == "10.3.2.2")
        edit.ipv4 = .own("10.3.2.9")
        #expect(try hub.change { try $0.edit(phone.id, edit) }.ipv4 == "10.3.2.9")
    }

    @Test func `forgets the time of the newest handshake, and lets the engine start over`() throws {
        let phone = try hub.add(.sample("phone"))
        let stamp = [UInt8](repeating: 2, count: 12)
        try hub.write { try $0.recordObservations([PeerSight(publicKey: phone.publicKey, greatestTimestamp: stamp, timestampSent: stamp)]) }
        let before = try hub.read { try $0.generation().desired }
        let changed = try hub.change { try $0.forgetTime(ofDevice: phone.id, expecting: phone.revision) }
        let observation = try hub.read { try $0.observations()[phone.publicKey] }
        #expect(observation?.greatestTimestamp == nil)
        #expect(observation?.timestampSent == stamp)
        #expect(try hub.read { try $0.departedKeys(after: before) } == [phone.publicKey])
        // The device's file does not change.
        #expect(changed.revision > phone.revision)
        #expect(changed.configRevision == phone.configRevision)
        #expect(changed.publicKey == phone.publicKey)
        #expect(throws: StoreError.self) { try hub.change { try $0.forgetTime(ofDevice: phone.id, expecting: phone.revision) } }
        #expect(throws: StoreError.self) { try hub.change { try $0.revert(changed.revision) } }
    }

    @Test func `is refused if the device is not at the expected revision`() throws {
        let phone = try hub.add(.sample("phone"))
        try hub.change { try $0.setEnabled(false, devices: [phone.id]) }
        let current = try hub.read { try $0.device(phone.id) }
        let stale = StoreError.stale(expected: phone.revision, current: current.revision)
        #expect(throws: stale) { try hub.change { try $0.edit(phone.id, expecting: phone.revision, DeviceEdit(enabled: true)) } }
        #expect(throws: stale) { try hub.change { _ = try $0.rotateKey(ofDevice: phone.id, expecting: phone.revision) } }
        #expect(throws: stale) { try hub.change { try $0.removeDevice(phone.id, expecting: phone.revision) } }
        #expect(try hub.read { try $0.device(phone.id) } == current)
        try hub.change { try $0.removeDevice(phone.id, expecting: current.revision) }
        #expect(try hub.read { try $0.devices() }.isEmpty)
    }

    @Test func `rotates the key and keeps the new one if it kept the old one, unless told otherwise`() throws {
        let device = try hub.change { try $0.addDevice(NewDevice(name: "phone", publicKey: nil)) }.device
        let first = try hub.change { try $0.rotateKey(ofDevice: device.id) }
        #expect(first.device.publicKey == first.privateKey.publicKey)
        #expect(first.device.publicKey != device.publicKey)
        #expect(try hub.read { try $0.privateKey(ofDevice: device.id) } == first.privateKey)
        #expect(try !hub.change { try $0.rotateKey(ofDevice: device.id, keepsPrivateKey: false) }.device.hasPrivateKey)
        #expect(try !hub.change { try $0.rotateKey(ofDevice: device.id) }.device.hasPrivateKey)
    }

    @Test func `removes all of a selection or none`() throws {
        let ids = try ["a", "b"].map { try hub.add(.sample($0)).id }
        #expect(throws: StoreError.self) { try hub.change { try $0.removeDevices(ids + ["gone"]) } }
        #expect(try hub.read { try $0.devices() }.count == 2)
        try hub.change { try $0.removeDevices(ids) }
        #expect(try hub.read { try $0.devices() }.isEmpty)
    }

    @Test func `links both sides and unlinks them again, or says why it cannot`() throws {
        var overrides = Overrides()
        overrides.allowedIPs = .own([])
        let (a, b) = (try hub.add(.sample("a", overrides: overrides)), try hub.add(.sample("b", overrides: overrides)))
        let linked = try hub.change { try $0.link(LinkChange(first: [a], second: [b])) }
        #expect(linked.map(\.overrides.allowedIPs) == [.own(["10.3.2.3/32", "fd00::3:2:3/128"]), .own(["10.3.2.2/32", "fd00::3:2:2/128"])])
        _ = try hub.change { try $0.link(LinkChange(first: [linked[0]], second: [linked[1]], isUnlink: true)) }
        #expect(try hub.read { try $0.devices() }.allSatisfy { $0.overrides.allowedIPs == .own([]) })
        #expect(fieldErrors { _ = try hub.change { try $0.link(LinkChange(first: [a], second: [a])) } }?.map(\.field) == ["b"])
    }
}
