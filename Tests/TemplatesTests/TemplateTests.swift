// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Synchronization
import Testing
import Words

@testable import Templates

/// The names that the templates of these tests may use.
private struct Sample: TemplateModel {
    static let template = Template<Sample>("page")

    var name = "nas"
    var hub = Hub()
    var isOn = true
    var x = ""
    var none: [String] = []
    var names: [String] = []
    var rows: [Row] = []
    var owner: Owner?
    var onlines: Phrase = ""

    static var fields: [TemplateField<Sample>] {
        [
            .text("name", \.name), .object("hub", \.hub), .flag("on", \.isOn), .text("x", \.x), .texts("none", \.none), .texts("names", \.names),
            .list("rows", \.rows), .optional("owner", \.owner), .phrase("onlines", \.onlines), .number("count", \.rows.count),
        ]
    }

    struct Hub: TemplateModel {
        var name = "berlin"
        var city = Owner(mail: "mitte")
        static var fields: [TemplateField<Hub>] { [.text("name", \.name), .object("city", \.city)] }
    }

    struct Row: TemplateModel {
        var age: String
        var tags: [Tag] = []
        static var fields: [TemplateField<Row>] { [.text("age", \.age), .list("tags", \.tags)] }
    }

    struct Tag: TemplateModel {
        var age: String?
        var word: String
        static var fields: [TemplateField<Tag>] { [.text("word", \.word), .flag("aged") { $0.age != nil }] }
    }

    struct Owner: TemplateModel {
        var mail: String
        static var fields: [TemplateField<Owner>] { [.text("mail", \.mail)] }
    }
}

private struct SampleFrame: TemplateModel {
    var hub = "Hub"
    var isSignedIn = true
    var sections = [Sample.Owner(mail: "a"), Sample.Owner(mail: "b")]

    static var fields: [TemplateField<SampleFrame>] {
        [.text("hub_name", \.hub), .flag("signed_in", \.isSignedIn), .list("sections", \.sections)]
    }
}

/// Renders `text` as the only page, with `files` as its other files.
private func render(
    _ text: String, _ sample: Sample = Sample(), files: [String: String] = [:], in language: Language = .english
) throws -> String {
    let templates = try CompiledTemplates(sources: files.merging(["page.html": text]) { $1 }, pages: [Sample.template], frame: SampleFrame.self)
    return String(decoding: try templates.render(Sample.template, sample, frame: SampleFrame(), in: language), as: UTF8.self)
}

@Suite struct `A template` {
    @Test func `writes values, and those of objects by their path`() throws {
        #expect(try render("{{name}} at {{hub.name}}, {{hub.city.mail}}, {{count}}") == "nas at berlin, mitte, 0")
    }

    @Test func `repeats a section for each item and looks outwards for names`() throws {
        let sample = Sample(rows: [Sample.Row(age: "4"), Sample.Row(age: "9")])
        #expect(try render("{{#rows}}{{age}} {{name}};{{/rows}}", sample) == "4 nas;9 nas;")
    }

    @Test func `writes the items of a list of texts with a dot`() throws {
        #expect(try render("{{#names}}<{{.}}>{{/names}}", Sample(names: ["a", "b"])) == "<a><b>")
    }

    @Test func `leaves out a section of false, of an empty text, of an empty list and of a missing value`() throws {
        let text =
            "{{#on}}1{{/on}}{{#x}}2{{/x}}{{#none}}3{{/none}}{{#owner}}4{{/owner}}{{^on}}5{{/on}}{{^x}}6{{/x}}{{^none}}7{{/none}}{{^owner}}8{{/owner}}"
        #expect(try render(text, Sample(isOn: false)) == "5678")
        #expect(try render(text, Sample(x: "x", none: ["y"], owner: Sample.Owner(mail: "z"))) == "1234")
    }

    @Test func `leaves no empty line for a tag on a line of its own`() throws {
        #expect(try render("<ul>\n  {{#on}}\n  <li>\n  {{/on}}\n</ul>\n") == "<ul>\n  <li>\n</ul>\n")
    }

    @Test func `includes partials and ignores comments`() throws {
        #expect(try render("a{{>dot}}b{{! why }}c", files: ["dot.html": "·"]) == "a·bc")
    }

