// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The rules about what linked devices may send each other: an ordered list that is edited here and saved as a whole.
///
/// The form holds the whole list as text, and buttons that move, switch or remove a rule send it back changed. Nothing is kept between two
/// requests, and nothing needs scripts.
struct RulesPage: TemplateModel {
    static let path = "/rules"
    static let routes: [Route<Handler>] = [
        Route(.get, path, Handler(.viewer, show)),
        Route(.post, path, Handler(.admin, fields: RuleForm.names.union(["revision", "step", Confirmation.field]), uploads: [listField], save)),
    ]
    static let template = Template<RulesPage>("rules")

    static var fields: [TemplateField<RulesPage>] {
        [
            .text("revision") { $0.inputs.text("revision") }, .phrase("problem", \.problem), .text("list", \.text),
            .list("rules", \.rows), .flag("none") { $0.list.rules.isEmpty },
            .flag("unsaved", \.isUnsaved), .flag("stale", \.isStale), .object("form", \.form), .optional("effect", \.effect),
            .list("ends") { page in
                [Rule.Action.allow, .deny].map {
                    Choice(value: RuleText.word($0), label: $0 == .allow ? "passes" : "is refused", isChosen: $0 == page.list.end)
                }
            },
            .phrase("end_hits") { Row.hits($0.overview.status.ruleHits.end, now: $0.overview.now) },
            .list("confirm_options") { Confirmation.options($0.inputs) },
        ]
    }

    private static let listField = "rules"

    private let overview: Overview
    private let list: RuleList
    /// The list as the form sends it back: as typed if it could not be read.
    private let text: String
    private let inputs: Inputs
    private let form: RuleForm
    private let problem: Phrase
    private let isUnsaved: Bool
    private let isStale: Bool
    private let effect: Effect?

    // MARK: Handlers

    private static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        var inputs = Inputs(["revision": String(overview.rules.revision)])
        Confirmation.start(&inputs, hub: overview.hub, client: visit.request.client)
        let page = RulesPage(
            overview: overview, list: overview.rules, text: nil, inputs: inputs, form: RuleForm(), problem: "", isUnsaved: false, isStale: false,
            effect: nil)
        return try visit.page(template, page, notice: visit.notice)
    }

    private init(
        overview: Overview, list: RuleList, text: String?, inputs: Inputs, form: RuleForm, problem: Phrase, isUnsaved: Bool, isStale: Bool,
        effect: Effect?
    ) {
        self.overview = overview
        self.list = list
        self.text = text ?? RuleText.text(list) { overview.index[$0]?.name }
        (self.inputs, self.form, self.problem, self.effect) = (inputs, form, problem, effect)
        (self.isUnsaved, self.isStale) = (isUnsaved, isStale)
    }

    /// Does what the pressed button says: changes the list in the form, shows what saving would do, or saves.
    private static func save(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        var inputs = visit.inputs
        var form = RuleForm(inputs)
        let typed = String(decoding: inputs.upload(listField), as: UTF8.self)
        let draw = { (list: RuleList, text: String?, problem: Phrase, isStale: Bool, effect: Effect?, status: Status) in
            let isUnsaved = list.keepingIDs(of: overview.rules).rules != overview.rules.rules || list.end != overview.rules.end
            let page = RulesPage(
                overview: overview, list: list, text: text, inputs: inputs, form: form, problem: problem, isUnsaved: isUnsaved,
                isStale: isStale, effect: effect)
            return try visit.page(template, page, status: status)
        }
        let names = Sides(overview.devices)
        let id = { (name: String) in names.device(name)?.id }
        var list: RuleList
        switch RuleText.read(typed, id: id) {
        case .success(let read): list = read
        case .failure(let refusal): return try draw(overview.rules, typed, refusal.message, false, nil, .unprocessableContent)
        }
        let step = RuleStep(inputs.text("step"))
        if let end = RuleText.action(inputs.text("end")), end != .reset { list.end = end }
        if let problem = form.apply(step, to: &list, overview: overview, id: id) {
            return try draw(list, nil, problem, false, nil, .unprocessableContent)
        }
        do {
            switch step {
            case .save:
                let generation = try visit.change(confirming: inputs) { try $0.setRules(list, expecting: inputs.expectedRevision) }
                return visit.done(path, .saved, change: generation)
            case .preview:
                let draft = try visit.draft { try $0.setRules(list, expecting: inputs.expectedRevision) }
                return try draw(list, nil, "", false, try visit.effect(of: draft, on: overview), .ok)
            default: return try draw(list, nil, "", false, nil, .ok)
            }
        } catch StoreError.invalid(let errors) {
            let problem = errors.prefix(5).map { error -> Phrase in
                guard error.field.hasPrefix("rules."), let number = Int(error.field.dropFirst(6)) else { return error.message }
                return "Rule \(number): \(error.message)"
            }
            return try draw(list, nil, problem.joined(), false, nil, .unprocessableContent)
        } catch StoreError.stale {
            inputs.set("revision", String(overview.rules.revision))
            return try draw(list, nil, "", true, nil, .conflict)
        }
    }

    // MARK: What it shows

    private struct Row: TemplateModel {
        let number: Int
        let rule: ServiceRule
        let isFirst: Bool
        let isLast: Bool
        let from: String
        let to: String
        let hits: Phrase
        let shadow: Phrase

        /// `id` is that of the saved rule, 0 for one that is not saved yet.
        init(_ page: RulesPage, _ place: Int, id: Int64, shadow: Phrase) {
            number = place + 1
            rule = page.list.rules[place]
            (isFirst, isLast) = (place == 0, place == page.list.rules.count - 1)
            let name = { (id: String) in page.overview.index[id]?.name }
            (from, to) = (Self.side(rule.from, name), Self.side(rule.to, name))
            hits = id != 0 && rule.enabled ? Self.hits(page.overview.status.ruleHits.rules[id] ?? .init(), now: page.overview.now) : ""
            self.shadow = shadow
        }

        static var fields: [TemplateField<Row>] {
            [
                .number("number", \.number), .phrase("word", \.rule.action.phrase),
                .text("from", \.from), .text("to", \.to), .text("service") { $0.rule.service.description }, .text("note", \.rule.note),
                .flag("enabled", \.rule.enabled), .flag("first", \.isFirst), .flag("last", \.isLast), .phrase("hits", \.hits),
                .phrase("shadow", \.shadow),
            ]
        }

        private static func side(_ party: ServiceRule.Party, _ name: (String) -> String?) -> String {
            if case .device(let id) = party, let name = name(id) { return name }
            return RuleText.text(party)
        }

        static func hits(_ hits: HubStatus.Hits, now: UnixTime) -> Phrase {
            guard let lastAt = hits.lastAt else { return "no hits" }
            let count = Int(clamping: hits.count)
            return .counting(
                count,
                "\(Amount.count(count)) hit, \(lastAt.spoken(relativeTo: now)) | \(Amount.count(count)) hits, last \(lastAt.spoken(relativeTo: now))")
        }
    }

    private var rows: [Row] {
        let shadows = Dictionary(list.shadowed(among: overview.devices).map { ($0.rule, $0.sentence) }) { $1 }
        let ids = list.keepingIDs(of: overview.rules).rules.map(\.id)
        return list.rules.indices.map { Row(self, $0, id: ids[$0], shadow: shadows[$0 + 1] ?? "") }
    }
}
