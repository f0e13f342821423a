// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Support
import Testing

@testable import Store

struct `The rules of a hub` {
    private let hub: TemporaryHub
    private let laptop: Device

    init() throws {
        hub = try TemporaryHub()
        laptop = try hub.add(.sample("laptop"))
    }

    private func service(_ text: String) -> TransportService { TransportService(text)! }

    private func list(_ rules: ServiceRule..., end: Rule.Action = .deny) -> RuleList { RuleList(rules, end: end) }

    private var ssh: ServiceRule { ServiceRule(.allow, from: .device(laptop.id), to: .tag(Tag("servers")!), service: service("tcp 22"), note: "ssh") }

    @Test func `are none at first, and come back as they were set`() throws {
        #expect(try hub.read { try $0.ruleList() } == .none)
        let rules = list(
            ssh, ServiceRule(.reset, from: .prefix("fd00::/8"), to: .internet, service: service("udp 53, 60-70"), enabled: false),
            ServiceRule(.deny, to: .hub))
        let set = try hub.change { try $0.setRules(rules) }
        #expect(set.rules.map(\.id) == [1, 2, 3])
        #expect(try hub.read { try $0.ruleList() } == set)
        #expect(try set.revision == hub.read { try $0.generation().desired })
        #expect(try hub.read { try $0.overview(status: HubStatus(), now: 300).rules } == set)
    }

    @Test func `keep the ids of rules that stay, and no id is used twice`() throws {
        try hub.change { _ = try $0.setRules(list(ssh, ServiceRule(.deny))) }
        #expect(try hub.change { try $0.setRules(list(ServiceRule(.deny), ServiceRule(.reset))) }.rules.map(\.id) == [2, 3])
        #expect(try hub.change { try $0.setRules(list(ssh)) }.rules.map(\.id) == [4])
    }

    @Test func `are one change with one entry, and none if they are equal`() throws {
        let set = try hub.change { try $0.setRules(list(ssh)) }
        let entry = try #require(try hub.read { try $0.auditEntries(limit: 1) }.first)
        #expect(entry.action == "rules.update" && entry.target == "rules")
        #expect(entry.sentence { _ in nil }.description == "Changed the rules")
        #expect(entry.changes.map(\.description) == ["rules: 0 rules → 1 rule"])
        #expect(try hub.change { try $0.setRules(list(ssh)) } == set)
        #expect(try hub.read { try $0.generation().desired } == set.revision)
        // A note is worth a change.
        var noted = ssh
        noted.note = "for repairs"
        let renamed = try hub.change { try $0.setRules(list(noted)) }
        #expect(renamed.rules.map(\.note) == ["for repairs"] && renamed.rules.map(\.id) == [1])
    }

    @Test func `are refused for what is wrong with them, and for another revision`() throws {
        #expect(throws: StoreError.self) { try hub.change { try $0.setRules(list(ServiceRule(.deny, from: .device("nobody")))) } }
        try hub.change { _ = try $0.setRules(list(ssh), expecting: 0) }
        #expect(throws: StoreError.self) { try hub.change { try $0.setRules(list(), expecting: 0) } }
        #expect(try hub.read { try $0.ruleList() }.rules.count == 1)
    }

    @Test func `can be undone, unless they changed again or name a removed device`() throws {
        let first = try hub.change { try $0.setRules(list(ssh)) }.revision
        let second = try hub.change { try $0.setRules(list(end: .allow)) }.revision
        #expect(throws: StoreError.self) { try hub.change { try $0.revert(first) } }
        try hub.change { try $0.revert(second) }
        let restored = try hub.read { try $0.ruleList() }
        #expect(restored.end == .deny && restored.rules.map(\.note) == ["ssh"] && restored.rules.map(\.id) == [2])
        #expect(try hub.read { try $0.scopes(ofReverting: second) } == [.settings])
        let third = try hub.change { try $0.setRules(list(end: .allow)) }.revision
        try hub.change { try $0.removeDevice(laptop.id) }
        #expect(throws: StoreError.self) { try hub.change { try $0.revert(third) } }
    }

    @Test func `are part of a draft only if it changes them`() throws {
        let draft = try hub.database.draft(by: .ada, at: 300) { _ = try $0.setRules(list(ssh)) }
        #expect(draft.rules?.rules.count == 1)
        #expect(try hub.read { try $0.ruleList() } == .none)
        #expect(try hub.database.draft(by: .ada, at: 300) { try $0.edit(laptop.id, DeviceEdit(enabled: false)) }.rules == nil)
    }

    @Test func `stay when a device that they name is removed`() throws {
        try hub.change { _ = try $0.setRules(list(ssh)) }
        try hub.change { try $0.removeDevice(laptop.id) }
        #expect(try hub.read { try $0.ruleList() }.rules.map(\.from) == [.device(laptop.id)])
    }
}
