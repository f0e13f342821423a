// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// A value whose parts a template can use by name: a page, a row of a table, a mark.
///
/// To write a page, list each name once in Swift, next to the expression for its value:
///
/// ```swift
/// struct PetsPage: TemplateModel {
///     static let template = Template<PetsPage>("pets")
///
///     let pets: [Pet]
///
///     static var fields: [TemplateField<PetsPage>] {
///         [
///             .phrase("count") { .counting($0.pets.count, "\($0.pets.count) pet | \($0.pets.count) pets") },
///             .list("rows") { $0.pets.map(Row.init) },
///         ]
///     }
///
///     struct Row: TemplateModel {
///         let pet: Pet
///
///         static var fields: [TemplateField<Row>] {
///             [.text("name", \.pet.name), .flag("asleep", \.pet.isAsleep), .optional("owner", \.pet.owner)]
///         }
///     }
/// }
/// ```
///
/// Templates/pets.html then says `{{count}}{{#rows}}<li>{{name}}{{#asleep}} z{{/asleep}}{{/rows}}`. The handler ends with
/// `visit.page(PetsPage.template, PetsPage(pets: pets))`. `Routes.pages` lists `PetsPage.template`, so every name is checked at the start.
///
/// A value is computed only where the template uses it; an unused branch costs nothing. It is computed again at each use, except inside its own
/// section. Make a list or an object that is expensive to build a stored property.
protocol TemplateModel: SendableMetatype {
    /// The names that a template may use. Read at the start, once for each place where a page uses the model.
    static var fields: [TemplateField<Self>] { get }
}

/// A file in Templates and the model that it shows.
struct Template<Model: TemplateModel>: TemplateFile {
    /// The file's name without `.html`.
    let name: String

    init(_ name: String) { self.name = name }

    func program(_ nodes: [TemplateNode], frame: any TemplateFrame) throws(TemplateError) -> any Sendable {
        try frame.program(nodes, TemplateNames<Model>.all)
    }
}

/// A page, for the list that is checked at the start.
protocol TemplateFile: Sendable {
    var name: String { get }
    /// Compiles linked nodes into what rendering runs, a `TemplateProgram`. Throws the first name that the model does not have.
    func program(_ nodes: [TemplateNode], frame: any TemplateFrame) throws(TemplateError) -> any Sendable
}

/// One name that a template may use, and how to get its value from the model.
struct TemplateField<Model> {
    let name: String
    let access: TemplateAccess<Model>

    /// Data that is the same in every language, or words for programs.
    static func text(_ name: String, _ get: @escaping @Sendable (Model) -> String) -> Self {
        Self(
            name: name,
            access: .text(
                TemplateText(
                    isTrue: { !get($0).isEmpty }, write: { $1.append(get($0)) }, keep: { .text(get($0)) })))
    }

    /// Words for people, in the visitor's language.
    static func phrase(_ name: String, _ get: @escaping @Sendable (Model) -> Phrase) -> Self {
        Self(
            name: name,
            access: .text(
                TemplateText(
                    isTrue: { !get($0).isEmpty }, write: { $1.append(get($0)) }, keep: { .phrase(get($0)) })))
    }

    /// A decimal number. Its section is always written.
    static func number<Number: BinaryInteger & SendableMetatype>(_ name: String, _ get: @escaping @Sendable (Model) -> Number) -> Self {
        text(name) { String(get($0)) }
    }

    /// For sections only.
    static func flag(_ name: String, _ get: @escaping @Sendable (Model) -> Bool) -> Self {
        Self(name: name, access: .flag { get($0) })
    }

    /// An object with its own names: `{{name.part}}`, or `{{part}}` in its section.
    static func object<Part: TemplateModel>(_ name: String, _ get: @escaping @Sendable (Model) -> Part) -> Self {
        let inside = TemplateInside<Model>(
            isTrue: { _ in true }, member: { name in TemplateNames<Part>.fields[name].map { $0.of(get) } },
            section: { (compile) throws(TemplateError) in
                let write = try compile(TemplateNames<Part>.all)
                return { model, output in
                    var part = get(model)
                    write(&part, &output)
                }
            })
        return Self(name: name, access: .inside(inside))
    }

    /// An object that may be missing; its section is then left out.
    static func optional<Part: TemplateModel>(_ name: String, _ get: @escaping @Sendable (Model) -> Part?) -> Self {
        let inside = TemplateInside<Model>(
            isTrue: { get($0) != nil }, member: { _ in nil },
            section: { (compile) throws(TemplateError) in
                let write = try compile(TemplateNames<Part>.all)
                return { model, output in if var part = get(model) { write(&part, &output) } }
            })
        return Self(name: name, access: .inside(inside))
    }

    /// A list of objects. Its section is written once for each of them.
    static func list<Part: TemplateModel>(_ name: String, _ get: @escaping @Sendable (Model) -> [Part]) -> Self {
        list(name, TemplateNames<Part>.all, get)
    }

    /// A list of texts. Its section is written once for each of them, as `{{.}}`.
    static func texts(_ name: String, _ get: @escaping @Sendable (Model) -> [String]) -> Self {
        list(name, TemplateNames(item: .text(TemplateText(isTrue: { !$0.isEmpty }, write: { $1.append($0) }, keep: { .text($0) }))), get)
    }

    /// The same for words for people.
    static func phrases(_ name: String, _ get: @escaping @Sendable (Model) -> [Phrase]) -> Self {
        list(name, TemplateNames(item: .text(TemplateText(isTrue: { !$0.isEmpty }, write: { $1.append($0) }, keep: { .phrase($0) }))), get)
    }

    private static func list<Item>(
        _ name: String, _ names: TemplateNames<Item>, _ get: @escaping @Sendable (Model) -> [Item]
    ) -> Self {
        let inside = TemplateInside<Model>(
            isTrue: { !get($0).isEmpty }, member: { _ in nil },
            section: { (compile) throws(TemplateError) in
                let write = try compile(names)
                return { model, output in
                    for var item in get(model) { write(&item, &output) }
                }
            })
        return Self(name: name, access: .inside(inside))
    }

    /// The field for a model that contains this one, so that a page can use a part's fields as if they were its own.
    func of<Whole>(_ part: @escaping @Sendable (Whole) -> Model) -> TemplateField<Whole> {
        TemplateField<Whole>(name: name, access: access.of(part))
    }
}
