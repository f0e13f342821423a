// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Support
import Testing
import Words

private let laptop = Device.sample("laptop", 2, tags: ["admins"])
private let nas = Device.sample("nas", 3)
private let phone = Device.sample("phone", 4)

private func service(_ text: String) -> TransportService { TransportService(text)! }

private func overview(_ rules: [ServiceRule], end: Rule.Action = .deny) -> Overview {
    let base = Overview.sample([laptop, nas, phone])
    return Overview(
        hub: base.hub, defaults: base.defaults, index: base.index, rules: RuleList(rules, end: end, revision: 1), generation: base.generation,
        status: base.status, rates: Rates(), cache: ReachabilityCache(), now: base.now)
}

private let ssh = ServiceRule(id: 1, .allow, from: .tag(Tag("admins")!), service: service("tcp 22"))

/// A hub with this many devices, which all list each other.
private func many(_ count: Int, allowedIPs: [String] = ["10.9.0.0/16"], tag: (Int) -> [String] = { _ in [] }) -> Overview {
    let devices = (0..<count).map { number in
        var device = Device.sample("d\(1_000 + number)", 2, ipv4: "10.9.\(number / 250).\(number % 250 + 1)", tags: tag(number))
        device.publicKey = PublicKey([UInt8(number / 256), UInt8(number % 256)] + [UInt8](repeating: 7, count: 30))!
        return device
    }
    return .sample(devices, allowedIPs: allowedIPs)
}

struct `What rules let linked devices do` {
    @Test func `is everything, some services or nothing`() {
        let reachability = overview([ssh]).reachability
        let passing = reachability.passing(laptop, nas)
        #expect(passing.extent == .part && passing.there.description == "tcp 22" && passing.back.isEmpty)
        #expect(reachability.passing(nas, laptop) == Passing(there: passing.back, back: passing.there))
        #expect(reachability.passing(nas, phone).extent == .nothing)
        #expect(reachability.reaches(laptop, nas) && !reachability.reaches(nas, phone))
        #expect(Overview.sample([laptop, nas]).reachability.passing(laptop, nas) == .all)
        // Rules widen nothing.
        let apart = Overview.sample([laptop, nas], allowedIPs: ["10.9.0.0/16"])
        #expect(apart.reachability.changing(rules: RuleList([ServiceRule(.allow)])).passing(laptop, nas) == .nothing)
    }

    @Test func `is said in words`() {
        let reachability = overview([ssh]).reachability
        #expect(reachability.reason(laptop, nas).description == "laptop reaches nas with tcp 22, and nas reaches laptop with nothing")
        #expect(reachability.reason(nas, phone).description == "nas and phone are linked, but the rules let nothing pass")
        let most = overview([ServiceRule(.deny, service: service("icmp"))], end: .allow).reachability
        #expect(most.reason(nas, phone).description == "nas and phone reach each other with everything but icmp")
    }

    @Test func `follows tags, and rules that are off do not count`() {
        let reachability = overview([ssh]).reachability
        var tagged = phone
        tagged.tags = [Tag("admins")!]
        #expect(reachability.changing([tagged], defaults: Overview.sample([]).defaults).passing(tagged, nas).there.description == "tcp 22")
        var off = ssh
        off.enabled = false
        #expect(overview([off]).reachability.passing(laptop, nas).extent == .nothing)
        #expect(overview([off], end: .allow).reachability.hasRules == false)
    }

    @Test func `is what the doctor says`() throws {
        let rules = overview([ssh])
        let doctor = Doctor(from: laptop, to: nas, in: rules)
        let check = try #require(doctor.checks.first { $0.name == "rules" })
        #expect(check.ok == true)
        #expect(check.detail.description == "laptop may start tcp 22. nas may start nothing, and what one starts, the other may answer.")
        let back = Doctor(from: nas, to: laptop, in: rules)
        #expect(back.firstFailure?.name == "rules" && back.firstFailure?.remedy == .rules && !back.reaches)
        #expect(back.checks.first { $0.name == "decision" }?.ok == false)
        #expect(!Doctor(from: laptop, to: nas, in: .sample([laptop, nas])).checks.contains { $0.name == "rules" })
        // Packets to the hub follow rules, too.
        let toHub = Doctor(from: laptop, to: nil, address: "10.3.2.1", in: overview([ServiceRule(.deny, to: .hub)], end: .allow))
        #expect(toHub.firstFailure?.name == "rules")
    }
}

