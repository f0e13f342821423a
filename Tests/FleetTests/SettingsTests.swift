// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Testing
import Words

/// What must hold for every setting, also for one that is added later.
struct `Every setting` {
    /// Each value differs from the one in `Settings()`.
    private static let full = Settings(
        allowedIPs: [IPPrefix("10.3.2.0/24"), IPPrefix("fd00::/64")], dns: [DNSEntry("9.9.9.9")!, DNSEntry("lan.example")!],
        endpoint: HostPort("hub.example.org:51820"), persistentKeepalive: 25, mtu: 1280, table: .off, copiedKey: .keep)

    @Test(arguments: SettingName.allCases)
    func `reads what it writes`(name: SettingName) {
        for settings in [Self.full, Settings()] {
            var (back, own) = (settings == Self.full ? Settings() : Self.full, Overrides())
            #expect(name.differs(back, settings))
            #expect(name.isInherited(in: own))
            #expect(name.text(in: own) == nil)
            #expect(name.json(in: own).isNull)
            #expect(name.read(name.text(in: settings), into: &back) == nil)
            #expect(!name.differs(back, settings))
            #expect(name.read(name.text(in: settings), into: &own) == nil)
            #expect(!name.isInherited(in: own))
            #expect(name.text(in: own) == name.text(in: settings))
            #expect(!name.json(in: own).isNull)
            #expect(!name.differs(own.resolved(over: back), settings))
            name.inherit(in: &own)
            #expect(own == Overrides())
        }
    }

    @Test(arguments: SettingName.allCases)
    func `has a name, a label and a line of its own`(name: SettingName) {
        let others = SettingName.allCases.filter { $0 != name }
        #expect(others.count == SettingName.allCases.count - 1)
        #expect(SettingName(rawValue: name.rawValue) == name)
        #expect(!others.contains { $0.rawValue == name.rawValue || $0.fileLine == name.fileLine })
        #expect(!name.shown(in: Settings()).isEmpty)
        #expect(!name.shown(in: Self.full).isEmpty)
    }

    @Test(arguments: SettingName.allCases)
    func `keeps the value when it refuses a text`(name: SettingName) {
        var (settings, own) = (Self.full, Overrides())
        #expect(name.read("?", into: &settings) != nil)
        #expect(settings == Self.full)
        #expect(name.read("?", into: &own) != nil)
        #expect(own == Overrides())
    }

    @Test func `is as new as the default it follows`() {
        var defaults = SettingRevisions(all: 1)
        defaults[.dns] = 7
        defaults[.mtu] = 8
        let own = SettingRevisions(all: 3).following(defaults, where: Overrides(mtu: .own(1280)))
        #expect(SettingName.allCases.map { own[$0] } == SettingName.allCases.map { $0 == .dns ? 7 : 3 })
        #expect(own.newestInFile == 7)
        var changed = Self.full
        changed.mtu = nil
        let later = own.changed(from: Self.full, to: changed, in: 9)
        #expect(SettingName.allCases.filter { later[$0] != own[$0] } == [SettingName.mtu])
        #expect(later[.mtu] == 9)
    }
}
