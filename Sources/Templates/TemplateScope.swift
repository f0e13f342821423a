// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The names in scope while a template is compiled, as the sections inside see them. A section's body has only its own value at hand, so a value
/// that it needs from outside is kept when the section begins.
class TemplateScope {
    enum Reach {
        case text(Int)
        case flag(Int)
        case inside
    }

    /// The place that keeps the value of `path` for the section being compiled; nil if neither this scope nor an outer one has the path.
    func reach(_ path: [String], _ place: TemplateError.Place) throws(TemplateError) -> Reach? { nil }
    /// The same for the truth of the value, which decides whether a section is written.
    func reachTruth(_ path: [String], _ place: TemplateError.Place) throws(TemplateError) -> Int? { nil }
    /// The same for the section of a value with its own names. The names in `scope` are in scope inside it.
    func reachSection(
        _ path: [String], _ nodes: [TemplateNode], in scope: TemplateScope, _ place: TemplateError.Place
    ) throws(TemplateError) -> Int? { nil }
    /// Reserves a place for one more value.
    func newPlace() -> Int { preconditionFailure("the outermost scope counts") }
}

/// Compiles the body of one section for values of any type.
struct TemplateCompile {
    let nodes: [TemplateNode]
    let scope: TemplateScope

    func callAsFunction<Model>(_ names: TemplateNames<Model>) throws(TemplateError) -> TemplateWrite<Model> {
        let inner = TemplateModelScope(names, around: scope)
        try inner.compile(nodes)
        return inner.body.write
    }
}

/// The names of one value.
final class TemplateModelScope<Model>: TemplateScope {
    private(set) var body = TemplateBody<Model>()
    private let names: TemplateNames<Model>
    private let outer: TemplateScope
    /// Texts whose sections are open, and the places that keep them.
    private var open: [(path: [String], place: Int)] = []
    /// The values that the section being compiled needs from this one.
    private var wanted: [(path: [String], isTruth: Bool, reach: Reach, keep: TemplateWrite<Model>)] = []

    init(_ names: TemplateNames<Model>, around outer: TemplateScope) {
        self.names = names
        self.outer = outer
    }

    override func newPlace() -> Int { outer.newPlace() }

    func compile(_ nodes: [TemplateNode]) throws(TemplateError) {
        for node in nodes {
            switch node {
            case .bytes(let bytes): body.append(bytes)
            case .value(let path, let place): try value(path, place)
            case .base: body.append(TemplateWrite { $1.appendBase() })
            case .address(let path, let place):
                // Remember where the value begins, and put the base there if the value is a path.
                body.append(TemplateWrite { $1.beginAddress() })
                try value(path, place)
                body.append(TemplateWrite { $1.endAddress() })
            case .section(let path, let inverted, let nodes, let place): try section(path, inverted: inverted, nodes, place)
            case .partial, .block, .layout: break
            }
        }
    }

    /// Returns the values that inner sections have needed so far, for the outermost scope.
    func takeWanted() -> [TemplateWrite<Model>] {
        defer { wanted = [] }
        return wanted.map(\.keep)
    }

    // MARK: Values and sections

    private func value(_ path: [String], _ place: TemplateError.Place) throws(TemplateError) {
        if let kept = openPlace(path) { return body.append(kept: kept) }
        if let access = try own(path, place) {
            guard case .text(let text) = access else { throw .wrongKind(written(path), place) }
            return body.append(text.write)
        }
        switch try outer.reach(path, place) {
        case .text(let kept): body.append(kept: kept)
        case .flag, .inside: throw .wrongKind(written(path), place)
        case nil: throw .unknownName(written(path), place)
        }
    }

    private func section(
        _ path: [String], inverted: Bool, _ nodes: [TemplateNode], _ place: TemplateError.Place
    ) throws(TemplateError) {
        if let kept = openPlace(path) { return try section(.kept(kept), inverted: inverted, nodes) }
        if let access = try own(path, place) {
            switch access {
            case .inside(let inside) where !inverted:
                let write = try keepingWhatIsWanted { () throws(TemplateError) in try inside.section(TemplateCompile(nodes: nodes, scope: self)) }
                return body.append(write)
            case .text(let text) where !inverted && nodes.mention(path):
                let (kept, keep) = (newPlace(), text.keep)
                body.append(TemplateWrite { $1.keep(keep(&$0), at: kept) })
                open.append((path, kept))
                defer { open.removeLast() }
                return try section(.kept(kept), inverted: false, nodes)
            default: return try section(.value(access.isTrue), inverted: inverted, nodes)
            }
        }
        switch try outer.reach(path, place) {
        case .text(let kept), .flag(let kept): try section(.kept(kept), inverted: inverted, nodes)
        case .inside where inverted:
            guard let kept = try outer.reachTruth(path, place) else { throw .unknownName(written(path), place) }
            try section(.kept(kept), inverted: true, nodes)
        case .inside:
            let kept = try keepingWhatIsWanted { () throws(TemplateError) in try outer.reachSection(path, nodes, in: self, place) }
            guard let kept else { throw .unknownName(written(path), place) }
            body.append(keptSection: kept)
        case nil: throw .unknownName(written(path), place)
        }
    }

