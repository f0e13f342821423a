// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Store
import Testing

@testable import Portal

@Suite struct `The audit page` {
    private func hub() throws -> TestSite {
        let hub = try TestSite()
        try hub.add("berlin-nas")
        try hub.add("office-gw")
        try hub.database.write {
            try $0.record("login", target: "admin/ada@example.org", by: Author(name: "ada@example.org", address: "192.0.2.7"), at: World.start)
            try $0.record("login.refused", target: "admin/=1+1\r\n@x", by: Author(name: "nobody"), at: World.start)
        }
        return hub
    }

    @Test func `shows the entries that its address selects`() throws {
        let browser = try hub().signedIn()
        let rows = { (path: String) in try browser.get(path).text.matches(of: /<tr><td class="nowrap">/).count }
        let all = try rows("/audit")
        #expect(all > 4)
        #expect(try rows("/audit?what=logins") == 2)
        #expect(try rows("/audit?what=devices&target=berlin") == 1)
        #expect(try rows("/audit?who=ADA&what=logins") == 1)
        #expect(try rows("/audit?from=2027-01-15") == all)
        #expect(try rows("/audit?until=2027-01-14") == 0)
        #expect(try rows("/audit?until=2027-01-15") == all)
        let page = try browser.get("/audit?who=nobody%22%3E&what=logins&from=x").text
        #expect(page.contains("value=\"nobody&quot;&gt;\""))
        #expect(page.contains("Nothing matches."))
    }

    @Test func `keeps its filters from page to page`() throws {
        let hub = try hub()
        try hub.database.write { db in
            for _ in 0..<150 { try db.record("logout", target: "admin/ada@example.org", by: Author(name: "ada@example.org"), at: World.start) }
        }
        let browser = try hub.signedIn()
        let first = try browser.get("/audit?who=ada&what=logins").text
        let older = try #require(first.firstMatch(of: /href="(\/audit\?who=ada&amp;what=logins&amp;before=[0-9]+)"/)?.1).replacing("&amp;", with: "&")
        let second = try browser.get(String(older)).text
        #expect(first.matches(of: /<tr><td class="nowrap">/).count == 100)
        #expect(second.matches(of: /<tr><td class="nowrap">/).count == 51)
    }

    @Test func `is exported without formulas for a spreadsheet, one entry per line`() throws {
        let browser = try hub().signedIn(role: .viewer)
        let csv = try browser.get("/audit/export?format=csv&what=logins")
        #expect(csv.response.fields["Content-Type"] == "text/csv; charset=utf-8")
        #expect(csv.response.fields["Content-Disposition"] == "attachment; filename=\"audit.csv\"")
        #expect(csv.text.hasPrefix("number,at,who,from,action,target,before,after\r\n"))
        let lines = try browser.get("/audit/export?format=jsonl&what=logins").text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].contains(#""target":"admin/=1+1\r\n@x""#))
        #expect(try browser.get("/audit/export?format=xls").status == 400)
        for (text, cell) in [
            ("=1", "\"'=1\""), ("+1", "\"'+1\""), ("-1", "\"'-1\""), ("@a", "\"'@a\""), ("\tx", "\"'\tx\""), ("a\"b", "\"a\"\"b\""), ("", "\"\""),
        ] {
            #expect(AuditExport.cell(text) == cell)
        }
    }

    @Test func `sets how long entries are kept, and the hub removes older ones`() throws {
        let hub = try hub()
        let browser = try hub.signedIn()
        #expect(try browser.post("/audit/retention", on: "/audit", ["days": "x"]).status == 422)
        #expect(try browser.post("/audit/retention", on: "/audit", ["days": "30"]).status == 303)
        #expect(try browser.get("/audit").text.contains("name=\"days\" value=\"30\""))
        hub.world.advance(seconds: 31 * 86_400)
        let now = hub.world.now.withLock { $0 }
        try hub.database.write { try $0.removeOldAuditEntries(at: now) }
        let left = try hub.database.read { try $0.auditEntries(limit: 100) }
        #expect(left.first?.action == "audit.remove_old")
        #expect(left.count == 2)
        #expect(try hub.database.read { try $0.firstBrokenAuditEntry() } == nil)
    }
}
