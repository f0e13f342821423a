// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

@testable import Store

struct `The hub` {
    @Test func `gets the first address of each network`() throws {
        let hub = try TemporaryHub().read { try $0.hub() }
        #expect(hub.ipv4 == "10.3.2.1")
        #expect(hub.ipv6 == "fd00::3:2:1")
        #expect(hub.name == "hub")
    }

    @Test func `is made once, with its key sealed`() throws {
        let hub = try TemporaryHub()
        let before = try hub.read { try ($0.hub(), $0.generation()) }
        try hub.change {
            try $0.makeHub(name: "other", privateKey: .generate(), ipv4Network: nil, ipv6Network: nil, defaults: Settings())
        }
        let after = try hub.read { try ($0.hub(), $0.generation()) }
        #expect(after == before)
        #expect(try hub.read { try $0.hubPrivateKey() }.publicKey == before.0.publicKey)
    }

    @Test func `missing is named in the error`() throws {
        let temporary = try TemporaryFolder()
        let database = try Database(folder: temporary.path + "/data", migrations: .house(), now: 100)
        #expect(try database.read { try $0.hubIfMade() } == nil)
        #expect(throws: StoreError.self) { try database.read { try $0.hub() } }
    }

    @Test(arguments: ["10.0.0.0/31", "10.0.0.0/32"]) func `refuses a network without room`(network: String) {
        #expect(throws: StoreError.self) { _ = try TemporaryHub(network: IPPrefix(network)!) }
    }

