// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Names in reach while a template is compiled, seen from the sections inside. What a section wants of the values around it is kept when the
/// section begins, so that its body needs no more than its own value.
class TemplateScope {
    enum Reach {
        case text(Int)
        case flag(Int)
        case inside
    }

    /// Where the value of `path` is kept for the section that is compiled now; nil when neither this scope nor one around it has it.
    func reach(_ path: [String], _ place: TemplateError.Place) throws(TemplateError) -> Reach? { nil }
    /// The same for whether something has anything inside.
    func reachTruth(_ path: [String], _ place: TemplateError.Place) throws(TemplateError) -> Int? { nil }
    /// The same for a section of what has names of its own. The names in `scope` are in reach inside.
    func reachSection(
        _ path: [String], _ nodes: [TemplateNode], in scope: TemplateScope, _ place: TemplateError.Place
    ) throws(TemplateError) -> Int? { nil }
    /// A place for one more value.
    func newPlace() -> Int { preconditionFailure("the outermost scope counts") }
}

/// Makes the body of one section for values of any type.
struct TemplateCompile {
    let nodes: [TemplateNode]
    let scope: TemplateScope

    func callAsFunction<Model>(_ names: TemplateNames<Model>) throws(TemplateError) -> TemplateBody<Model> {
        let inner = TemplateModelScope(names, around: scope)
        try inner.compile(nodes)
        return inner.body
    }
}

/// The names of one value.
final class TemplateModelScope<Model>: TemplateScope {
    private(set) var body = TemplateBody<Model>()
    private let names: TemplateNames<Model>
    private let outer: TemplateScope
    /// Texts whose sections are open, and where they are kept.
    private var open: [(path: [String], place: Int)] = []
    /// What the section that is compiled now wants kept.
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
            case .section(let path, let inverted, let nodes, let place): try section(path, inverted: inverted, nodes, place)
            case .partial, .block, .layout: break
            }
        }
    }

    /// What sections inside wanted until now, for the outermost scope.
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
                body.append { $1.keep(keep($0), at: kept) }
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
        let section = body.open(condition, inverted: inverted)
        try compile(nodes)
        body.close(section)
    }

    /// What the sections that `compile` compiles want of this value is kept before them.
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

    /// The field at `path`; nil when its first name is not one of this value.
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
                { $1.keep(keep($0), at: place) }
            }
        case .flag(let flag):
            return want(path) {
                .flag($0)
            } _: { place in
                { $1.keep(.flag(flag($0)), at: place) }
            }
        }
    }

    override func reachTruth(_ path: [String], _ place: TemplateError.Place) throws(TemplateError) -> Int? {
        guard let access = try own(path, place) else { return try outer.reachTruth(path, place) }
        let isTrue = access.isTrue
        let reach = want(path, isTruth: true) {
            .flag($0)
        } _: { place in
            { $1.keep(.flag(isTrue($0)), at: place) }
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
        wanted.append((path, false, .inside, { model, output in output.keep(.section { write(model, &$0) }, at: kept) }))
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
    /// True when a value or a section in here has this path.
    fileprivate func mention(_ path: [String]) -> Bool {
        contains { node in
            switch node {
            case .value(let other, _): other == path
            case .section(let other, _, let nodes, _): other == path || nodes.mention(path)
            case .bytes, .partial, .block, .layout: false
            }
        }
    }
}
