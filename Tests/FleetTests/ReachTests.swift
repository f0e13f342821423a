// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

@testable import Fleet
import Net
import Support
import Testing

@Suite struct `Reach` {
    @Test func `needs both lists`() {
        let (a, b) = (Device.sample("a", 2), Device.sample("b", 3, reaching: []))
        let reach = Overview.sample([a, b]).reachability
        #expect(reach.relation(a, b) == .out)
        #expect(reach.relation(b, a) == .in)
        #expect(!reach.reaches(a, b))
        #expect(!reach.reaches(b, a))
    }

    @Test(arguments: [["0.0.0.0/0", "::/0"], ["0.0.0.0/1", "128.0.0.0/1"]])
    func `is not one-sided where a list only holds the whole Internet`(everything: [String]) {
        let (wide, shut) = (Device.sample("wide", 2, reaching: everything), Device.sample("shut", 3, reaching: []))
        let named = Device.sample("named", 4, reaching: everything + ["10.3.2.3/32"])
        let answering = Device.sample("answering", 5, reaching: ["10.3.2.2/32"])
        let reach = Overview.sample([wide, shut, named, answering]).reachability
        #expect(reach.relation(wide, shut) == .none && reach.relation(shut, wide) == .none)
        #expect(reach.reason(wide, shut).description == "shut does not list wide")
        #expect(reach.reason(shut, wide).description == "shut does not list wide")
        #expect(reach.relation(named, shut) == .out)
        #expect(reach.relation(wide, answering) == .both)
        let links = PairLinks([wide, shut], reach)
        #expect(links.all.isEmpty)
    }

    @Test func `is separate for each address family`() {
        let a = Device.sample("a", 2, ipv6: "fd00::3:2:2", reaching: ["fd00::3:2:3/128"])
        let b = Device.sample("b", 3, ipv6: "fd00::3:2:3", reaching: ["10.3.2.2/32"])
        let reach = Overview.sample([a, b]).reachability
        #expect(!reach.reaches(a, b))
        #expect(!reach.reaches(b, a))
    }

    @Test func `of a disabled device is empty, and it keeps its address`() {
        let off = Device.sample("off", 3, enabled: false)
        let wide = Device.sample("wide", 4, routes: ["10.3.2.0/28"])
        let reach = Overview.sample([Device.sample("a", 2), off, wide]).reachability
        #expect(reach.relation(Device.sample("a", 2), off) == .none)
        #expect(reach.owner(of: "10.3.2.3")?.id == "off")
        #expect(reach.owner(of: "10.3.2.9")?.id == "wide")
    }

    @Test func `is kept until a device expires, the clock goes back or something is edited`() {
        let start = UnixTime(seconds: 1_800_000_000)
        let (a, b) = (Device.sample("a", 2), Device.sample("b", 3, expiresAt: start.adding(seconds: 60)))
        let cache = ReachabilityCache()
        func relation(after seconds: Int64, edited: Bool = false) -> Reachability.Relation {
            let other = edited ? Device.sample("b", 3, enabled: false) : b
            let generation = Generation(desired: edited ? 2 : 1, applied: 1, appliedAt: nil)
            let overview = Overview.sample([a, other], generation: generation, now: start.adding(seconds: seconds))
            return cache.reachability(of: overview).relation(a, other)
        }
        #expect([0, 59, 60, 59].map { relation(after: $0) } == [.both, .both, .none, .both])
        #expect(relation(after: 59, edited: true) == .none)
    }

    @Test func `is told as an overlap of both sides, with the owner`() {
        let off = Device.sample("off", 3, enabled: false, routes: ["172.20.1.0/24"])
        let wide = Device.sample("wide", 4, routes: ["10.3.2.0/28", "172.20.0.0/16", "10.3.2.9/32"])
        let all = [Device.sample("a", 200), off, wide]
        let expected = [
            RouteOverlap(wide: wide, route: "10.3.2.0/28", owner: off, part: "10.3.2.3/32"),
            RouteOverlap(wide: wide, route: "172.20.0.0/16", owner: off, part: "172.20.1.0/24"),
        ]
        #expect(RouteOverlap.of(off, among: all) == expected)
        #expect(RouteOverlap.of(wide, among: all) == expected)
        #expect(RouteOverlap.of(all[0], among: all).isEmpty)
    }

    @Test func `prefers the longest route`() {
        let (wide, narrow) = (Device.sample("wide", 2, routes: ["172.20.0.0/16"]), Device.sample("narrow", 3, routes: ["172.20.1.0/24"]))
        let reach = Overview.sample([narrow, wide]).reachability
        #expect(reach.owner(of: "172.20.1.1")?.id == "narrow")
        #expect(reach.owner(of: "172.20.2.1")?.id == "wide")
        #expect(reach.owner(of: "172.21.0.1") == nil)
    }

