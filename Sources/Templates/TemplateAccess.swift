// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// What a template may do with one field of a model.
enum TemplateAccess<Model> {
    case text(TemplateText<Model>)
    case flag(@Sendable (Model) -> Bool)
    /// An object, an optional object, or a list.
    case inside(TemplateInside<Model>)

    /// Whether a section is written: not for false, an empty text, an empty list, or a missing object.
    var isTrue: @Sendable (Model) -> Bool {
        switch self {
        case .text(let text): text.isTrue
        case .flag(let flag): flag
        case .inside(let inside): inside.isTrue
        }
    }

    /// The same for a value that contains the model.
    func of<Whole>(_ part: @escaping @Sendable (Whole) -> Model) -> TemplateAccess<Whole> {
        switch self {
        case .text(let text):
            let (isTrue, write, keep) = (text.isTrue, text.write, text.keep)
            return .text(TemplateText(isTrue: { isTrue(part($0)) }, write: { write(part($0), &$1) }, keep: { keep(part($0)) }))
        case .flag(let flag): return .flag { flag(part($0)) }
        case .inside(let inside):
            let isTrue = inside.isTrue
            return .inside(
                TemplateInside(
                    isTrue: { isTrue(part($0)) }, member: { name in inside.member(name).map { $0.of(part) } },
                    section: { (compile) throws(TemplateError) in
                        let write = try inside.section(compile)
                        return { write(part($0), &$1) }
                    }))
        }
    }
}

/// A value to write.
struct TemplateText<Model> {
    let isTrue: @Sendable (Model) -> Bool
    let write: TemplateWrite<Model>
    /// The bare value, for use inside sections.
    let keep: @Sendable (Model) -> TemplateKept
}

/// A value with its own names.
struct TemplateInside<Model> {
    let isTrue: @Sendable (Model) -> Bool
    /// The field at a dotted path. Nil for an unknown name, and for lists and optional objects.
    let member: (_ name: String) -> TemplateAccess<Model>?
    /// Makes the step that writes the section; `TemplateCompile` compiles the section's body.
    let section: (TemplateCompile) throws(TemplateError) -> TemplateWrite<Model>
}

typealias TemplateWrite<Model> = @Sendable (Model, inout TemplateOutput) -> Void

/// The names that one value brings into scope.
struct TemplateNames<Model> {
    var fields: [String: TemplateAccess<Model>] = [:]
    /// The meaning of `{{.}}`.
    var item: TemplateAccess<Model>?
}

extension TemplateNames where Model: TemplateModel {
    static var all: TemplateNames { TemplateNames(fields: fields) }

    static var fields: [String: TemplateAccess<Model>] {
        Dictionary(Model.fields.map { ($0.name, $0.access) }) { _, _ in preconditionFailure("\(Model.self) has two fields of one name") }
    }
}
