// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// What a template may do with one field of a model.
enum TemplateAccess<Model> {
    case text(TemplateText<Model>)
    case flag(TemplateTest<Model>)
    /// An object, an optional object, or a list.
    case inside(TemplateInside<Model>)

    /// Whether a section is written: not for false, an empty text, an empty list, or a missing object.
    var isTrue: TemplateTest<Model> {
        switch self {
        case .text(let text): text.isTrue
        case .flag(let flag): flag
        case .inside(let inside): inside.isTrue
        }
    }

    /// The same for a value that contains the model.
    func of<Whole>(_ part: @escaping @Sendable (Whole) -> Model) -> TemplateAccess<Whole> {
        let isTrue = isTrue
        let isPartTrue: TemplateTest<Whole> = { whole in
            var value = part(whole)
            return isTrue(&value)
        }
        switch self {
        case .text(let text):
            let keep = text.keep
            return .text(
                TemplateText(isTrue: isPartTrue, write: Self.write(text.write, part)) { whole in
                    var value = part(whole)
                    return keep(&value)
                })
        case .flag: return .flag(isPartTrue)
        case .inside(let inside):
            return .inside(
                TemplateInside(
                    isTrue: isPartTrue, member: { name in inside.member(name).map { $0.of(part) } },
                    section: { (compile) throws(TemplateError) in Self.write(try inside.section(compile), part) }))
        }
    }

    private static func write<Whole>(
        _ write: TemplateWrite<Model>, _ part: @escaping @Sendable (Whole) -> Model
    ) -> TemplateWrite<Whole> {
        TemplateWrite {
            var value = part($0)
            write(&value, &$1)
        }
    }
}

/// A value to write.
struct TemplateText<Model> {
    let isTrue: TemplateTest<Model>
    let write: TemplateWrite<Model>
    /// The bare value, for use inside sections.
    let keep: @Sendable (inout Model) -> TemplateKept
}

/// A value with its own names.
struct TemplateInside<Model> {
    let isTrue: TemplateTest<Model>
    /// The field at a dotted path. Nil for an unknown name, and for lists and optional objects.
    let member: (_ name: String) -> TemplateAccess<Model>?
    /// Makes the step that writes the section; `TemplateCompile` compiles the section's body.
    let section: (TemplateCompile) throws(TemplateError) -> TemplateWrite<Model>
}

/// A step that writes something of a model. No step changes the model. It is `inout` because it is then passed by its address; as a value, a large
/// model would be copied for each step. A structure, because a bare closure in an array is called through two more.
struct TemplateWrite<Model>: Sendable {
    private let run: @Sendable (inout Model, inout TemplateOutput) -> Void

    init(_ run: @escaping @Sendable (inout Model, inout TemplateOutput) -> Void) { self.run = run }

    func callAsFunction(_ model: inout Model, _ output: inout TemplateOutput) { run(&model, &output) }
}

/// Decides whether a section is written.
typealias TemplateTest<Model> = @Sendable (inout Model) -> Bool

/// The names that one value brings into scope.
struct TemplateNames<Model> {
    var fields: [String: TemplateAccess<Model>] = [:]
    /// The meaning of `{{.}}`.
    var item: TemplateAccess<Model>?
}

extension TemplateNames {
    init(_ fields: [TemplateField<Model>]) {
        self.init(fields: Dictionary(fields.map { ($0.name, $0.access) }) { _, _ in preconditionFailure("\(Model.self) has two fields of one name") })
    }
}

extension TemplateNames where Model: TemplateModel {
    static var all: TemplateNames { TemplateNames(Model.fields) }
}