struct `The effect of other rules` {
    private func effect(_ new: [ServiceRule], end: Rule.Action = .deny) -> RulesEffect {
        RulesEffect(RuleList(new, end: end), on: overview([ssh]))
    }

    @Test func `is what each device may start more and less`() {
        let effect = effect([ServiceRule(.allow, from: .device("laptop"), to: .device("nas"), service: service("udp 53"))])
        #expect(
            effect.lines.map { "\($0.kind.sign) \($0.text)" } == [
                "· 1 rule decides; nothing else passes", "+ laptop → nas: udp 53", "− laptop → nas: tcp 22", "− laptop → phone: tcp 22",
            ])
    }

    @Test func `is nothing for rules in another order that decide the same`() {
        let effect = effect([ServiceRule(.deny, from: .device("phone")), ssh])
        #expect(effect.lines.last?.text.description == "Devices may send each other what they could before.")
    }

    @Test func `names rules that never decide`() {
        let rules = [
            ServiceRule(.deny, from: .prefix("10.3.2.0/24"), service: service("tcp")),
            ServiceRule(.allow, from: .device("laptop"), service: service("tcp 22")),
            ServiceRule(.allow, from: .device("laptop")), ServiceRule(.deny, from: .tag(Tag("admins")!), service: service("udp 53")),
            ServiceRule(.deny, from: .device("nas"), service: service("udp 53")), ServiceRule(.deny), ServiceRule(.allow, to: .internet),
        ]
        #expect(effect(rules).shadowed.map { [$0.rule, $0.by] } == [[2, 1], [4, 3], [7, 6]])
        #expect(effect(rules).lines.contains { $0.text.description == "Rule 2 never decides: rule 1 matches everything that it matches." })
    }

    @Test func `names connections that end, and is part of the effect of a draft`() {
        let draft = Draft(devices: [], defaults: overview([]).defaults, hub: overview([]).hub, rules: RuleList([], end: .allow))
        var effect = Effect(of: draft, on: overview([ssh]))
        effect.note(endingFlows: 1)
        #expect(effect.lines.contains { $0.text.description == "1 connection that is open now ends" })
        #expect(effect.summary.description == "other rules")
        #expect(effect.json(generation: nil)["rules"]?["services_gained"]?.array?.count == 6)
    }

    @Test func `asks once for devices that are the same to all rules`() throws {
        let overview = many(400) { $0 < 2 ? ["admins"] : [] }
        let deny = ServiceRule(.deny, from: .tag(Tag("admins")!), service: service("tcp 22"))
        let differences = try #require(RulesEffect(RuleList([deny]), on: overview).differences)
        // From two devices to all others, and to each other.
        #expect(differences.gained.isEmpty && differences.lost.count == 2 * 399)
        #expect(differences.lost.first?.from.name == "d1000" && differences.lost.first?.to.name == "d1001")
        #expect(differences.lost.allSatisfy { $0.services.description == "tcp 22" })
        let same = try #require(RulesEffect(RuleList([ServiceRule(.deny, from: .prefix("10.8.0.0/16"))]), on: overview).differences)
        #expect(same.lost.isEmpty)
    }

    @Test func `says how many pairs were not compared`() throws {
        let effect = RulesEffect(RuleList([ssh], end: .deny), on: many(100) { $0 < 2 ? ["admins"] : [] }, limit: 90)
        // Three pairs of classes, of which one has a single pair of devices.
        #expect(effect.differences?.lost.count == 2 * (1 + 30 + 30))
        #expect(effect.lines.last?.text.description == "4,889 more pairs may change in the same way; they were not compared.")
        #expect(effect.json["pairs_not_compared"]?.integer == 4889)
        let kinds = (0..<400).map { ServiceRule(.deny, from: .device("d\(1_000 + $0)"), service: service("tcp \($0 + 1)")) }
        let apart = RulesEffect(RuleList(kinds), on: many(400))
        #expect(apart.differences == nil && apart.json["services_lost"] == .null)
        #expect(apart.lines.contains { $0.text.description.hasPrefix("The rules tell too many devices apart") })
    }
}

