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

    @Test func `is not compared pair by pair on a large hub`() {
        let many = (0..<400).map { number in
            var device = Device.sample("d\(number)", 2, ipv4: "10.9.\(number / 250).\(number % 250 + 1)")
            device.publicKey = PublicKey([UInt8(number / 256), UInt8(number % 256)] + [UInt8](repeating: 7, count: 30))!
            return device
        }.sorted { $0.name < $1.name }
        let effect = RulesEffect(RuleList([ssh], end: .deny), on: .sample(many))
        #expect(effect.differences == nil)
        #expect(effect.lines.count == 2)
    }
}