    @Test func `fills the blocks of its layout and keeps the default of the others`() throws {
        let files = ["layout.html": "<title>{{$title}}Hub{{/title}}</title>{{$main}}{{/main}}"]
        #expect(try render("{{<layout}}{{$main}}{{x}}{{/main}}{{/layout}}", Sample(x: "1"), files: files) == "<title>Hub</title>1")
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
        #expect(try Array(render("{{x}}", Sample(x: raw)).utf8) == Array(escaped.utf8))
        #expect(try Array(render("{{onlines}}", Sample(onlines: "a \(raw)")).utf8) == Array("a \(escaped)".utf8))
        #expect(try Array(render("{{#names}}{{#x}}{{x}}{{/x}}{{/names}}", Sample(x: raw, names: ["a"])).utf8) == Array(escaped.utf8))
    }

    @Test func `escapes a value once only`() throws {
        #expect(try render("{{x}}", Sample(x: "&amp;")) == "&amp;amp;")
    }

    /// Puts each ASCII byte between characters of two and four bytes, and expects only the six to be replaced.
    @Test func `escapes six bytes and leaves all others as they are`() throws {
        let replaced = ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;", "`": "&#96;"]
        for byte in UInt8(0)...127 {
            let text = String(UnicodeScalar(byte))
            #expect(try render("{{x}}", Sample(x: "ä\(text)😀\(text)")) == "ä\(replaced[text] ?? text)😀\(replaced[text] ?? text)", "\(byte)")
        }
    }

    @Test func `writes phrases in the language of the visitor, also those that a section keeps`() throws {
        let sample = Sample(names: ["a"], onlines: .counting(2, "\(2) device | \(2) devices"))
        let files = ["texts.de": "{1} device | {2} devices\n  {1} Gerät | {2} Geräte\n"]
        let text = "{{onlines}},{{#onlines}}{{onlines}}{{/onlines}},{{#names}}{{onlines}}{{/names}}"
        #expect(try render(text, sample, files: files) == "2 devices,2 devices,2 devices")
        #expect(try render(text, sample, files: files, in: .german) == "2 Geräte,2 Geräte,2 Geräte")
    }
}

@Suite struct `A name in a section` {
    private let sample = Sample(
        x: "out", names: ["1", "2"],
        rows: [
            Sample.Row(age: "4", tags: [Sample.Tag(age: "7", word: "a"), Sample.Tag(word: "b")]), Sample.Row(age: "9", tags: [Sample.Tag(word: "c")]),
        ])

    @Test func `is found through all sections around it`() throws {
        #expect(
            try render("{{#rows}}{{#tags}}{{word}}{{age}}{{x}}{{hub.city.mail}} {{/tags}}{{/rows}}", sample) == "a4outmitte b4outmitte c9outmitte ")
    }

    @Test func `hides the same name further out`() throws {
        #expect(try render("{{name}}{{#hub}} {{name}}{{#city}} {{name}}{{/city}}{{/hub}} {{name}}", sample) == "nas berlin berlin nas")
        #expect(try render("{{#name}}{{#hub}}{{name}}{{/hub}}{{/name}}", sample) == "berlin")
    }

    @Test func `may be a section further out, of any kind`() throws {
        #expect(try render("{{#rows}}{{#on}}{{age}}{{/on}}{{^on}}no{{/on}}{{#x}}{{x}}{{/x}} {{/rows}}", sample) == "4out 9out ")
        #expect(try render("{{#rows}}{{#names}}{{.}}{{age}} {{/names}}{{/rows}}", sample) == "14 24 19 29 ")
        #expect(try render("{{#rows}}{{^owner}}{{age}}{{/owner}}{{#owner}}{{mail}}{{/owner}}{{/rows}}", sample) == "49")
        #expect(try render("{{#rows}}{{#tags}}{{#hub}}{{name}}{{word}}{{age}} {{/hub}}{{/tags}}{{/rows}}", sample) == "berlina4 berlinb4 berlinc9 ")
    }

    @Test func `is the item if it is a dot, also in sections of texts and flags`() throws {
        #expect(try render("{{#names}}{{#x}}{{#on}}{{.}}{{/on}}{{/x}}{{/names}}", sample) == "12")
    }

    @Test func `is a part of the frame by its path, everywhere`() throws {
        #expect(try render("{{frame.hub_name}}{{#rows}}{{#frame.signed_in}}{{age}}{{/frame.signed_in}}{{/rows}}", sample) == "Hub49")
        #expect(try render("{{#frame}}{{#signed_in}}{{hub_name}} {{name}}{{/signed_in}}{{/frame}}", sample) == "Hub nas")
        #expect(try render("{{#rows}}{{#frame.sections}}{{mail}}{{age}}{{x}} {{/frame.sections}}{{/rows}}", sample) == "a4out b4out a9out b9out ")
    }

    /// A row can be expensive to make. The documentation promises that a section and the value inside it count as one use.
    @Test func `of a text computes it once`() throws {
        Counted.count.withLock { $0 = 0 }
        let template = Template<Counted>("page")
        let templates = try CompiledTemplates(
            sources: ["page.html": "{{#word}}<b>{{word}}</b>{{word}}{{/word}}"], pages: [template], frame: SampleFrame.self)
        #expect(String(decoding: try templates.render(template, Counted(), frame: SampleFrame(), in: .english), as: UTF8.self) == "<b>w</b>w")
        #expect(Counted.count.withLock { $0 } == 1)
    }

    private struct Counted: TemplateModel {
        static let count = Mutex(0)
        static var fields: [TemplateField<Counted>] {
            [
                .text("word") { _ in
                    count.withLock { $0 += 1 }
                    return "w"
                }
            ]
        }
    }
}

@Suite struct `A template with a mistake fails when it is loaded` {
    private func failure(_ text: String, files: [String: String] = [:]) -> String {
        do {
            _ = try CompiledTemplates(sources: files.merging(["page.html": text]) { $1 }, pages: [Sample.template], frame: SampleFrame.self)
            return "no error"
        } catch { return error.description }
    }

    @Test func `for a name the page does not declare, with file, line and column`() {
        #expect(failure("<p>\n  {{b}}") == "page.html:2:3: the page declares no value b.")
        #expect(failure("{{#b}}{{/b}}") == "page.html:1:1: the page declares no value b.")
        #expect(failure("{{hub.b}}") == "page.html:1:1: the page declares no value hub.b.")
        #expect(failure("{{name.b}}") == "page.html:1:1: the page declares no value name.b.")
        #expect(failure("{{frame.b}}") == "page.html:1:1: the page declares no value frame.b.")
        #expect(failure("{{#rows}}{{frame.b}}{{/rows}}") == "page.html:1:10: the page declares no value frame.b.")
    }

    @Test func `for a name inside a section that only other rows have`() {
        #expect(failure("{{#rows}}{{mail}}{{/rows}}") == "page.html:1:10: the page declares no value mail.")
        #expect(failure("{{^owner}}{{mail}}{{/owner}}") == "page.html:1:11: the page declares no value mail.")
    }

    @Test func `for a part of something that may be missing`() {
        #expect(failure("{{owner.mail}}") == "page.html:1:1: the page declares no value owner.mail.")
    }

    @Test(arguments: ["on", "hub", "rows", "names", "owner", "frame", "frame.signed_in"])
    func `for a value that is not a text`(name: String) {
        #expect(failure("{{\(name)}}") == "page.html:1:1: the value \(name) is not a text.")
        #expect(failure("{{#rows}}{{\(name)}}{{/rows}}") == "page.html:1:10: the value \(name) is not a text.")
    }

    @Test func `for a dot without an item`() {
        #expect(failure("{{#rows}}{{.}}{{/rows}}") == "page.html:1:10: the value . is not a text.")
    }

    @Test func `for an unclosed section`() {
        #expect(failure("\n{{#on}}x") == "page.html:2:1: the section on is not closed. Add {{/on}}.")
    }

    @Test func `for sections that cross`() {
        #expect(failure("{{#a}}{{^a}}{{/b}}").hasPrefix("page.html:1:13: {{/b}} closes nothing"))
    }

    @Test func `for a tag without an end`() {
        #expect(failure("x {{a").hasPrefix("page.html:1:3: a tag is opened here"))
    }

    @Test func `for a tag that is not a name`() {
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
            try CompiledTemplates(sources: [:], pages: [Template<Sample>("gone")], frame: SampleFrame.self)
        }
    }
}

@Test func `A page that was not checked at the start cannot be rendered`() throws {
    let templates = try CompiledTemplates(sources: ["page.html": ""], pages: [Sample.template], frame: SampleFrame.self)
    #expect(throws: TemplateError.missingPage("other")) {
        try templates.render(Template<Sample>("other"), Sample(), frame: SampleFrame(), in: .english)
    }
}
