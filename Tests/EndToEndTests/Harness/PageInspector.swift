// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Testing

@testable import Portal

/// Checks pages for accessibility and every screen width, and remembers which of the portal's pages it has seen.
final class PageInspector {
    /// Rules of axe whose result depends on colours; the others give the same result in each theme.
    private static let colours = ["color-contrast", "link-in-text-block"]
    static let widths = [320, 1280]
    /// Further widths at which no page may scroll sideways.
    private static let furtherWidths = [390, 768, 1600]

    /// GET routes that are not pages, and why.
    static let others = [
        "/": "leads to the devices", "/assets/{name:file}": "style sheets, scripts, the icon", "/healthz": "text for machines",
        "/metrics": "text for machines", "/events": "a stream", "/audit/export": "a file",
        "/devices/{id}/live": "parts of the page of a device, for its script", "/status/live": "parts of the status page, for its script",
        "/settings/data/devices.csv": "a file", "/reachability/panel": "a part of the matrix, for its script",
        "/suggestions": "a list below a field, for its script", "/settings/{id}/suggestions": "a list below a field, for its script",
        "/account/passkeys/{id}/remove": "the same page as /account/totp/remove", "/held-form": "a form that was kept",
    ]

    private let browser: Browser
    private let origin: String
    private let router = Router(Routes.table)
    private var seen: Set<String> = []

    init(_ browser: Browser, origin: String) {
        self.browser = browser
        self.origin = origin
    }

    /// Opens a page and checks it. `status` is the expected status; Chromium reports refusals.
    func inspect(_ path: String, status: Int = 200) throws {
        try browser.open(path.hasPrefix("/") ? origin + path : path)
        try inspectPage(path, status: status)
    }

    /// Checks the page that the browser shows; `name` is for messages.
    func inspectPage(_ name: String, status: Int = 200) throws {
        // Strips that stay at the bottom of the window would hide whatever lies below them until the user scrolls.
        let release = "for (const strip of document.querySelectorAll('.bulk, .save, .edit-side')) strip.style.position = 'static'"
        _ = try browser.answer(of: "\(release); arguments[0]()")
        for width in Self.widths {
            try browser.show(width: width, .light)
            let violations = try browser.violations()
            #expect(violations == [], "\(name) at \(width) px")
            #expect(try !browser.overflows(), "\(name) at \(width) px")
            try browser.show(width: width, .dark)
            let unreadable = try browser.violations(of: Self.colours)
            #expect(unreadable == [], "\(name) in the dark at \(width) px")
        }
        for width in Self.furtherWidths {
            try browser.show(width: width, .light)
            #expect(try !browser.overflows(), "\(name) at \(width) px")
        }
        let complaints = try browser.complaints()
        #expect(complaints.allSatisfy { status != 200 && $0.contains("status of \(status)") }, "\(name): \(complaints)")
        if status == 200, let pattern = try pattern(of: browser.path()) { seen.insert(pattern) }
    }

    /// Pages in the table of routes that were neither checked nor listed as something else.
    var forgotten: [String] {
        let all = Routes.table.filter { $0.method == .get && !$0.pattern.text.hasPrefix("/api/") }.map(\.pattern.text)
        return Set(all).subtracting(seen).subtracting(Self.others.keys).sorted() + Set(Self.others.keys).subtracting(all).sorted()
    }

    private func pattern(of path: String) throws -> String? {
        let segments = path.split(separator: "/").map(String.init)
        guard case .found(let route, _) = router.match(.get, segments) else { return nil }
        return route.pattern.text
    }
}
