// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Names
import Net
import Testing

@testable import Store

@Suite struct `The names of a hub` {
    private func set(_ hub: TemporaryHub, domain: String? = "hairpin.internal", _ records: String...) throws -> Int64 {
        let naming = Naming(domain: domain.flatMap { DomainName($0) }, records: records.compactMap { NameRecord($0) })
        return try hub.change {
            try $0.setNames(naming)
            return $0.generation
        }
    }

    private func naming(_ hub: TemporaryHub) throws -> Naming { try hub.read { try $0.hub().naming } }

    @Test func `are at first those of devices under hairpin.internal`() throws {
        #expect(try naming(TemporaryHub()) == Naming(domain: DomainName("hairpin.internal")))
    }

    @Test func `are written with an audit entry, and can be undone`() throws {
        let hub = try TemporaryHub()
        let device = try hub.add(.sample("nas"))
        let change = try set(hub, domain: "vpn.example.org", "cloud=device/\(device.id)", "printer=192.168.7.20+fd07::20")
        #expect(try naming(hub).domain?.description == "vpn.example.org")
        #expect(try naming(hub).records.map(\.description) == ["cloud=device/\(device.id)", "printer=192.168.7.20+fd07::20"])
        let entry = try #require(try hub.read { try $0.change(change).entries.first })
        #expect(entry.action == "hub.update")
        #expect(entry.before == "{\"domain\":\"hairpin.internal\",\"records\":\"\"}")
        #expect(entry.after?.contains("\"domain\":\"vpn.example.org\"") == true)
        try hub.change { try $0.revert(change) }
        #expect(try naming(hub) == Naming())
        let off = try set(hub, domain: nil)
        #expect(try naming(hub).domain == nil)
        try hub.change { try $0.revert(off) }
        #expect(try naming(hub) == Naming())
    }

    @Test func `that are equal change nothing`() throws {
        let hub = try TemporaryHub()
        #expect(
            try !hub.change {
                try $0.setNames(Naming())
                return $0.hasChanges
            })
    }

    @Test func `cannot be those of devices, of the hub, or of devices that do not exist`() throws {
        let hub = try TemporaryHub()
        try hub.add(.sample("Berlin NAS"))
        func errors(_ record: String) throws -> [String] {
            do {
                _ = try set(hub, record)
                return []
            } catch StoreError.invalid(let errors) {
                #expect(errors.allSatisfy { $0.field == "records" })
                return errors.map { "\($0.message)" }
            }
        }
        #expect(try errors("berlin-nas=10.0.0.1") == ["berlin-nas is the name of Berlin NAS already. Choose another."])
        #expect(try errors("hub=10.0.0.1") == ["hub is the name of the hub. Choose another."])
        #expect(try errors("cloud=device/nobody") == ["cloud: there is no device “nobody”."])
        #expect(try errors("cloud=10.0.0.1") == [])
    }

    @Test func `keep a name that a device would have later`() throws {
        let hub = try TemporaryHub()
        _ = try set(hub, "nas=10.0.0.1")
        try hub.add(.sample("nas"))
        _ = try set(hub, domain: "example.org", "nas=10.0.0.1")
        #expect(try naming(hub).records.count == 1)
        // And a name of a device that was removed goes on to exist, without an answer.
        let other = try hub.add(.sample("other"))
        _ = try set(hub, "cloud=device/\(other.id)")
        try hub.change { try $0.removeDevice(other.id) }
        _ = try set(hub, domain: "example.net", "cloud=device/\(other.id)")
    }

    @Test func `are refused if somebody else saved first`() throws {
        let hub = try TemporaryHub()
        let revision = try hub.read { try $0.hub().revision }
        #expect(throws: StoreError.stale(expected: revision - 1, current: revision)) {
            try hub.change { try $0.setNames(Naming(domain: nil), expecting: revision - 1) }
        }
    }

    @Test func `make the files old that name the hub for DNS, and no others`() throws {
        let hub = try TemporaryHub(defaults: Settings(allowedIPs: ["10.3.2.0/24"]))
        let asking = try hub.add(.sample("asking", overrides: Overrides(dns: .own([.hub]))))
        let other = try hub.add(.sample("other", overrides: Overrides(dns: .own([.searchDomain("hub.example.org")]))))
        let follower = try hub.add(.sample("follower"))
        func stale() throws -> [String] {
            try hub.write { db in for device in [asking, other, follower] { try db.noteConfigFetched(ofDevice: device.id, at: 200) } }
            _ = try set(hub, domain: "d\(try hub.read { try $0.generation().desired }).example.org")
            return try hub.read { db in try [asking, other, follower].map { try db.device($0.id) } }.filter(\.isConfigStale).map(\.name)
        }
        #expect(try stale() == ["asking"])
        try hub.change { db in
            var defaults = try db.defaults()
            defaults.settings.dns = [.server("9.9.9.9"), .hub]
            try db.update(defaults)
        }
        #expect(try stale() == ["asking", "follower"])
        // Further names are not in the files.
        try hub.write { db in for device in [asking, other, follower] { try db.noteConfigFetched(ofDevice: device.id, at: 200) } }
        let domain = try naming(hub).domain?.description
        _ = try set(hub, domain: domain, "printer=10.0.0.1")
        #expect(try hub.read { db in try db.device(asking.id) }.isConfigStale == false)
    }
}
