// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

@testable import Portal

/// A list of 100 devices as HTML.
enum TemplateBenchmarks {
    private static let page = Page("list", "title rows[id name description address state{word rule} age online]")
    private static let source = """
        <!doctype html><title>{{title}}</title><table>
        {{#rows}}<tr id="{{id}}"><td><a href="/devices/{{id}}">{{name}}</a> {{#description}}<small>{{description}}</small>{{/description}}
        <td>{{address}}<td>{{#state}}<span title="{{rule}}">{{word}}</span>{{/state}}<td>{{age}}{{^online}} ago{{/online}}
        {{/rows}}</table>
        """

    static func run() {
        do {
            let templates = try Templates(sources: ["list.html": source], pages: [page], frame: "")
            let values: [String: TemplateValue] = ["title": "Devices", "rows": .list((0..<100).map(row))]
            Measurement.of("template of 100 rows") { count in
                var written = 0
                for _ in 0..<count { written += ((try? templates.render(page, values, in: .english)) ?? []).count }
                precondition(written > 10_000 * count)
                return written
            }
        } catch {
            fatalError("\(error)")
        }
    }

    private static func row(_ number: Int) -> TemplateValue {
        [
            "id": .text("d-\(number)"), "name": .text("laptop-\(number)"), "description": "The one with the \"sticker\" & the dent",
            "address": .text("10.3.2.\(number)"), "state": ["word": "online", "rule": "heard within three minutes"], "age": "4 s",
            "online": .flag(number % 2 == 0),
        ]
    }
}
