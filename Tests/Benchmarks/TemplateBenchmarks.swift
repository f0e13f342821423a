// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
@testable import Portal
import Templates

/// A list of 100 devices as HTML.
enum TemplateBenchmarks {
    private struct List: TemplateModel {
        static let template = Template<List>("list")
        let rows: [Row]
        static var fields: [TemplateField<List>] { [.text("title") { _ in "Devices" }, .list("rows", \.rows)] }
    }

    private struct Row: TemplateModel {
        let number: Int
        let id: String
        let name: String
        let address: String

        static var fields: [TemplateField<Row>] {
            [
                .text("id", \.id), .text("name", \.name), .text("description") { _ in "The one with the \"sticker\" & the dent" },
                .text("address", \.address), .object("state") { _ in DeviceState.online }, .text("age") { _ in "4 s" },
                .flag("online") { $0.number % 2 == 0 },
            ]
        }
    }

    private struct NoFrame: TemplateModel {
        static var fields: [TemplateField<NoFrame>] { [] }
    }

    private static let source = """
        <!doctype html><title>{{title}}</title><table>
        {{#rows}}<tr id="{{id}}"><td><a href="/devices/{{id}}">{{name}}</a> {{#description}}<small>{{description}}</small>{{/description}}
        <td>{{address}}<td>{{#state}}<span title="{{rule}}">{{word}}</span>{{/state}}<td>{{age}}{{^online}} ago{{/online}}
        {{/rows}}</table>
        """

    static func run() {
        do {
            let templates = try CompiledTemplates(sources: ["list.html": source], pages: [List.template], frame: NoFrame.self)
            let list = List(rows: (0..<100).map { Row(number: $0, id: "d-\($0)", name: "laptop-\($0)", address: "10.3.2.\($0)") })
            Measurement.of("template of 100 rows") { count in
                var written = 0
                for _ in 0..<count { written += ((try? templates.render(List.template, list, frame: NoFrame(), in: .english)) ?? []).count }
                precondition(written > 10_000 * count)
                return written
            }
        } catch {
            fatalError("\(error)")
        }
    }
}