    private func section(_ condition: TemplateBody<Model>.Condition, inverted: Bool, _ nodes: [TemplateNode]) throws(TemplateError) {
        let before = body
        body = TemplateBody()
        try compile(nodes)
        let inside = body
        body = before
        body.append(inside, if: condition, inverted: inverted)
    }

    /// Keeps the values that the sections compiled by `compile` need from this one, before those sections begin.
    private func keepingWhatIsWanted<Result>(_ compile: () throws(TemplateError) -> Result) throws(TemplateError) -> Result {
        let before = wanted
        wanted = []
        let result = try compile()
        for want in wanted { body.append(want.keep) }
        wanted = before
        return result
    }

    // MARK: Names

    private func openPlace(_ path: [String]) -> Int? { path.isEmpty ? nil : open.last { $0.path == path }?.place }

    /// The field at `path`; nil if this value does not have the path's first name.
    private func own(_ path: [String], _ place: TemplateError.Place) throws(TemplateError) -> TemplateAccess<Model>? {
        guard let first = path.first else {
            guard let item = names.item else { throw .wrongKind(written(path), place) }
            return item
        }
        guard var access = names.fields[first] else { return nil }
        for name in path.dropFirst() {
            guard case .inside(let inside) = access, let member = inside.member(name) else { throw .unknownName(written(path), place) }
            access = member
        }
        return access
    }

    private func written(_ path: [String]) -> String { path.isEmpty ? "." : path.joined(separator: ".") }

    // MARK: For the sections inside

    override func reach(_ path: [String], _ place: TemplateError.Place) throws(TemplateError) -> Reach? {
        if let kept = openPlace(path) { return .text(kept) }
        guard let access = try own(path, place) else { return try outer.reach(path, place) }
        switch access {
        case .inside: return .inside
        case .text(let text):
            let keep = text.keep
            return want(path) {
                .text($0)
            } _: { place in
                TemplateWrite { $1.keep(keep(&$0), at: place) }
            }
        case .flag(let flag):
            return want(path) {
                .flag($0)
            } _: { place in
                TemplateWrite { $1.keep(.flag(flag(&$0)), at: place) }
            }
        }
    }

    override func reachTruth(_ path: [String], _ place: TemplateError.Place) throws(TemplateError) -> Int? {
        guard let access = try own(path, place) else { return try outer.reachTruth(path, place) }
        let isTrue = access.isTrue
        let reach = want(path, isTruth: true) {
            .flag($0)
        } _: { place in
            TemplateWrite { $1.keep(.flag(isTrue(&$0)), at: place) }
        }
        guard case .flag(let kept) = reach else { return nil }
        return kept
    }

    override func reachSection(
        _ path: [String], _ nodes: [TemplateNode], in scope: TemplateScope, _ place: TemplateError.Place
    ) throws(TemplateError) -> Int? {
        guard let access = try own(path, place), case .inside(let inside) = access else {
            return try outer.reachSection(path, nodes, in: scope, place)
        }
        let write = try inside.section(TemplateCompile(nodes: nodes, scope: scope))
        let kept = newPlace()
        let keep = TemplateWrite<Model> { model, output in
            let now = model
            output.keep(
                .section { output in
                    var model = now
                    write(&model, &output)
                }, at: kept)
        }
        wanted.append((path, false, .inside, keep))
        return kept
    }

    private func want(
        _ path: [String], isTruth: Bool = false, _ reach: (Int) -> Reach, _ keep: (Int) -> TemplateWrite<Model>
    ) -> Reach {
        if let known = wanted.first(where: { $0.path == path && $0.isTruth == isTruth })?.reach {
            if case .inside = known {} else { return known }
        }
        let place = newPlace()
        wanted.append((path, isTruth, reach(place), keep(place)))
        return reach(place)
    }
}

extension [TemplateNode] {
    /// True if a value or a section in these nodes has this path.
    fileprivate func mention(_ path: [String]) -> Bool {
        contains { node in
            switch node {
            case .value(let other, _), .address(let other, _): other == path
            case .section(let other, _, let nodes, _): other == path || nodes.mention(path)
            case .bytes, .base, .partial, .block, .layout: false
            }
        }
    }
}
