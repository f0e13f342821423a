// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// What a server serves, as functions of values: the same can be called without any socket through `answer(to:)`.
public struct Application: Sendable {
    /// Makes the answer, on a worker thread. What it throws goes to `refuse`.
    public var respond: @Sendable (Request) throws -> Response
    /// The answer for an error: an `HTTPError` with its status, anything else as 500. The request is nil when it could
    /// not be read; then the event loop calls this itself, so it must not wait. `id` names the request in log and page.
    public var refuse: @Sendable (_ error: any Error, _ request: Request?, _ id: String) -> Response
    /// Runs over every answer, also those of `refuse` and those to unreadable requests: security headers go here.
    public var finish: @Sendable (_ request: Request?, _ response: inout Response) -> Void
    /// False for a host that is not ours: 421, the wall against DNS rebinding. Called by the event loop.
    public var acceptsHost: @Sendable (Authority) -> Bool
    /// The longest body that this path takes in bytes; nil for the usual limit. Called by the event loop.
    public var bodyLimit: @Sendable (Method, _ path: [String]) -> Int?
    /// Throws where a body above the usual limit is not welcome. Called on a worker thread, with a request that has no body yet.
    public var admitLargeBody: @Sendable (Request) throws -> Void

    /// Only `respond` is needed: the others do what a server without a portal would do.
    public init(
        respond: @escaping @Sendable (Request) throws -> Response,
        refuse: @escaping @Sendable (any Error, Request?, String) -> Response = Application.plainRefusal,
        finish: @escaping @Sendable (Request?, inout Response) -> Void = { _, _ in },
        acceptsHost: @escaping @Sendable (Authority) -> Bool = { _ in true },
        bodyLimit: @escaping @Sendable (Method, [String]) -> Int? = { _, _ in nil },
        admitLargeBody: @escaping @Sendable (Request) throws -> Void = { _ in }
    ) {
        self.respond = respond
        self.refuse = refuse
        self.finish = finish
        self.acceptsHost = acceptsHost
        self.bodyLimit = bodyLimit
        self.admitLargeBody = admitLargeBody
    }

    /// The whole answer to a request: made, or refused, and finished.
    public func answer(to request: Request) -> Response {
        var response: Response
        do {
            // OPTIONS * asks for the server as a whole (RFC 9110 9.3.7).
            response = request.rawPath == "*" ? .options(allow: Method.allCases.filter { $0 != .trace && $0 != .query }) : try respond(request)
        } catch {
            response = Self.withFields(of: error, refuse(error, request, request.id))
        }
        finish(request, &response)
        return response
    }

    /// Nil when the large body of this request may come.
    func refusalOfBody(_ request: Request) -> Response? {
        do {
            try admitLargeBody(request)
            return nil
        } catch {
            var response = Self.withFields(of: error, refuse(error, request, request.id))
            finish(request, &response)
            return response
        }
    }

    /// The answer where `respond` was never asked: the request could not be read, or there is no room for it.
    func answer(to error: HTTPError, request: Request? = nil, id: String) -> Response {
        var response = Self.withFields(of: error, refuse(error, request, id))
        finish(request, &response)
        return response
    }

    /// The reason and the id of the request as plain text.
    public static func plainRefusal(_ error: any Error, _ request: Request?, _ id: String) -> Response {
        guard let error = error as? HTTPError else {
            return .text(.internalServerError, "Something went wrong here. The log tells more under \(id).\n")
        }
        return .text(error.status, "\(error.status): \(error.reason)\n")
    }

    private static func withFields(of error: any Error, _ response: Response) -> Response {
        var response = response
        for line in (error as? HTTPError)?.fields.lines ?? [] { response.fields.set(line.name, line.value) }
        return response
    }
}