struct `The effect of another change, under rules` {
    private func lines(_ effect: Effect) -> [String] { effect.lines.filter { $0.kind != .change }.map { "\($0.kind.sign) \($0.text)" } }

    @Test func `names the services of a new link, and links over which nothing passes`() {
        let apart = [
            Device.sample("laptop", 2, reaching: [], tags: ["admins"]), Device.sample("nas", 3, reaching: []),
            Device.sample("phone", 4, reaching: []),
        ]
        let base = Overview.sample(apart)
        let overview = Overview(
            hub: base.hub, defaults: base.defaults, index: base.index, rules: RuleList([ssh], end: .deny), generation: base.generation,
            status: base.status, rates: Rates(), cache: ReachabilityCache(), now: base.now)
        let effect = Effect(on: overview, devices: [laptop, nas, phone])
        #expect(effect.counts?.gained == 2 && effect.refused.map { $0.second.name } == ["phone"])
        let said = lines(effect)
        #expect(said.contains("+ laptop reaches nas with tcp 22, and nas reaches laptop with nothing"))
        #expect(said.contains("! nas and phone are linked, but the rules let nothing pass"))
    }

    @Test func `is what tags change`() {
        var plain = laptop
        plain.tags = []
        let removed = Effect(on: overview([ssh]), devices: [plain])
        #expect(removed.counts?.lost == 2 && removed.affected == ["laptop"])
        #expect(lines(removed).contains("− laptop and nas no longer reach each other: the rules let nothing pass"))
        var tagged = nas
        tagged.tags = [Tag("admins")!]
        let added = Effect(on: overview([ssh]), devices: [tagged])
        #expect(added.counts?.gained == 1 && added.shiftedCount == 1)
        #expect(added.services.gained.map { [$0.from.name, $0.to.name, $0.services.description] } == [["nas", "laptop", "tcp 22"]])
        #expect(lines(added).contains("+ nas → laptop: tcp 22") && added.services.lost.isEmpty)
        #expect(added.summary.description == "+1 link, other services for 1 pair")
        #expect(added.json(generation: nil)["services_gained"]?.array?.count == 1)
        // Without rules, tags decide nothing.
        #expect(Effect(on: .sample([laptop, nas, phone]), devices: [tagged]).affected.isEmpty)
    }

    @Test func `says that services were not compared where links are only counted`() {
        let base = many(300, allowedIPs: []) { $0 == 0 ? ["admins"] : [] }
        let overview = Overview(
            hub: base.hub, defaults: base.defaults, index: base.index, rules: RuleList([ssh], end: .deny), generation: base.generation,
            status: base.status, rates: Rates(), cache: ReachabilityCache(), now: base.now)
        var defaults = base.defaults
        defaults.settings.allowedIPs = ["10.9.0.0/16"]
        let effect = Effect(on: overview, devices: [], defaults: defaults)
        #expect(effect.counts?.gained == 299 && effect.areServicesUnknown)
        #expect(lines(effect).contains { $0.hasPrefix("! The links are only counted.") })
        #expect(effect.json(generation: nil)["services_gained"] == .null)
    }

    @Test func `of other rules names pairs that spoke and would be cut off`() {
        let base = overview([], end: .allow)
        var effect = Effect(of: Draft(devices: [], defaults: base.defaults, hub: base.hub, rules: RuleList([ssh], end: .deny)), on: base)
        #expect(Set(effect.affected) == ["laptop", "nas", "phone"])
        let spoken = { (a: String, b: String) in SpokenPairs.Pair(first: a, second: b, lastAt: UnixTime(seconds: base.now.seconds - 60)) }
        effect.note(SpokenPairs([spoken("laptop", "nas"), spoken("nas", "phone")], watchedSince: UnixTime(seconds: 1)))
        #expect(effect.cut?.cuts.map(\.pair.second.name) == ["phone"])
        #expect(lines(effect).contains { $0.contains("nas and phone") })
    }
}
