// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// What a server serves, as functions. `answer(to:)` calls them without a socket.
public struct Application: Sendable {
    /// Produces the response, on a worker thread or the event loop. Errors that it throws go to `refuse`.
    public var respond: @Sendable (Request) throws -> Response
    /// The response for an error: an `HTTPError` has its status, any other error is 500. The request is nil when it was unreadable; then
    /// the event loop calls this itself, so it must not block. `id` names the request in the log and on the page.
    public var refuse: @Sendable (_ error: any Error, _ request: Request?, _ id: String) -> Response
    /// Changes every response before it is sent, including those of `refuse` and those to unreadable requests. Adds security headers.
    public var finish: @Sendable (_ request: Request?, _ response: inout Response) -> Void
    /// The path that the site is below, such as `/vpn`, or an empty text. It is removed from the paths of requests; those without it are served
    /// too, because some proxies remove it. Called by the event loop.
    public var base: @Sendable () -> String
    /// False for a host that is not ours at this path: the request gets 421, which prevents DNS rebinding. Called by the event loop.
    public var acceptsHost: @Sendable (Authority, _ path: [String]) -> Bool
    /// The maximum length of a body for this path in bytes; nil for the default limit. Called by the event loop.
    public var bodyLimit: @Sendable (Method, _ path: [String]) -> Int?
    /// The number of this request's route, if the event loop may answer it itself once answers of this route have proved short; nil for a
    /// request that may have to wait, for a lock or for others. Called by the event loop.
    public var quickRoute: @Sendable (Request) -> Int?
    /// Who sends a body above the default limit, such as an account or a token, in any form: one sender may only send a few at a time. Throws
    /// if this request may not send it. Called on a worker thread, with a request that has no body yet.
    public var admitLargeBody: @Sendable (Request) throws -> String

    /// Only `respond` is required; the others have plain defaults.
    public init(
        respond: @escaping @Sendable (Request) throws -> Response,
        refuse: @escaping @Sendable (any Error, Request?, String) -> Response = Application.plainRefusal,
        finish: @escaping @Sendable (Request?, inout Response) -> Void = { _, _ in },
        base: @escaping @Sendable () -> String = { "" },
        acceptsHost: @escaping @Sendable (Authority, [String]) -> Bool = { _, _ in true },
        bodyLimit: @escaping @Sendable (Method, [String]) -> Int? = { _, _ in nil },
        quickRoute: @escaping @Sendable (Request) -> Int? = { _ in nil },
        admitLargeBody: @escaping @Sendable (Request) throws -> String = { $0.client.description }
    ) {
        self.respond = respond
        self.refuse = refuse
        self.finish = finish
        self.base = base
        self.acceptsHost = acceptsHost
        self.bodyLimit = bodyLimit
        self.quickRoute = quickRoute
        self.admitLargeBody = admitLargeBody
    }

    /// The complete response to a request, through `respond` or `refuse`, and `finish`.
    public func answer(to request: Request) -> Response {
        var response: Response
        do {
            // OPTIONS * asks about the server as a whole (RFC 9110 9.3.7).
            response = request.rawPath == "*" ? .options(allow: Method.allCases.filter { $0 != .trace && $0 != .query }) : try respond(request)
        } catch {
            response = Self.withFields(of: error, refuse(error, request, request.id))
        }
        finish(request, &response)
        return response
    }

    /// Whether a request may send its large body.
    enum BodyAdmission: Sendable {
        case admitted(sender: String)
        case refused(Response)
    }

    /// The decision of `admitLargeBody`.
    func admission(ofBodyOf request: Request) -> BodyAdmission {
        do { return .admitted(sender: try admitLargeBody(request)) } catch {
            var response = Self.withFields(of: error, refuse(error, request, request.id))
            finish(request, &response)
            return .refused(response)
        }
    }

    /// The response when `respond` was not called, because the request was unreadable or there is no capacity for it.
    func answer(to error: HTTPError, request: Request? = nil, id: String) -> Response {
        var response = Self.withFields(of: error, refuse(error, request, id))
        finish(request, &response)
        return response
    }

    /// The reason and the request's id as plain text.
    public static func plainRefusal(_ error: any Error, _ request: Request?, _ id: String) -> Response {
        guard let error = error as? HTTPError else {
            return .text(.internalServerError, "Something went wrong here. The log has the details under \(id).\n")
        }
        return .text(error.status, "\(error.status): \(error.reason)\n")
    }

    private static func withFields(of error: any Error, _ response: Response) -> Response {
        var response = response
        for line in (error as? HTTPError)?.fields.lines ?? [] { response.fields.set(line.name, line.value) }
        return response
    }
}
