// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// Checks of a page.
extension Browser {
    enum Theme: String {
        case light
        case dark
    }

    /// Shows the page at this screen width and in this theme. Unlike a window, the width may be that of a phone.
    func show(width: Int, _ theme: Theme) throws {
        try command("Emulation.setDeviceMetricsOverride", ["width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false])
        // A transition at this moment would make text hard to read.
        let features = [["name": "prefers-color-scheme", "value": theme.rawValue], ["name": "prefers-reduced-motion", "value": "reduce"]]
        try command("Emulation.setEmulatedMedia", ["features": features])
    }

    /// Makes axe available on every page from the next one on. It is injected from outside, so the page's policy does not block it.
    func loadAxe() throws {
        let file = Installation.checkout.appendingPathComponent(".build/axe/axe_playwright_python/axe.min.js")
        guard let source = try? String(contentsOf: file, encoding: .utf8) else {
            throw LabError("\(file.path) is missing; run Packaging/install-dependencies test")
        }
        try command("Page.addScriptToEvaluateOnNewDocument", ["source": source])
    }

    /// The problems that axe finds: the rule, and the elements that break it. Empty `rules` means all.
    func violations(of rules: [String] = []) throws -> [String] {
        let script = """
            const [rules, done] = arguments;
            const more = { "target-size": { enabled: true } };
            axe.run(document, { resultTypes: ["violations"], rules: rules.length ? {} : more, ...(rules.length ? { runOnly: rules } : {}) }).then(
                (found) => done(found.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" ")}`)),
                (error) => done([String(error)]));
            """
        return try answer(of: script, [rules]) as? [String] ?? ["axe gave no answer"]
    }

    /// Addresses that the browser asked for since the last call and that do not begin with `origin`. Pictures inside a page are no requests.
    func foreignRequests(origin: String) throws -> [String] {
        struct Event: Decodable {
            struct Message: Decodable {
                var method: String
                var params: Parameters
            }
            struct Parameters: Decodable {
                var request: Request?
            }
            struct Request: Decodable {
                var url: String
            }
            var message: Message
        }
        let events = try entries(of: "performance").compactMap { try? JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
        let urls = events.filter { $0.message.method == "Network.requestWillBeSent" }.compactMap { $0.message.params.request?.url }
        guard urls.contains(where: { $0.hasPrefix(origin) }) else { throw LabError("the browser asked for nothing of \(origin): \(urls)") }
        return urls.filter { !$0.hasPrefix(origin + "/") && !$0.hasPrefix("data:") }
    }

    /// The text that a camera would read from the QR code that the selector finds.
    func scan(_ selector: String, in lab: Lab) throws -> String {
        let file = lab.folder.appendingPathComponent("code.png")
        try picture(of: selector).write(to: file)
        return try Command.expect(["zbarimg", "--raw", "--quiet", file.path]).trimmingCharacters(in: .newlines)
    }
}
