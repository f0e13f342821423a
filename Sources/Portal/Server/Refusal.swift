// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Logging
import Net
import Store
import Templates
import Words

/// Turns an error into a response: a page, or a problem document for the API. It never reads the database, because it also runs on the event loop
/// and when the database itself has failed.
struct Refusal {
    static let template = Template<RefusalPage>("error")

    let site: PortalSite
    let request: Request?
    let id: String

    func response(to error: any Error) -> Response {
        switch error {
        case let error as SignInNeeded: return signIn(error)
        case is SecondFactorNeeded:
            return request?.path == ["events"] ? .text(.unauthorized, "Add a second factor first.\n") : .redirect(to: "/account#second-factors")
        case let error as ConfirmationNeeded: return .redirect(to: PageAddress("/account/confirm").with("next", error.path).text)
        case let error as HTTPError: return response(error.status, error.reason, path: error.path)
        case let error as Inputs.Refused: return response(to: .invalid(error.errors))
        case let error as StoreError: return response(to: error)
        default: return failure(error)
        }
    }

    private func signIn(_ error: SignInNeeded) -> Response {
        guard request?.path != ["events"] else { return .text(.unauthorized, "Sign in again.\n") }
        let next = error.path.flatMap { $0 == "/" ? nil : $0 }
        return .redirect(to: PageAddress("/login").with("next", next).text)
    }

    private func response(to error: StoreError) -> Response {
        switch error {
        case .invalid(let errors):
            isAPI
                ? .problem(.unprocessableContent, "The request breaks a rule.", members: [("errors", Self.list(errors))])
                : response(.unprocessableContent, error.phrase)
        case .notFound: response(.notFound, error.phrase)
        case .stale: response(isAPI ? .preconditionFailed : .conflict, error.phrase)
        case .breaches(let breaches):
            isAPI
                ? .problem(.conflict, error.description, members: [("expectations", ExpectationAPI.list(breaches))])
                : response(.conflict, error.phrase)
        case .lastAdmin, .setupClosed, .irreversible, .otherHub: response(.conflict, error.phrase)
        case .tokenRefused: response(.forbidden, error.phrase)
        case .outdatedSignIn: signIn(SignInNeeded(path: nil))
        case .database(let refusal): refusal.trouble.map { unavailable(error, $0) } ?? failure(error)
        case .schema, .secretKey, .file, .backup: failure(error)
        }
    }

    /// For a problem that someone with access to the host can solve. The log reports it once, not for every request.
    private func unavailable(_ error: StoreError, _ trouble: DatabaseTrouble) -> Response {
        site.tell(error)
        return response(.serviceUnavailable, "Nothing was changed, and the hub goes on relaying. \(trouble.phrase)")
    }

    /// The client gets the request's id; the log has the cause.
    private func failure(_ error: any Error) -> Response {
        site.log.error("request failed", metadata: ["request": "\(id)", "path": "\(request?.rawPath ?? "")", "error": "\(error)"])
        return response(.internalServerError, "Something went wrong, and nothing was changed. Look up the number below in the log.")
    }

    /// `path` is the requested path if the request itself could not be read.
    private func response(_ status: Status, _ message: Phrase, path: String? = nil) -> Response {
        let base = request?.base ?? site.base
        if isAPI || request == nil && ["/api/", "\(base)/api/"].contains(where: { path?.hasPrefix($0) == true }) {
            return .problem(status, message.description, members: [("request_id", .string(id))])
        }
        let language = request.map(Language.init(for:)) ?? .english
        let frame = Frame(
            language: language, theme: request?.theme, assets: site.assetAddresses, hubName: "Hairpin", version: site.version, email: nil, csrf: "",
            generation: nil, path: request?.rawPath ?? "/")
        let page = RefusalPage(status: status, message: message, id: id)
        guard let body = try? site.templates.render(Self.template, page, frame: frame, in: language, base: base) else {
            return .text(status, "\(message)\n")
        }
        return .page(status, body, in: language)
    }

    private var isAPI: Bool { request?.path.first == "api" }

    /// The errors of a problem document (RFC 9457): `[{field, message}]`.
    private static func list(_ errors: [FieldError]) -> JSON {
        .array(errors.map { ["field": .string($0.field), "message": .string($0.message.description)] })
    }
}

/// The page that says what was refused, and why.
struct RefusalPage: TemplateModel {
    fileprivate let status: Status
    fileprivate let message: Phrase
    fileprivate let id: String

    static var fields: [TemplateField<RefusalPage>] {
        [
            .phrase("heading") { Phrase(text: $0.status.phrase) }, .phrase("message", \.message), .text("href") { _ in "/devices" },
            .phrase("link") { _ in "Go to the devices" }, .number("status", \.status.code), .text("request_id", \.id),
        ]
    }
}
