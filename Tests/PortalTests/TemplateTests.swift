// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Testing

@testable import Portal

/// Renders `text` as the only page, with `files` beside it.
private func render(
    _ text: String, _ shape: TemplateShape = "", _ values: [String: TemplateValue] = [:], files: [String: String] = [:]
) throws -> String {
    let page = Page("page", shape)
    let templates = try Templates(sources: files.merging(["page.html": text]) { $1 }, pages: [page], frame: "")
    return String(decoding: try templates.render(page, values, in: .english), as: UTF8.self)
}

@Suite struct `A template` {
    @Test func `writes values, and of objects by their path`() throws {
        #expect(try render("{{name}} at {{hub.name}}", "name hub{name}", ["name": "nas", "hub": ["name": "berlin"]]) == "nas at berlin")
    }

    @Test func `repeats a section for each item and looks outwards for names`() throws {
        let values: [String: TemplateValue] = ["unit": "s", "rows": [["age": "4"], ["age": "9"]]]
        #expect(try render("{{#rows}}{{age}} {{unit}};{{/rows}}", "unit rows[age]", values) == "4 s;9 s;")
    }

    @Test func `writes the items of a list of texts with a dot`() throws {
        #expect(try render("{{#names}}<{{.}}>{{/names}}", "names[]", ["names": ["a", "b"]]) == "<a><b>")
    }

    @Test func `leaves out a section of false, of an empty text and of an empty list`() throws {
        let text = "{{#a}}1{{/a}}{{#b}}2{{/b}}{{#c}}3{{/c}}{{^a}}4{{/a}}{{^b}}5{{/b}}{{^c}}6{{/c}}"
        #expect(try render(text, "a b c[x]", ["a": false, "b": "", "c": []]) == "456")
    }

    @Test func `leaves no empty line for a tag that stands alone`() throws {
        #expect(try render("<ul>\n  {{#on}}\n  <li>\n  {{/on}}\n</ul>\n", "on", ["on": true]) == "<ul>\n  <li>\n</ul>\n")
    }

    @Test func `includes partials and ignores comments`() throws {
        #expect(try render("a{{>dot}}b{{! why }}c", files: ["dot.html": "·"]) == "a·bc")
    }

    @Test func `fills the blocks of its layout and keeps the default of the others`() throws {
        let files = ["layout.html": "<title>{{$title}}Hub{{/title}}</title>{{$main}}{{/main}}"]
        #expect(try render("{{<layout}}{{$main}}{{x}}{{/main}}{{/layout}}", "x", ["x": "1"], files: files) == "<title>Hub</title>1")
    }

    @Test(arguments: [
        ("<script>", "&lt;script&gt;"),
        ("a&b", "a&amp;b"),
        ("'`\"", "&#39;&#96;&quot;"),
        ("\"\u{301}", "&quot;\u{301}"),
        ("\u{600}<script", "\u{600}&lt;script"),
        ("<\u{200D}", "&lt;\u{200D}"),
    ])
    func `escapes by byte, whatever grapheme a byte belongs to`(raw: String, escaped: String) throws {
        #expect(try Array(render("{{x}}", "x", ["x": .text(raw)]).utf8) == Array(escaped.utf8))
    }

    @Test func `escapes a value once only`() throws {
        #expect(try render("{{x}}", "x", ["x": "&amp;"]) == "&amp;amp;")
    }
}

@Suite struct `A template with a mistake fails when it is loaded` {
    private func failure(_ text: String, _ shape: TemplateShape = "a", files: [String: String] = [:]) -> String {
        do {
            _ = try Templates(sources: files.merging(["page.html": text]) { $1 }, pages: [Page("page", shape)], frame: "")
            return "no error"
        } catch { return error.description }
    }

    @Test func `for a name the page does not declare, with file, line and column`() {
        #expect(failure("<p>\n  {{b}}") == "page.html:2:3: the page declares no value b.")
    }

    @Test func `for a name inside a section that only other rows have`() {
        #expect(failure("{{#rows}}{{b}}{{/rows}}", "rows[a]") == "page.html:1:10: the page declares no value b.")
    }

    @Test func `for an unclosed section`() {
        #expect(failure("\n{{#a}}x") == "page.html:2:1: the section a is not closed. Add {{/a}}.")
    }

    @Test func `for sections that cross`() {
        #expect(failure("{{#a}}{{^a}}{{/b}}").hasPrefix("page.html:1:13: {{/b}} closes nothing"))
    }

    @Test func `for a tag without an end`() {
        #expect(failure("x {{a").hasPrefix("page.html:1:3: a tag is opened here"))
    }

    @Test func `for a tag that is no name`() {
        #expect(failure("{{{a}}}").hasPrefix("page.html:1:1: {{{a}} is not a tag"))
    }

    @Test func `for a missing partial`() {
        #expect(failure("{{>nothing}}") == "page.html:1:1: there is no template nothing.html in Templates.")
    }

    @Test func `for a partial that includes itself`() {
        #expect(failure("{{>x}}", files: ["x.html": "{{>y}}", "y.html": "{{>x}}"]) == "y.html:1:1: the template x includes itself.")
    }

    @Test func `for a block the layout does not have`() {
        #expect(failure("{{<l}}{{$b}}{{/b}}{{/l}}", files: ["l.html": "{{$c}}{{/c}}"]) == "page.html:1:7: the layout has no block b.")
    }

    @Test func `for a page without a file`() {
        #expect(throws: TemplateError.missingPage("gone")) {
            try Templates(sources: [:], pages: [Page("gone", "")], frame: "")
        }
    }
}
