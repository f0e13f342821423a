// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store
import Templates
import Words

/// Stops a change that would break expectations: says which and why, and offers to save it anyway. Takes the place of every page that saves.
struct BreachPage: TemplateModel {
    static let template = Template<BreachPage>("breach")
    /// The field, and in the API the name in the query, with which a change is saved anyway.
    static let field = "break_expectations"

    static var fields: [TemplateField<BreachPage>] {
        [
            .text("action", \.form.rawPath), .text("parent", \.parent), .flag("complete") { !$0.form.lacksSecrets },
            .list("fields", \.form.hiddenFields), .phrase("heading", \.heading),
            .list("breaches", \.breaches, [.phrase("sentence") { $0.sentence }, .phrase("reason") { $0.reasons }]),
        ]
    }

    let breaches: [ExpectationCheck.Breach]
    let form: HeldForm
    /// The page that the form was probably on.
    let parent: String

    private var heading: Phrase {
        .counting(
            breaches.count, "This would break \(breaches.count) expectation | This would break \(breaches.count) expectations")
    }
}

extension Visit {
    /// True if the visitor wants to save even a change that breaks expectations.
    var breaksExpectations: Bool { token == nil ? inputs.isOn(BreachPage.field) : request.query[BreachPage.field] == "true" }

    /// The page that asks whether to save anyway.
    func ask(about breaches: [ExpectationCheck.Breach]) throws -> Response {
        let page = BreachPage(breaches: breaches, form: HeldForm(request, inputs), parent: site.page(above: request.path))
        return try self.page(BreachPage.template, page, status: .conflict)
    }
}
