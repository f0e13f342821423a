// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// One line of a route table: a method, a pattern, and whatever the owner of the table wants to know about it.
public struct Route<Payload: Sendable>: Sendable {
    /// What is done.
    public let method: Method
    /// Where.
    public let pattern: RoutePattern
    /// What the owner of the table keeps with it.
    public let payload: Payload

    /// A pattern that cannot be read is a mistake in our own source and traps.
    public init(_ method: Method, _ pattern: String, _ payload: Payload) {
        guard let parsed = RoutePattern(pattern) else { preconditionFailure("\(pattern) is not a route pattern") }
        self.method = method
        self.pattern = parsed
        self.payload = payload
    }
}

/// Finds the route of a request. Literals go before places, so that `/devices/new` is never a device called new.
public struct Router<Payload: Sendable>: Sendable {
    /// What became of a method and a path.
    public enum Match: Sendable {
        case found(Route<Payload>, Parameters)
        /// The path exists for these methods only.
        case methodNotAllowed(allow: [Method])
        /// An OPTIONS request to a path that takes these methods.
        case options(allow: [Method])
        case notFound
    }

    /// The whole table, in the order of the search.
    public let routes: [Route<Payload>]

    /// Two routes of one method and one shape are a mistake in our own source and trap.
    public init(_ routes: [Route<Payload>]) {
        var seen: Set<String> = []
        for route in routes {
            let shape = "\(route.method.rawValue) \(route.pattern.segments.map(Self.shape).joined(separator: "/"))"
            guard seen.insert(shape).inserted else { preconditionFailure("\(route.method.rawValue) \(route.pattern.text) is in the table twice") }
        }
        self.routes = routes.filter(\.pattern.isLiteral) + routes.filter { !$0.pattern.isLiteral }
    }

    /// A GET route answers HEAD as well, as the server leaves the body away; every path answers OPTIONS.
    public func match(_ method: Method, _ path: [String]) -> Match {
        let wanted = method == .head ? .get : method
        var allowed: Set<Method> = []
        for route in routes {
            guard let parameters = route.pattern.match(path) else { continue }
            if route.method == wanted { return .found(route, parameters) }
            allowed.insert(route.method)
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
    fileprivate var isLiteral: Bool {
        segments.allSatisfy { if case .literal = $0 { true } else { false } }
    }
}

extension Response {
    /// The answer to OPTIONS: 204 with Allow.
    public static func options(allow: [Method]) -> Response {
        Response(.noContent, fields: ["Allow": Method.list(allow)])
    }
}
