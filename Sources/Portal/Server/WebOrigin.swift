// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net

/// Scheme, host and port of a page (RFC 6454).
struct WebOrigin: Hashable, CustomStringConvertible {
    let isTLS: Bool
    /// Without a port if it is the usual one of the scheme.
    let authority: Authority

    init(isTLS: Bool, _ authority: Authority) {
        self.isTLS = isTLS
        self.authority = authority.port == (isTLS ? 443 : 80) ? authority.with(port: nil) : authority
    }

    /// The origin of our pages, as this request names them. Nil for a request without a host.
    init?(of request: Request) {
        guard let authority = request.authority else { return nil }
        self.init(isTLS: request.isTLS, authority)
    }

    /// Parses the form that browsers use in Origin. Nil for any other text, also for `null`.
    init?(_ text: some StringProtocol) {
        let isTLS = text.hasPrefix("https://")
        guard isTLS || text.hasPrefix("http://"), let authority = Authority(text.dropFirst(isTLS ? 8 : 7)) else { return nil }
        self.init(isTLS: isTLS, authority)
    }

    /// The form that browsers use in Origin (RFC 6454 6.2).
    var description: String { "\(isTLS ? "https" : "http")://\(authority)" }
}
