// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// All pages in every language: parsed, linked with their layout and partials, and compiled against the names of their models. Immutable after the
/// start; no request opens a file.
public struct CompiledTemplates: Sendable {
    /// The catalogs of the languages, for texts outside templates.
    private let catalogs: [Language: Catalog]
    private let programs: [Language: [String: any Sendable]]

    /// `sources` maps file names (`devices.html`, `texts.de`) to their contents. Every page may use the names of `frame`, with the prefix `frame`.
    /// Throws the first mistake with its file, line and column.
    public init(sources: [String: String], pages: [any TemplateFile], frame: (some TemplateModel).Type) throws(TemplateError) {
        var catalogs: [Language: Catalog] = [:]
        var programs: [Language: [String: any Sendable]] = [:]
        for language in Language.allCases {
            let catalog = sources["texts.\(language.rawValue)"].map { Catalog(language: language, reading: $0) } ?? .english
            catalogs[language] = catalog
            programs[language] = try Self.programs(of: pages, TemplateFrameOf(frame), sources, catalog)
        }
        self.catalogs = catalogs
        self.programs = programs
    }

    /// The pages in one language.
    private static func programs(
        of pages: [any TemplateFile], _ frame: any TemplateFrame, _ sources: [String: String], _ catalog: Catalog
    ) throws(TemplateError) -> [String: any Sendable] {
        var parsed: [String: [TemplateNode]] = [:]
        for (file, text) in sources.sorted(by: { $0.key < $1.key }) where file.hasSuffix(".html") {
            let text = catalog.language == .english ? text : TemplateTexts.replace(in: text) { catalog.text($0, in: file) }
            parsed[String(file.dropLast(5))] = try TemplateParser.parse(text, file: file)
        }
        let linker = TemplateLinker(templates: parsed)
        var programs: [String: any Sendable] = [:]
        for page in pages {
            guard let nodes = parsed[page.name] else { throw .missingPage(page.name) }
            programs[page.name] = try program(of: page, linker.link(nodes, blocks: [:], chain: [page.name]), frame)
        }
        return programs
    }

    /// Linked nodes as what rendering runs, a `TemplateProgram`. Throws the first name that the page's model does not have.
    private static func program<Page: TemplateFile>(
        of page: Page, _ nodes: [TemplateNode], _ frame: any TemplateFrame
    ) throws(TemplateError) -> any Sendable {
        try frame.program(nodes, TemplateNames<Page.Model>.all)
    }

    /// `phrase` in `language`.
    public func say(_ phrase: Phrase, in language: Language) -> String { (catalogs[language] ?? .english).say(phrase) }

    /// The page as UTF-8 HTML. Addresses of this site begin with `base`, a path such as `/vpn` with no character that HTML escapes. Throws
    /// `.missingPage` for a template that was not in the list of pages at the start.
    public func render<Model: TemplateModel>(
        _ template: Template<Model>, _ model: Model, frame: some TemplateModel, in language: Language, base: String = ""
    ) throws(TemplateError) -> [UInt8] {
        try run(template.name, model, frame, language, base)
    }

    private func run<Frame, Model>(
        _ name: String, _ model: Model, _ frame: Frame, _ language: Language, _ base: String
    ) throws(TemplateError) -> [UInt8] {
        guard let program = programs[language]?[name] as? TemplateProgram<Frame, Model> else { throw .missingPage(name) }
        return program.write(model, frame, catalogs[language] ?? .english, base: base)
    }
}
