// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Testing
import Words

@testable import Portal

@Suite struct `The rules` {
    private let path = "/rules"
    private let hub: TestSite
    private let browser: Browsing
    private let (laptop, nas): (Device, Device)

    init() throws {
        let hub = try TestSite()
        let admin = try hub.add("laptop")
        nas = try hub.add("Berlin NAS")
        laptop = try hub.database.change(by: .system, at: World.start) { db in
            var edit = DeviceEdit()
            edit.tags = [Tag("admins")!]
            return try db.edit(admin.id, edit)
        }
        self.hub = hub
        browser = try hub.signedIn()
    }

    /// Presses a button of the form with this list and these fields.
    private func press(_ step: String, _ list: String, _ values: [String: String] = [:], revision: Int64? = nil) throws -> Answer {
        let revision = try revision ?? hub.database.read { try $0.ruleList() }.revision
        return try browser.upload(
            path, on: path, values.merging(["step": step, "revision": String(revision)]) { old, _ in old }, files: ["rules": Array(list.utf8)])
    }

    /// The list that the page has in its form.
    private func list(_ answer: Answer) throws -> String {
        let text = try #require(answer.text.firstMatch(of: #/<textarea id="rules"[^>]*>\n([^<]*)</textarea>/#)?.1)
        return String(text).replacing("&quot;", with: "\"").replacing("&#34;", with: "\"")
    }

    private var saved: RuleList { get throws { try hub.database.read { try $0.ruleList() } } }

    @Test func `are added, moved, switched, edited and removed in the form, and nothing is saved meanwhile`() throws {
        let added = try press(
            "put", "end allow\n", ["action": "allow", "from": "tag:admins", "to": "berlin nas", "service": "TCP 22", "note": "ssh", "end": "deny"])
        #expect(added.status == 200)
        #expect(try list(added) == "allow from tag:admins to \"Berlin NAS\" tcp 22 # ssh\nend deny\n")
        #expect(added.text.contains("This list is not saved yet."))
        let two = "deny from any to hub any\n" + (try list(added))
        let up = try press("up:2", two)
        #expect(try list(up).hasPrefix("allow from tag:admins"))
        #expect(try list(press("down:1", list(up))) == two)
        #expect(try list(press("toggle:1", two)).hasPrefix("off deny from any to hub any\n"))
        #expect(try list(press("remove:1", two)) == list(added))
        let edit = try press("edit:2", two)
        #expect(edit.text.contains("Edit rule 2") && edit.text.contains("value=\"tcp 22\""))
        let changed = try press("put", two, ["row": "2", "action": "reset", "from": "laptop", "to": "", "service": "", "note": ""])
        #expect(try list(changed) == "deny from any to hub any\nreset from laptop to any any\nend deny\n")
        #expect(try saved == .none)
    }

    @Test func `are previewed with what devices may start more and less, then saved and undone`() throws {
        let rules = "allow from tag:admins to any tcp 22\ndeny from laptop to any tcp 22\nend deny\n"
        let preview = try press("preview", rules)
        #expect(preview.status == 200)
        #expect(preview.text.contains("laptop → Berlin NAS: everything but tcp 22"))
        #expect(preview.text.contains("Rule 2 never decides: rule 1 matches everything that it matches."))
        #expect(try saved == .none)
        let answer = try press("save", rules, ["from": "laptop", "to": "hub", "service": "icmp", "action": "allow"])
        #expect(try #require(answer.location).hasPrefix("/rules?change="))
        // What was typed and not added yet is saved, too.
        #expect(try saved.rules.count == 3 && saved.end == .deny)
        let change = try saved.revision
        #expect(try browser.post("/changes/\(change)/revert", on: "/changes/\(change)").status == 303)
        #expect(try saved.rules.isEmpty && saved.end == .allow)
    }

    @Test func `are refused beside the field or with the line that is wrong`() throws {
        let field = try press("put", "end deny\n", ["action": "allow", "from": "nobody", "to": "internet", "service": "tcp x"])
        #expect(field.status == 422)
        #expect(field.text.contains("Not saved. Fix 2 fields below.") && field.text.contains("value=\"nobody\""))
        let line = try press("save", "allow to any\n")
        #expect(line.status == 422 && line.text.contains("Line 1: A rule reads"))
        #expect(try list(line) == "allow to any\n")
        let check = try press("save", "allow from internet to any any\n")
        #expect(check.status == 422 && check.text.contains("Rule 1: Packets come from devices."))
        #expect(try saved == .none)
    }

    @Test func `tell what somebody else saved in the meantime, and save once that was seen`() throws {
        let rules = "deny from any to hub any\nend allow\n"
        try hub.database.change(by: .system, at: World.start) { _ = try $0.setRules(RuleList([ServiceRule(.reset)])) }
        let conflict = try press("save", rules, revision: 0)
        #expect(conflict.status == 409)
        #expect(conflict.text.contains("Somebody else changed the rules in the meantime."))
        #expect(try list(conflict) == rules)
        let revision = try saved.revision
        #expect(conflict.text.contains("name=\"revision\" value=\"\(revision)\""))
        #expect(try press("save", rules, revision: revision).status == 303)
    }