    @Test func `can be renamed and given its portal's address`() throws {
        let hub = try TemporaryHub()
        var edited = try hub.read { try $0.hub() }
        edited.name = "office"
        edited.portalURL = "https://hub.example.org"
        try hub.change { try $0.update(edited) }
        let updated = try hub.read { try $0.hub() }
        #expect(updated.name == "office")
        #expect(updated.portalURL == "https://hub.example.org")
        #expect(throws: StoreError.stale(expected: edited.revision, current: updated.revision)) {
            edited.name = "late"
            try hub.change { try $0.update(edited) }
        }
    }

    @Test(arguments: ["10.4.0.0/24", nil] as [IPPrefix?])
    func `keeps its network while devices have addresses in it`(network: IPPrefix?) throws {
        let hub = try TemporaryHub()
        try hub.add(.sample("laptop"))
        var edited = try hub.read { try $0.hub() }
        edited.ipv4Network = network
        let errors = try #require(fieldErrors { try hub.change { try $0.update(edited) } })
        #expect(errors.map(\.field) == ["network"])
        #expect(errors[0].message.description.hasPrefix("laptop"))
    }

    @Test func `can move while there are no devices, and lists of its networks follow`() throws {
        let hub = try TemporaryHub(defaults: Settings(allowedIPs: ["10.3.2.0/24", "fd00::3:2:0/120"]))
        try hub.change { try $0.setNetworks(["172.20.0.0/22"]) }
        let (moved, defaults) = try hub.read { try ($0.hub(), $0.defaults().settings) }
        #expect(moved.networks == ["172.20.0.0/22"])
        #expect(moved.ipv4 == "172.20.0.1")
        #expect(moved.ipv6 == nil)
        #expect(defaults.allowedIPs == ["172.20.0.0/22"])
        #expect(try hub.add(.sample("laptop")).ipv4 == "172.20.0.2")
    }

    @Test func `keeps its address and the devices' when the range grows, and lists of the range grow too`() throws {
        let hub = try TemporaryHub(defaults: Settings(allowedIPs: ["10.3.2.0/24", "192.168.1.0/24"]))
        let all = try hub.add(.sample("all", overrides: Overrides(allowedIPs: .own(["10.3.2.0/24"]))))
        let one = try hub.add(.sample("one", overrides: Overrides(allowedIPs: .own(["10.3.2.2/32"]))))
        try hub.change { try $0.setNetworks(["10.3.0.0/16", "fd00::3:2:0/120"]) }
        #expect(try hub.read { try $0.hub() }.ipv4 == "10.3.2.1")
        #expect(try hub.read { try $0.device(all.id) }.overrides.allowedIPs == .own(["10.3.0.0/16"]))
        #expect(try hub.read { try $0.device(one.id) } == one)
        #expect(try hub.read { try $0.defaults() }.settings.allowedIPs == ["10.3.0.0/16", "192.168.1.0/24"])
        #expect(try hub.add(.sample("next")).ipv4 == "10.3.0.1")
    }

    @Test func `gets the lowest free address if a smaller range does not contain its own`() throws {
        let hub = try TemporaryHub()
        try hub.add(.sample("laptop", ipv4: .own("10.3.2.129")))
        try hub.change { try $0.setNetworks(["10.3.2.128/25", "fd00::3:2:0/120"]) }
        #expect(try hub.read { try $0.hub() }.ipv4 == "10.3.2.130")
    }

    @Test func `cannot get an address that is a device's route`() throws {
        let hub = try TemporaryHub()
        try hub.add(.sample("laptop", routes: ["10.4.0.1/32"]))
        var edited = try hub.read { try $0.hub() }
        edited.ipv4Network = "10.0.0.0/8"
        edited.ipv4 = "10.4.0.1"
        let errors = try #require(fieldErrors { try hub.change { try $0.update(edited) } })
        #expect(errors.map(\.message.description) == ["The hub's address would be 10.4.0.1, which is a route of laptop. Remove that route first."])
    }

    @Test func `takes no network inside a route of a device, unless the present one is inside too`() throws {
        let hub = try TemporaryHub()
        try hub.add(.sample("laptop", ipv4: .none, routes: ["10.0.0.0/13", "10.4.0.0/16"]).allowingOverlap)
        #expect(
            fieldErrors { try hub.change { try $0.setNetworks(["172.16.0.0/24", "fd00::3:2:0/120"]) } } == nil)
        #expect(
            fieldErrors { try hub.change { try $0.setNetworks(["10.4.7.0/24", "fd00::3:2:0/120"]) } } == [
                FieldError("network", "10.4.7.0/24 is inside 10.0.0.0/13, a route of laptop. Choose another, or remove that route first.")
            ])
        try hub.add(.sample("exit", ipv4: .none, routes: ["172.16.0.0/12"]).allowingOverlap)
        #expect(fieldErrors { try hub.change { try $0.setNetworks(["172.17.0.0/24", "fd00::3:2:0/120"]) } } == nil)
    }

    @Test func `says where it listened last`() throws {
        let hub = try TemporaryHub()
        #expect(try hub.read { try $0.lastWireGuardPort() } == nil)
        try hub.write { try $0.recordRun("hub.start", version: "1", wireguardPort: 25877, at: 100) }
        try hub.write { try $0.recordRun("hub.stop", version: "1", wireguardPort: 25878, at: 101) }
        try hub.add(.sample("laptop"))
        #expect(try hub.read { try $0.lastWireGuardPort() } == 25878)
    }

    @Test func `says no port after a version that recorded none`() throws {
        let hub = try TemporaryHub()
        try hub.write { try $0.record("hub.start", target: "hub", after: ["version": "0.2.0"], by: .system, at: 100) }
        #expect(try hub.read { try $0.lastWireGuardPort() } == nil)
    }

    @Test(arguments: ["127.0.0.0/24", "0.0.0.0/1", "169.254.9.0/24", "224.0.0.0/24"])
    func `refuses a network of reserved addresses`(network: String) throws {
        let hub = try TemporaryHub()
        let prefix = try #require(IPPrefix(network))
        let errors = try #require(fieldErrors { try hub.change { try $0.setNetworks([prefix]) } })
        try #require(errors.count == 1)
        #expect(errors[0].message.description.hasPrefix("\(network) has addresses of "))
    }

    @Test func `needs a network`() throws {
        let hub = try TemporaryHub()
        #expect(fieldErrors { try hub.change { try $0.setNetworks([]) } }?.map(\.field) == ["network"])
    }

    @Test func `can return to an earlier range if its devices still fit`() throws {
        let hub = try TemporaryHub(defaults: Settings(allowedIPs: ["10.3.2.0/24", "fd00::3:2:0/120"]))
        let before = try hub.read { try ($0.hub(), $0.defaults().settings) }
        let change = try hub.change {
            try $0.setNetworks(["172.20.0.0/22"])
            return $0.generation
        }
        #expect(try hub.read { try $0.change(change).entries.map(\.action) } == ["hub.update", "defaults.update"])
        try hub.change { try $0.revert(change) }
        let after = try hub.read { try ($0.hub(), $0.defaults().settings) }
        #expect(after.0.networks == before.0.networks)
        #expect(after.0.ipv4 == before.0.ipv4)
        #expect(after.0.ipv6 == before.0.ipv6)
        #expect(after.1 == before.1)
        let again = try hub.change {
            try $0.setNetworks(["172.20.0.0/22"])
            return $0.generation
        }
        try hub.add(.sample("laptop"))
        #expect {
            try hub.change { try $0.revert(again) }
        } throws: { error in
            if case StoreError.irreversible(let reason) = error { reason.description.contains("laptop has the address 172.20.0.2") } else { false }
        }
    }

    @Test(arguments: [
        ([], "10.3.2.0/24"), (["10.3.0.0/16"], "10.4.2.0/24"), (["10.0.0.0/8"], "172.16.2.0/24"),
        (["10.0.0.0/8", "172.16.0.0/12"], "192.168.2.0/24"), (["0.0.0.0/0"], "10.3.2.0/24"),
    ])
    func `gets a default network that the host is not in`(taken: [String], network: String) {
        #expect(Hub.usualNetwork(.v4, besides: taken.compactMap { IPPrefix($0) }).description == network)
        #expect(Hub.usualNetwork(.v6, besides: taken.compactMap { IPPrefix($0) }) == "fd00::3:2:0/120")
        #expect(Hub.usualNetwork(.v6, besides: ["fd00::/64"]) == "fd31:1::2:0/120")
    }

    @Test func `grows its network around the devices`() throws {
        let hub = try TemporaryHub()
        try hub.add(.sample("laptop"))
        var edited = try hub.read { try $0.hub() }
        edited.ipv4Network = "10.3.2.0/23"
        try hub.change { try $0.update(edited) }
        #expect(try hub.read { try $0.hub() }.ipv4Network == "10.3.2.0/23")
    }
}
