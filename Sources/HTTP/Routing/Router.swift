// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// One line of a route table: a method, a pattern, and the payload that the table's owner needs.
public struct Route<Payload: Sendable>: Sendable {
    /// The method of the route.
    public let method: Method
    /// The paths of the route.
    public let pattern: RoutePattern
    /// The data that the table's owner keeps with the route.
    public let payload: Payload
    /// The place in the router's table; 0 before a router has it.
    public fileprivate(set) var number = 0

    /// Traps for an invalid pattern: that is a mistake in our own source.
    public init(_ method: Method, _ pattern: String, _ payload: Payload) {
        guard let parsed = RoutePattern(pattern) else { preconditionFailure("\(pattern) is not a route pattern") }
        self.method = method
        self.pattern = parsed
        self.payload = payload
    }
}

/// Finds the route of a request. Literals come before parameters, so `/devices/new` is never a device called new.
public struct Router<Payload: Sendable>: Sendable {
    /// The result for a method and a path.
    public enum Match: Sendable {
        case found(Route<Payload>, Parameters)
        /// The path exists, but only for these methods.
        case methodNotAllowed(allow: [Method])
        /// An OPTIONS request to a path with these methods.
        case options(allow: [Method])
        case notFound
    }

    /// The whole table, in search order.
    public let routes: [Route<Payload>]
    /// The numbers of the routes that may match a path that begins with this segment, in search order.
    private let candidates: [String: [Int]]
    /// The same for all other paths.
    private let otherCandidates: [Int]

    /// Traps when two routes have the same method and shape: that is a mistake in our own source.
    public init(_ routes: [Route<Payload>]) {
        var seen: Set<String> = []
        for route in routes {
            let shape = "\(route.method.rawValue) \(route.pattern.segments.map(Self.shape).joined(separator: "/"))"
            guard seen.insert(shape).inserted else { preconditionFailure("\(route.method.rawValue) \(route.pattern.text) is in the table twice") }
        }
        var ordered = routes.filter(\.pattern.isLiteral) + routes.filter { !$0.pattern.isLiteral }
        for number in ordered.indices { ordered[number].number = number }
        self.routes = ordered
        let firsts = Set(ordered.compactMap(\.pattern.firstLiteral))
        candidates = firsts.reduce(into: [:]) { table, first in
            table[first] = ordered.filter { ($0.pattern.firstLiteral ?? first) == first }.map(\.number)
        }
        otherCandidates = ordered.filter { $0.pattern.firstLiteral == nil }.map(\.number)
    }

    /// A GET route also answers HEAD, for which the server leaves out the body. Every path answers OPTIONS.
    public func match(_ method: Method, _ path: [String]) -> Match {
        let wanted = method == .head ? .get : method
        var allowed: Set<Method> = []
        for number in path.first.flatMap({ candidates[$0] }) ?? otherCandidates {
            guard let parameters = routes[number].pattern.match(path) else { continue }
            if routes[number].method == wanted { return .found(routes[number], parameters) }
            allowed.insert(routes[number].method)
        }
        if allowed.isEmpty { return .notFound }
        if allowed.contains(.get) { allowed.insert(.head) }
        allowed.insert(.options)
        let allow = Method.allCases.filter(allowed.contains)
        return method == .options ? .options(allow: allow) : .methodNotAllowed(allow: allow)
    }

    private static func shape(_ segment: RoutePattern.Segment) -> String {
        switch segment {
        case .literal(let text): text
        case .place(_, let kind): "{\(kind)}"
        }
    }
}

extension RoutePattern {
    /// The first segment, unless it is a place or the pattern is `/`.
    fileprivate var firstLiteral: String? {
        if case .literal(let text)? = segments.first { text } else { nil }
    }

    fileprivate var isLiteral: Bool {
        segments.allSatisfy { if case .literal = $0 { true } else { false } }
    }
}

extension Response {
    /// The response to OPTIONS: 204 with Allow.
    public static func options(allow: [Method]) -> Response {
        Response(.noContent, fields: ["Allow": Method.list(allow)])
    }
}
