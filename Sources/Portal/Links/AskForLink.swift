// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store
import Templates
import Words

/// Asks for a link of two devices for a time. Everybody who is signed in may ask; an admin grants.
struct AskForLinkPage: TemplateModel {
    static let path = "/links/ask"
    static let template = Template<AskForLinkPage>("ask_for_link")

    static let routes: [Route<Handler>] = [
        Route(.get, path, Handler(.viewer, show)),
        Route(.post, path, Handler(.viewer, fields: ["a", "b", "duration", "reason"], ask)),
    ]

    static var fields: [TemplateField<AskForLinkPage>] {
        [.list("durations") { TimedForm.options($0.inputs) }, .phrase("duration_error") { $0.inputs.message("duration") }]
            + TemplateField.form("a", "b", "reason", others: ["duration"], of: \.inputs)
    }

    private let inputs: Inputs

    /// The form, filled in with names for two devices.
    static func address(_ a: String, _ b: String = "") -> String { PageAddress(path).with("a", a).with("b", b).text }

    private static func show(_ visit: Visit) throws -> Response {
        let query = visit.request.query
        return try visit.page(template, AskForLinkPage(inputs: Inputs(["a": query["a"] ?? "", "b": query["b"] ?? "", "duration": "7200"])))
    }

    private static func ask(_ visit: Visit) throws -> Response {
        guard let account = visit.session?.account else { throw SignInNeeded(path: nil) }
        var inputs = visit.inputs
        do {
            try visit.write { transaction in
                let sides = Sides(try transaction.devices())
                let (a, b) = (device("a", sides, &inputs), device("b", sides, &inputs))
                let reason = inputs.text("reason")
                guard let seconds = TimedForm.seconds(&inputs), let a, let b else { throw Inputs.Refused(errors: inputs.errors) }
                try inputs.collect {
                    try transaction.askForLink(
                        of: a, and: b, forSeconds: seconds, reason: reason, account: account.id, by: visit.author, at: visit.now)
                }
            }
        } catch is Inputs.Refused {
            return try visit.page(template, AskForLinkPage(inputs: inputs), status: .unprocessableContent)
        }
        return visit.done(TimedLinksPage.path, .asked)
    }

    /// The device that a field names.
    private static func device(_ field: String, _ sides: Sides, _ inputs: inout Inputs) -> Device? {
        let text = inputs.text(field)
        if let device = sides.device(text) { return device }
        inputs.refuse(field, text.isEmpty ? "Name a device." : "There is no device “\(text)”.")
        return nil
    }
}
