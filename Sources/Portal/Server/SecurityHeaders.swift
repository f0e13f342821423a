// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net

/// Header fields of every response, no matter what made it.
enum SecurityHeaders {
    /// No inline code, no foreign sources, no frames (ASVS 3.4.3).
    static let contentPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
        "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'", "require-trusted-types-for 'script'",
    ].joined(separator: "; ")

    private static let always: Fields = [
        "Content-Security-Policy": contentPolicy, "X-Content-Type-Options": "nosniff",
        // Not no-referrer, because browsers would then send "Origin: null" with our own forms.
        "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()", "X-Frame-Options": "DENY",
    ]

    static func apply(to response: inout Response, for request: Request?) {
        for line in always.lines { response.fields.set(line.name, line.value) }
        if !response.fields.contains("Cache-Control") { response.fields.set("Cache-Control", "no-store") }
        // HSTS only where a browser may honour it: over TLS, and for a name, because HSTS does not apply to addresses (RFC 6797 8.1.1).
        if let request, request.isTLS, let host = request.authority?.host, host.contains("."), !host.isAddress, host != "localhost" {
            response.fields.set("Strict-Transport-Security", "max-age=31536000")
        }
    }
}

extension String {
    fileprivate var isAddress: Bool { IPAddress(self) != nil }
}