    @Test func `show their hits`() throws {
        try hub.database.change(by: .system, at: World.start) { _ = try $0.setRules(RuleList([ServiceRule(.deny, to: .hub)])) }
        let id = try saved.rules[0].id
        hub.world.engine.withLock { $0.ruleHits.rules[id] = HubStatus.Hits(count: 12, lastAt: World.start.adding(seconds: -60)) }
        #expect(try browser.get(path).text.contains("12 hits, last"))
        let shown = try hub.api(.read).send("GET", "/rules").json()
        #expect(shown["rules"]?.array?.first?["hits"]?.integer == 12)
    }

    @Test func `show in the matrix, on the page of a device and in the panel`() throws {
        #expect(try !browser.get("/reachability").text.contains("some services"))
        try hub.database.change(by: .system, at: World.start) {
            _ = try $0.setRules(RuleList([ServiceRule(.allow, from: .device(laptop.id), service: TransportService("tcp 22")!)], end: .deny))
        }
        let matrix = try browser.get("/reachability").text
        #expect(matrix.contains("some services, by the rules") && matrix.contains("<td class=\"some\">"))
        #expect(try browser.get("/devices/\(nas.id)").text.contains("some services"))
        let panel = try browser.get("/reachability/panel?from=\(laptop.id)&to=\(nas.id)").text
        #expect(panel.contains("laptop reaches Berlin NAS with tcp 22"))
        try hub.database.change(by: .system, at: World.start) { _ = try $0.setRules(RuleList(end: .deny)) }
        #expect(try !browser.get("/reachability").text.contains("<td class=\"some\">"))
        #expect(try browser.get("/devices/\(nas.id)").text.contains("refused by the rules"))
    }
}

@Suite struct `The API of rules` {
    private let hub: TestSite
    private let api: APIClient
    private let laptop: Device

    init() throws {
        hub = try TestSite()
        laptop = try hub.add("laptop")
        api = try hub.api(.read, .settings)
    }

    private var rules: JSON {
        [
            "end": "deny",
            "rules": [
                ["action": "allow", "from": .string("device:\(laptop.id)"), "to": "tag:servers", "service": "tcp 22", "note": "ssh"],
                ["action": "reset", "from": "laptop", "enabled": .bool(false)],
            ],
        ]
    }

    @Test func `replaces the whole list and gives it back`() throws {
        let answer = try api.send("PUT", "/rules", rules)
        #expect(answer.status == 200)
        let read = try api.send("GET", "/rules")
        #expect(try read.json() == answer.json())
        let list = try hub.database.read { try $0.ruleList() }
        #expect(read.response.fields["ETag"] == "\"\(list.revision)\"")
        #expect(list.rules.map(\.from) == [.device(laptop.id), .device(laptop.id)] && list.rules.map(\.enabled) == [true, false])
        // What it gives may be sent back.
        var again = try #require(read.json().members)
        again.removeAll { ["revision", "end_hits", "evicted_flows"].contains($0.0) }
        #expect(try api.send("PUT", "/rules", .object(again)).json()["revision"]?.integer == list.revision)
    }

    @Test func `changes nothing on a dry run, and says what it would do`() throws {
        let answer = try api.send("PUT", "/rules", rules.adding(["dry_run": .bool(true)]))
        #expect(try answer.status == 200 && answer.json()["rules"]?["services_lost"] == .array([]))
        #expect(try hub.database.read { try $0.ruleList() } == .none)
    }

    @Test func `demands the current revision if one is given`() throws {
        #expect(try api.send("PUT", "/rules", rules, fields: ["If-Match: \"7\""]).status == 412)
        let tag = try #require(api.send("GET", "/rules").response.fields["ETag"])
        #expect(try api.send("PUT", "/rules", rules, fields: ["If-Match: \(tag)"]).status == 200)
    }

    @Test(
        arguments: [
            ["rules": "none"], ["rules": [], "end": "reset", "other": .null], ["rules": [["action": "permit"]]],
            ["rules": [["action": "allow", "port": 22]]],
            ["rules": [["action": "allow", "from": 7]]], ["end": "deny"], ["rules": [["action": "allow", "enabled": "yes"]]],
            ["rules": [], "dry_run": 1],
        ] as [JSON])
    func `refuses members that are no member, or of another kind`(body: JSON) throws {
        #expect(try api.send("PUT", "/rules", body).status == 400)
    }

    @Test func `names the rule that is wrong`() throws {
        let body: JSON = ["rules": [["action": "allow"], ["action": "deny", "to": "nobody", "service": "tcp x"]]]
        let answer = try api.send("PUT", "/rules", body)
        #expect(answer.status == 422)
        #expect(try answer.json()["errors"]?.array?.compactMap { $0["field"]?.string } == ["rules.2", "rules.2"])
    }
}
