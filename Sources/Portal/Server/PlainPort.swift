// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net
import Words

extension PortalSite {
    /// For the plain HTTP port beside HTTPS. Pages redirect to `httpsPort`. Requests that carry secrets are refused, so that nobody gets used to
    /// sending them in the clear (ASVS 4.1.2).
    public func plainApplication(httpsPort: UInt16) -> Application {
        var application = self.application
        let respond = application.respond
        application.respond = { request in
            if request.path == ["healthz"] { return try respond(request) }
            if request.path.first == "api" || request.path == ["metrics"] {
                throw HTTPError(
                    .forbidden, "The API is served over HTTPS only. A token that was sent here could be read on its way: revoke it.")
            }
            guard request.method.isSafe, let location = request.secureLocation(port: httpsPort) else {
                throw HTTPError(.forbidden, "Forms are accepted over HTTPS only. Open the page with https:// and send it again.")
            }
            return Response(.movedPermanently, fields: ["Location": location, "Cache-Control": "no-store"])
        }
        return application
    }
}

extension Request {
    /// The same page over HTTPS; nil for a request without a host. The host is always ours, because the server refuses others with 421.
    fileprivate func secureLocation(port: UInt16) -> String? {
        guard let authority else { return nil }
        return "https://\(authority.with(port: port == 443 ? nil : port))\(base)\(rawPath)\(rawQuery.map { "?\($0)" } ?? "")"
    }
}
