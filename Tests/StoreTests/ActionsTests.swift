// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Testing

@testable import Store

@Suite struct `An edit of the defaults` {
    private func edit(_ hub: TemporaryHub, _ body: (inout DefaultsEdit) -> Void) throws -> DefaultsEdit {
        var edit = try hub.read { try DefaultsEdit($0.defaults(), $0.hub()) }
        body(&edit)
        return edit
    }

    @Test func `writes settings, the portal's address and the devices that follow them again as one change`() throws {
        let hub = try TemporaryHub()
        let own = try hub.add(.sample("own", overrides: Overrides(persistentKeepalive: .own(5), mtu: .own(1400))))
        let follower = try hub.add(.sample("follower"))
        let edit = try edit(hub) {
            $0.settings.mtu = 1280
            $0.portalURL = "https://hub.example.org"
            $0.cleared = [.mtu]
        }
        let (saved, generation) = try hub.change { (try $0.editDefaults(edit), $0.generation) }
        #expect(saved.settings.mtu == 1280)
        #expect(saved.revision == generation)
        #expect(try hub.read { try $0.hub() }.portalURL == "https://hub.example.org")
        #expect(try hub.read { try $0.device(own.id) }.overrides == Overrides(persistentKeepalive: .own(5)))
        #expect(try hub.read { try $0.device(follower.id) }.revision == follower.revision)
        #expect(try hub.read { try $0.change(generation).entries.map(\.action) } == ["defaults.update", "hub.update", "device.update"])
    }

    @Test func `that sets nothing changes nothing`() throws {
        let hub = try TemporaryHub()
        let edit = try edit(hub) { _ in }
        #expect(
            try !hub.change {
                try $0.editDefaults(edit)
                return $0.hasChanges
            })
    }

    @Test func `is refused as a whole if somebody else saved first`() throws {
        let hub = try TemporaryHub()
        let own = try hub.add(.sample("own", overrides: Overrides(mtu: .own(1400))))
        let revision = try hub.read { try $0.defaults().revision }
        let edit = try edit(hub) { ($0.settings.mtu, $0.cleared) = (1280, [.mtu]) }
        #expect(throws: StoreError.stale(expected: revision - 1, current: revision)) {
            try hub.change { _ = try $0.editDefaults(edit, expecting: revision - 1) }
        }
        #expect(try hub.read { try $0.defaults() }.revision == revision)
        #expect(try hub.read { try $0.device(own.id) } == own)
        try hub.change { _ = try $0.editDefaults(edit, expecting: revision) }
        #expect(try hub.read { try $0.defaults() }.settings.mtu == 1280)
    }

    @Test func `is refused as a whole if the hub, to which the portal's address belongs, was changed first`() throws {
        let hub = try TemporaryHub()
        let read = try hub.read { (try $0.defaults().revision, try $0.hub().revision) }
        let (theirs, mine) = (try edit(hub) { $0.portalURL = "https://hub.example.org" }, try edit(hub) { $0.settings.mtu = 1280 })
        try hub.change { _ = try $0.editDefaults(theirs, expecting: read.0, hub: read.1) }
        #expect(throws: StoreError.self) { try hub.change { _ = try $0.editDefaults(mine, expecting: read.0, hub: read.1) } }
        #expect(try hub.read { try $0.hub() }.portalURL == "https://hub.example.org")
        #expect(try hub.read { try $0.defaults() }.settings.mtu == nil)
    }

    @Test func `names the settings that break a rule, and writes none`() throws {
        let hub = try TemporaryHub()
        let edit = try edit(hub) { ($0.settings.mtu, $0.portalURL) = (9, "https://hub.example.org") }
        #expect(fieldErrors { try hub.change { _ = try $0.editDefaults(edit) } }?.map(\.field) == ["mtu"])
        #expect(try hub.read { try $0.hub() }.portalURL == nil)
    }
}

@Suite struct `Setting the networks` {
    @Test func `expects the revision that was read`() throws {
        let hub = try TemporaryHub()
        let revision = try hub.read { try $0.hub().revision }
        #expect(throws: StoreError.stale(expected: 0, current: revision)) { try hub.change { try $0.setNetworks(["10.9.0.0/16"], expecting: 0) } }
        try hub.change { try $0.setNetworks(["10.9.0.0/16"], expecting: revision) }
        #expect(try hub.read { try $0.hub() }.networks == ["10.9.0.0/16"])
    }

    @Test func `refuses two of one family and the networks of this machine`() throws {
        let hub = try TemporaryHub()
        let errors = fieldErrors {
            try hub.change { try $0.setNetworks(["10.9.0.0/16", "10.8.0.0/16"], besides: ["10.8.0.0/24"]) }
        }
        #expect(errors?.map(\.field) == ["network", "network"])
        #expect(errors?.first?.message.description.hasPrefix("10.9.0.0/16 and 10.8.0.0/16 are of the same family.") == true)
        #expect(errors?.last?.message.description.hasPrefix("10.8.0.0/16 overlaps 10.8.0.0/24, a network of this machine") == true)
    }
}
