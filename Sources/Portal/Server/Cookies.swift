// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP

/// The portal's cookies. With TLS, their names start with `__Host-`, which browsers accept only with Secure, Path=/ and no Domain. Over TLS the
/// plain names are never read (ASVS 3.3.1-3.3.4).
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

    func name(isTLS: Bool) -> String { isTLS ? "__Host-\(rawValue)" : rawValue }

    func value(in request: Request) -> String? { request.cookie(name(isTLS: request.isTLS)) }

    private var maximumAge: Duration? {
        switch self {
        case .session, .login, .preSession: nil
        case .browser, .theme, .language, .columns: .seconds(365 * 86_400)
        }
    }

    /// Adds the cookie to `response`. The portal makes all values itself, so a value that is not valid in a cookie is a bug; it is left out.
    func set(_ value: String, on response: inout Response, for request: Request) {
        let cookie = Cookie(name: name(isTLS: request.isTLS), value: value, isSecure: request.isTLS, maximumAge: maximumAge)
        if let cookie { response.fields.append("Set-Cookie", cookie.setting) }
    }

    func remove(from response: inout Response, for request: Request) {
        let cookie = Cookie(name: name(isTLS: request.isTLS), value: "", isSecure: request.isTLS, maximumAge: .zero)
        if let cookie { response.fields.append("Set-Cookie", cookie.setting) }
    }
}
