// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

extension ReadTransaction {
    /// The rules of the hub, in their order; none if nobody has set any.
    public func ruleList() throws -> RuleList {
        if let rules = known.rules { return rules }
        let head = try connection.first("SELECT end_action, revision FROM service_rule_list WHERE one = 1") {
            (end: try $0.parsed("an action") { RuleText.action($0) }, revision: try $0.integer())
        }
        var list = RuleList()
        if let head {
            list = RuleList(end: head.end, revision: head.revision)
            list.rules = try connection.all(
                "SELECT id, action, sender, receiver, service, note, enabled FROM service_rules ORDER BY position"
            ) {
                var rule = ServiceRule(id: try $0.integer(), try $0.parsed("an action") { RuleText.action($0) })
                rule.from = try $0.parsed("a side of a rule") { Self.party($0) }
                rule.to = try $0.parsed("a side of a rule") { Self.party($0) }
                rule.service = try $0.parsed("a service") { TransportService($0) }
                (rule.note, rule.enabled) = (try $0.text(), try $0.flag())
                return rule
            }
        }
        known.rules = list
        return list
    }

    /// The rules, if a generation after `generation` changed them; else nil.
    public func changedRules(after generation: Int64) throws -> RuleList? {
        let list = try ruleList()
        return list.revision > generation ? list : nil
    }

    private static func party(_ text: String) -> ServiceRule.Party? { try? RuleText.party(text) { _ in nil }.get() }
}

extension ChangeTransaction {
    /// Replaces all rules. Rules that decide as before keep their ids. Returns the new list; an equal one changes nothing.
    ///
    /// Throws `.stale` if the rules are no longer at `revision` (nil skips this check), and `.invalid` with what is wrong with each rule.
    @discardableResult
    public func setRules(_ list: RuleList, expecting revision: Int64? = nil) throws -> RuleList {
        let old = try ruleList()
        try require(revision, isCurrent: old.revision)
        try require(list.problems { (try? device($0)) != nil })
        var new = list.keepingIDs(of: old)
        guard new.rules != old.rules || new.end != old.end else { return old }
        var next = try connection.first("SELECT next_id FROM service_rule_list WHERE one = 1") { try $0.integer() } ?? 1
        for place in new.rules.indices where new.rules[place].id == 0 {
            new.rules[place].id = next
            next += 1
        }
        new.revision = generation
        try write(new, nextID: next)
        known.rules = nil
        try noteChange("rules.update", target: "rules") { (before: old.auditDetails, after: new.auditDetails) }
        return new
    }

    private func write(_ list: RuleList, nextID: Int64) throws {
        try connection.execute("DELETE FROM service_rules")
        for (place, rule) in list.rules.enumerated() {
            try connection.execute(
                "INSERT INTO service_rules (position, id, action, sender, receiver, service, note, enabled) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    .integer(Int64(place) + 1), .integer(rule.id), .text(RuleText.word(rule.action)), .text(RuleText.text(rule.from)),
                    .text(RuleText.text(rule.to)), .text(rule.service.description), .text(rule.note), .flag(rule.enabled),
                ])
        }
        try connection.execute(
            """
            INSERT INTO service_rule_list (one, end_action, next_id, revision) VALUES (1, ?, ?, ?)
            ON CONFLICT (one) DO UPDATE SET end_action = excluded.end_action, next_id = excluded.next_id, revision = excluded.revision
            """,
            [.text(RuleText.word(list.end)), .integer(nextID), .integer(list.revision)])
    }
}

extension RuleList {
    /// The whole list as text with the ids of devices, so that a change can be undone.
    var auditDetails: AuditDetails { ["rules": RuleText.text(self)] }
}
