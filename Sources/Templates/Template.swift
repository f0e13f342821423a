// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

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
public protocol TemplateModel: SendableMetatype {
    /// The names that a template may use. Read at the start, once for each place where a page uses the model.
    static var fields: [TemplateField<Self>] { get }
}

/// A file in Templates and the model that it shows.
public struct Template<Model: TemplateModel>: TemplateFile {
    /// The file's name without `.html`.
    public let name: String

    /// `name` is the file's name without `.html`.
    public init(_ name: String) { self.name = name }
}

/// A page, for the list that is checked at the start.
public protocol TemplateFile: Sendable {
    /// What the page shows.
    associatedtype Model: TemplateModel
    /// The file's name without `.html`.
    var name: String { get }
}

/// One name that a template may use, and how to get its value from the model.
public struct TemplateField<Model> {
    let name: String
    let access: TemplateAccess<Model>

    /// Data that is the same in every language, or words for programs.
    public static func text(_ name: String, _ get: @escaping @Sendable (Model) -> String) -> Self {
        Self(
            name: name,
            access: .text(
                TemplateText(
                    isTrue: { !get($0).isEmpty }, write: TemplateWrite { $1.append(get($0)) }, keep: { .text(get($0)) })))
    }

    /// Words for people, in the visitor's language.
    public static func phrase(_ name: String, _ get: @escaping @Sendable (Model) -> Phrase) -> Self {
        Self(
            name: name,
            access: .text(
                TemplateText(
                    isTrue: { !get($0).isEmpty }, write: TemplateWrite { $1.append(get($0)) }, keep: { .phrase(get($0)) })))
    }

    /// A decimal number. Its section is always written.
    public static func number<Number: BinaryInteger & SendableMetatype>(_ name: String, _ get: @escaping @Sendable (Model) -> Number) -> Self {
        text(name) { String(get($0)) }
    }

    /// For sections only.
    public static func flag(_ name: String, _ get: @escaping @Sendable (Model) -> Bool) -> Self {
        Self(name: name, access: .flag { get($0) })
    }

    /// An object with its own names: `{{name.part}}`, or `{{part}}` in its section.
    public static func object<Part: TemplateModel>(_ name: String, _ get: @escaping @Sendable (Model) -> Part) -> Self {
        let inside = TemplateInside<Model>(
            isTrue: { _ in true }, member: { name in TemplateNames<Part>.all.fields[name].map { $0.of(get) } },
            section: { (compile) throws(TemplateError) in
                let write = try compile(TemplateNames<Part>.all)
                return TemplateWrite { model, output in
                    var part = get(model)
                    write(&part, &output)
                }
            })
        return Self(name: name, access: .inside(inside))
    }

    /// An object that may be missing; its section is then left out.
    public static func optional<Part: TemplateModel>(_ name: String, _ get: @escaping @Sendable (Model) -> Part?) -> Self {
        optional(name, TemplateNames<Part>.all, get)
    }

    /// A value that may be missing and has no model of its own: its section uses these names.
    public static func optional<Part>(_ name: String, _ get: @escaping @Sendable (Model) -> Part?, _ fields: [TemplateField<Part>]) -> Self {
        optional(name, TemplateNames(fields), get)
    }

    private static func optional<Part>(_ name: String, _ names: TemplateNames<Part>, _ get: @escaping @Sendable (Model) -> Part?) -> Self {
        let inside = TemplateInside<Model>(
            isTrue: { get($0) != nil }, member: { _ in nil },
            section: { (compile) throws(TemplateError) in
                let write = try compile(names)
                return TemplateWrite { model, output in if var part = get(model) { write(&part, &output) } }
            })
        return Self(name: name, access: .inside(inside))
    }

    /// A list of objects. Its section is written once for each of them.
    public static func list<Part: TemplateModel>(_ name: String, _ get: @escaping @Sendable (Model) -> [Part]) -> Self {
        list(name, TemplateNames<Part>.all, get)
    }

    /// A list of values that have no model of their own: its section uses these names.
    public static func list<Item>(
        _ name: String, _ get: @escaping @Sendable (Model) -> [Item], _ fields: [TemplateField<Item>]
    ) -> Self {
        list(name, TemplateNames(fields), get)
    }

    /// A list of texts. Its section is written once for each of them, as `{{.}}`.
    public static func texts(_ name: String, _ get: @escaping @Sendable (Model) -> [String]) -> Self {
        list(
            name, TemplateNames(item: .text(TemplateText(isTrue: { !$0.isEmpty }, write: TemplateWrite { $1.append($0) }, keep: { .text($0) }))), get)
    }

    /// The same for words for people.
    public static func phrases(_ name: String, _ get: @escaping @Sendable (Model) -> [Phrase]) -> Self {
        list(
            name, TemplateNames(item: .text(TemplateText(isTrue: { !$0.isEmpty }, write: TemplateWrite { $1.append($0) }, keep: { .phrase($0) }))),
            get)
    }

    private static func list<Item>(
        _ name: String, _ names: TemplateNames<Item>, _ get: @escaping @Sendable (Model) -> [Item]
    ) -> Self {
        let inside = TemplateInside<Model>(
            isTrue: { !get($0).isEmpty }, member: { _ in nil },
            section: { (compile) throws(TemplateError) in
                let write = try compile(names)
                return TemplateWrite { model, output in
                    for var item in get(model) { write(&item, &output) }
                }
            })
        return Self(name: name, access: .inside(inside))
    }

    /// The field for a model that contains this one, so that a page can use a part's fields as if they were its own.
    public func of<Whole>(_ part: @escaping @Sendable (Whole) -> Model) -> TemplateField<Whole> {
        TemplateField<Whole>(name: name, access: access.of(part))
    }
}
