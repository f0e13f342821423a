// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP

/// The portal's cookies. With TLS, their names start with `__Host-`, which browsers accept only with Secure, Path=/ and no Domain. Over TLS the
/// plain names are never read (ASVS 3.3.1-3.3.4). A portal below a path shares its host with others, which must not get its cookies: their Path is
/// that path, and with TLS their names start with `__Secure-`.
enum PortalCookie: String {
    case session = "sid"
    /// Proves that the user gave the right password and still needs the second factor.
    case login
    /// Ties forms that need no sign-in to the browser that got them.
    case preSession = "pre"
    /// Proves that this browser signed in before, so that other people's wrong guesses do not slow it down.
    case browser = "browser"
    case theme
    case language
    /// The columns of the list of devices.
    case columns

    func name(for request: Request) -> String { request.isTLS ? (request.base.isEmpty ? "__Host-" : "__Secure-") + rawValue : rawValue }

    func value(in request: Request) -> String? { request.cookie(name(for: request)) }

    private var maximumAge: Duration? {
        switch self {
        case .session, .login, .preSession: nil
        case .browser, .theme, .language, .columns: .seconds(365 * 86_400)
        }
    }

    /// Adds the cookie to `response`. The portal makes all values itself, so a value that is not valid in a cookie is a bug; it is left out.
    func set(_ value: String, on response: inout Response, for request: Request) {
        append(value, maximumAge, to: &response, request)
    }

    /// The id of the browser in the cookie `browser`; nil if there is none. Whoever uses it must check the signature: see `Visit.knownBrowser`.
    func id(in request: Request) -> String? { value(in: request)?.split(separator: ".").first.map(String.init) }

    func remove(from response: inout Response, for request: Request) { append("", .zero, to: &response, request) }

    private func append(_ value: String, _ maximumAge: Duration?, to response: inout Response, _ request: Request) {
        let cookie = Cookie(
            name: name(for: request), value: value, path: request.base.isEmpty ? "/" : request.base, isSecure: request.isTLS,
            maximumAge: maximumAge)
        if let cookie { response.fields.append("Set-Cookie", cookie.setting) }
    }
}
