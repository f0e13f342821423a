// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// /api/v1/rules: the whole list, read and replaced.
enum RulesAPI {
    static let routes: [Route<Handler>] = [
        Route(.get, "/api/v1/rules", Handler(.token(.read), rules)),
        Route(.put, "/api/v1/rules", Handler(.token(.settings), replace)),
    ]

    private static func rules(_ visit: Visit) throws -> Response { answer(try visit.overview()) }

    /// Replaces the list. With `dry_run` it changes nothing and returns the effect.
    private static func replace(_ visit: Visit) throws -> Response {
        let body = try visit.request.json()
        let overview = try visit.overview()
        let (list, isDryRun) = try read(body, overview)
        let expected = EntityTag.expected(visit.request.fields.all("If-Match"), current: overview.rules.revision)
        do {
            guard !isDryRun else {
                let draft = try visit.draft { try $0.setRules(list, expecting: expected) }
                return .json(.ok, try visit.effect(of: draft, on: overview).json(generation: nil))
            }
            try visit.change { _ = try $0.setRules(list, expecting: expected) }
        } catch StoreError.stale {
            throw HTTPError(.preconditionFailed, "The rules were changed in the meantime. Read them again, then send the change.")
        }
        return answer(try visit.later.overview())
    }

    /// Members in another kind of JSON value, and unknown ones, are errors, as everywhere in the API.
    private static func read(_ body: JSON, _ overview: Overview) throws -> (RuleList, isDryRun: Bool) {
        guard let members = body.members else { throw HTTPError(.badRequest, "The body must be a JSON object.") }
        try requireNames(members, ["rules", "end", "dry_run"])
        guard case .array(let entries)? = body["rules"] else { throw HTTPError(.badRequest, "The member “rules” must be a list of objects.") }
        var list = RuleList(end: .allow)
        if let end = body["end"] {
            guard let action = end.string.flatMap({ RuleText.action($0) }) else {
                throw HTTPError(.badRequest, "The member “end” must be allow or deny.")
            }
            list.end = action
        }
        let isDryRun: Bool
        switch body["dry_run"] {
        case nil: isDryRun = false
        case .bool(let flag)?: isDryRun = flag
        default: throw HTTPError(.badRequest, "The member “dry_run” must be true or false.")
        }
        let names = Sides(overview.devices)
        var errors: [FieldError] = []
        for (place, entry) in entries.enumerated() {
            let rule = try rule(entry, field: "rules.\(place + 1)", names, &errors)
            list.rules.append(rule)
        }
        guard errors.isEmpty else { throw StoreError.invalid(errors) }
        return (list, isDryRun)
    }

    private static func requireNames(_ members: [(String, JSON)], _ names: Set<String>) throws {
        if let unknown = members.first(where: { !names.contains($0.0) }) {
            throw HTTPError(.badRequest, "There is no member “\(unknown.0.first(scalars: 64))” here.")
        }
    }

    /// A rule as `GET` gives it may be sent back: what the hub counts is ignored.
    private static func rule(_ entry: JSON, field: String, _ names: Sides, _ errors: inout [FieldError]) throws -> ServiceRule {
        guard let members = entry.members else { throw HTTPError(.badRequest, "The member “rules” must be a list of objects.") }
        try requireNames(members, ["action", "from", "to", "service", "note", "enabled", "id", "hits", "last_hit_at", "shadowed_by"])
        let text = { (name: String, fallback: String) throws -> String in
            guard let value = entry[name] else { return fallback }
            guard let text = value.string else { throw HTTPError(.badRequest, "The member “\(name)” must be a text.") }
            return text
        }
        guard let action = RuleText.action(try text("action", "")) else {
            throw HTTPError(.badRequest, "The member “action” must be allow, deny or reset.")
        }
        var rule = ServiceRule(action, note: try text("note", "").trimmed())
        switch entry["enabled"] {
        case nil: break
        case .bool(let flag)?: rule.enabled = flag
        default: throw HTTPError(.badRequest, "The member “enabled” must be true or false.")
        }
        let id = { (name: String) in names.device(name)?.id }
        func read<Value>(_ reading: Entry.Reading<Value>, into path: WritableKeyPath<ServiceRule, Value>) {
            switch reading {
            case .success(let value): rule[keyPath: path] = value
            case .failure(let refusal): errors.append(FieldError(field, refusal.message))
            }
        }
        read(RuleText.party(try text("from", "any"), id: id), into: \.from)
        read(RuleText.party(try text("to", "any"), id: id), into: \.to)
        read(RuleText.service(try text("service", "any")), into: \.service)
        return rule
    }

    private static func answer(_ overview: Overview) -> Response {
        let (list, hits) = (overview.rules, overview.status.ruleHits)
        let shadows = Dictionary(list.shadowed(among: overview.devices).map { ($0.rule, $0.by) }) { $1 }
        let rules = list.rules.enumerated().map { place, rule -> JSON in
            let counted = hits.rules[rule.id] ?? HubStatus.Hits()
            return [
                "id": .integer(rule.id), "action": .string(RuleText.word(rule.action)), "from": .string(RuleText.text(rule.from)),
                "to": .string(RuleText.text(rule.to)), "service": .string(rule.service.description), "note": .string(rule.note),
                "enabled": .bool(rule.enabled), "hits": DeviceJSON.count(counted.count), "last_hit_at": DeviceJSON.time(counted.lastAt),
                "shadowed_by": shadows[place + 1].map { .integer(Int64($0)) } ?? .null,
            ]
        }
        var response = Response.json(
            .ok,
            [
                "revision": .integer(list.revision), "end": .string(RuleText.word(list.end)), "rules": .array(rules),
                "end_hits": DeviceJSON.count(hits.end.count), "evicted_flows": DeviceJSON.count(hits.evictedFlows),
            ])
        response.fields.set("ETag", DeviceJSON.entityTag(list.revision))
        return response
    }
}