    @Test func `after an edit uses the edited devices and leaves the original unchanged`() {
        let (a, b) = (Device.sample("a", 2), Device.sample("b", 3))
        let overview = Overview.sample([a, b])
        let before = overview.reachability
        let after = before.changing([Device.sample("b", 3, reaching: [])], defaults: overview.defaults)
        #expect(before.reaches(a, b))
        #expect(!after.reaches(a, b))
    }

    @Test func `after an edit of addresses, lists or states equals a new table`() {
        let devices = [
            Device.sample("a", 2), .sample("b", 3, routes: ["172.20.0.0/16"]), .sample("c", 4, enabled: false), .sample("d", 5, ipv6: "fd00::3:2:5"),
        ]
        let edits: [[Device]] = [
            [.sample("a", 9)], [.sample("b", 3)], [.sample("c", 4)], [.sample("d", 5, enabled: false, reaching: ["10.3.2.2/32"])],
            [.sample("a", 3), .sample("b", 2, ipv6: "fd00::3:2:3")],
        ]
        for edited in edits {
            let overview = Overview.sample(devices)
            let changed = devices.map { old in edited.first { $0.id == old.id } ?? old }
            for allowed in [["10.3.2.0/24", "fd00::3:2:0/120"], ["10.3.2.0/29"]] {
                let new = Overview.sample(changed, allowedIPs: allowed)
                let (after, expected) = (overview.reachability.changing(edited, defaults: new.defaults), new.reachability)
                for a in changed {
                    for b in changed where b.id != a.id { #expect(after.relation(a, b) == expected.relation(a, b), "\(a.id) \(b.id)") }
                    for address in a.addresses { #expect(after.owner(of: address)?.id == expected.owner(of: address)?.id) }
                    #expect(after.allowed(a) == expected.allowed(a))
                }
            }
        }
    }
}

@Suite struct `Devices that are named` {
    private let devices = [Device.sample("alpha", 2), .sample("Straße", 3, tags: ["field"]), .sample("zeta", 4, tags: ["field"])]

    @Test func `are found by name in any case and spelling, by id, by tag and all at once`() throws {
        let sides = Sides(devices.sorted { FoldedName.of($0.name).utf8.lexicographicallyPrecedes(FoldedName.of($1.name).utf8) })
        #expect(sides.device("ALPHA")?.id == "alpha")
        #expect(sides.device("strasse")?.id == "Straße")
        #expect(sides.device("zet") == nil && sides.device("zzz") == nil && sides.device("") == nil)
        #expect(try sides.read("zeta, alpha, tag:field").get().map(\.id) == ["zeta", "alpha", "Straße"])
        #expect(try sides.read("all").get().count == 3)
    }
}

@Suite struct `A plan of links` {
    private func plan(_ devices: [Device], _ allowed: [String], _ body: (inout LinkPlan) -> Void) -> [String: [String]] {
        let overview = Overview.sample(devices, allowedIPs: allowed)
        var plan = LinkPlan(defaults: overview.defaults, hub: overview.hub)
        body(&plan)
        let lists = plan.edits.map { ($0.id, $0.settings(over: overview.defaults).allowedIPs.map(\.description)) }
        return Dictionary(uniqueKeysWithValues: lists)
    }

    @Test func `adds each device to the other's list`() {
        let (a, b) = (Device.sample("a", 2), Device.sample("b", 3))
        #expect(plan([a, b], []) { $0.link(a, b) } == ["a": ["10.3.2.3/32"], "b": ["10.3.2.2/32"]])
    }

    @Test func `changes nothing if the default is sufficient`() {
        let (a, b) = (Device.sample("a", 2), Device.sample("b", 3))
        #expect(plan([a, b], ["10.3.2.0/24"]) { $0.link(a, b) }.isEmpty)
    }

    @Test func `uses only the address families that both have`() {
        let (a, b) = (Device.sample("a", 2, ipv6: "fd00::3:2:2"), Device.sample("b", 3, ipv4: nil, ipv6: "fd00::3:2:3"))
        #expect(plan([a, b], []) { $0.link(a, b) } == ["a": ["fd00::3:2:3/128"], "b": ["fd00::3:2:2/128"]])
    }

    @Test func `undoes a link and leaves other entries alone`() {
        let a = Device.sample("a", 2, reaching: ["10.3.2.3/32", "10.3.2.4/32"])
        let b = Device.sample("b", 3, reaching: ["10.3.2.2/32"])
        #expect(plan([a, b], []) { $0.unlink(a, b) } == ["a": ["10.3.2.4/32"], "b": []])
    }

    @Test func `excludes the other device from a wide prefix that both list`() {
        let (a, b) = (Device.sample("a", 2, reaching: ["10.3.2.0/30"]), Device.sample("b", 3, reaching: ["10.3.2.0/30"]))
        let lists = plan([a, b], []) { $0.unlink(a, b) }
        #expect(lists["a"] == ["10.3.2.0/31", "10.3.2.2/32"])
        #expect(lists["b"] == ["10.3.2.0/31", "10.3.2.3/32"])
    }
}
