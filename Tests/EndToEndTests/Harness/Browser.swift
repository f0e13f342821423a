// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

/// Headless Chromium in a namespace of the lab, driven through chromedriver with the requests of the W3C WebDriver standard.
final class Browser {
    private let namespace: Namespace
    private let driver: BackgroundProcess
    private let server = "http://127.0.0.1:9515"
    private var session = ""
    /// The folder for downloads.
    private let downloads: URL

    /// With `scripts` false it runs no scripts of pages, as users may set it. `secureHost` is a name that resolves to this host, and whose
    /// certificate is accepted without an authority.
    init(in namespace: Namespace, of lab: Lab, scripts: Bool = true, secureHost: String? = nil) throws {
        self.namespace = namespace
        downloads = lab.folder.appendingPathComponent("downloads")
        driver = try BackgroundProcess(
            "chromedriver", namespace.words(["env", "TMPDIR=\(lab.folder.path)", "chromedriver", "--port=9515"]), folder: lab.folder)
        lab.atTearDown { [weak self] in self?.quit() }
        try wait("chromedriver", upTo: .seconds(20)) { try? send("GET", "/status") }
        var preferences: [String: Any] = ["download.default_directory": downloads.path, "download.prompt_for_download": false]
        if !scripts { preferences["profile.managed_default_content_settings.javascript"] = 2 }
        let names = secureHost.map { ["--host-resolver-rules=MAP \($0) 127.0.0.1"] } ?? []
        let options: [String: Any] = [
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"] + names,
            "prefs": preferences,
        ]
        let logs = ["browser": "ALL", "performance": "ALL"]
        let capabilities: [String: Any] = [
            "goog:chromeOptions": options, "goog:loggingPrefs": logs, "acceptInsecureCerts": secureHost != nil,
        ]
        let answer = try send("POST", "/session", ["capabilities": ["alwaysMatch": capabilities]]) as? [String: Any]
        session = "/session/\(answer?["sessionId"] as? String ?? "")"
    }

    func open(_ url: String) throws {
        try send("POST", "\(session)/url", ["url": url])
    }

    func reload() throws {
        try send("POST", "\(session)/refresh", [:])
    }

    /// The path of the current page.
    func path() throws -> String {
        let url = try send("GET", "\(session)/url") as? String ?? ""
        return URLComponents(string: url)?.path ?? url
    }

    /// The query of the current page.
    func query() throws -> [String: String] {
        let items = URLComponents(string: try send("GET", "\(session)/url") as? String ?? "")?.queryItems ?? []
        return Dictionary(items.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
    }

    /// The text of the page, or of a part of it.
    func text(of selector: String = "body") throws -> String {
        try send("GET", "\(element(selector))/text") as? String ?? ""
    }

    /// Types into the field with this name and replaces its content.
    func fill(_ name: String, _ value: String) throws {
        let field = try element("[name='\(name)']")
        try send("POST", "\(field)/clear", [:])
        try send("POST", "\(field)/value", ["text": value])
    }

    /// Chooses the file that the field with this name uploads.
    func choose(file: URL, for name: String) throws {
        try send("POST", "\(element("[name='\(name)']"))/value", ["text": file.path])
    }

    /// Selects one of a group of radio buttons.
    func choose(_ name: String, _ value: String) throws {
        try click(element("[name='\(name)'][value='\(value)']"))
    }

    /// Presses the button or follows the link with this text.
    func press(_ words: String) throws {
        try click(element("//main//*[self::button or self::a][normalize-space()='\(words)']", by: "xpath"))
    }

    /// Like `press`, but waits until the page has changed, because on a busy machine chromedriver does not wait for it.
    func follow(_ words: String) throws {
        let page = try element("html")
        try press(words)
        try wait("the page after \(words)", upTo: .seconds(20)) { (try? send("GET", "\(page)/name")) == nil ? true : nil }
    }

    /// The same for the first element that the selector finds.
    func follow(selector: String) throws {
        let page = try element("html")
        try press(selector: selector)
        try wait("the page after \(selector)", upTo: .seconds(20)) { (try? send("GET", "\(page)/name")) == nil ? true : nil }
    }

    /// Presses the first element that the selector finds.
    func press(selector: String) throws {
        try click(element(selector))
    }

    /// Presses an element that downloads a file, waits for the complete file, and returns its text.
    func download(_ name: String, pressing selector: String) throws -> String {
        try press(selector: selector)
        let file = downloads.appendingPathComponent(name)
        return try wait("the file \(name)", upTo: .seconds(30)) {
            (try? String(contentsOf: file, encoding: .utf8)).flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    /// The same for a file of any content whose name is not known.
    func downloadedFile(ending suffix: String, pressing selector: String) throws -> URL {
        try press(selector: selector)
        return try wait("a file \(suffix)", upTo: .seconds(60)) {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: downloads.path)) ?? []
            return names.first { $0.hasSuffix(suffix) }.map { downloads.appendingPathComponent($0) }
        }
    }

    /// Presses keys one after another, wherever the focus is.
    func press(keys: [String]) throws {
        let strokes = keys.flatMap { [["type": "keyDown", "value": $0], ["type": "keyUp", "value": $0]] }
        try send("POST", "\(session)/actions", ["actions": [["type": "key", "id": "keyboard", "actions": strokes]]])
    }

    /// A picture of one element as it is on the screen, a PNG.
    func picture(of selector: String) throws -> Data {
        Data(base64Encoded: try send("GET", "\(element(selector))/screenshot") as? String ?? "") ?? Data()
    }

    /// Makes the window as wide as the screen of a phone or a desktop.
    func resize(width: Int) throws {
        try send("POST", "\(session)/window/rect", ["width": width, "height": 900])
    }

    /// Minimises the window, which hides the page; `resize` restores it.
    func minimize() throws {
        try send("POST", "\(session)/window/minimize", [:])
    }

    /// Whether the page has to be scrolled sideways.
    func overflows() throws -> Bool {
        try run("return document.documentElement.scrollWidth > document.documentElement.clientWidth") as? Bool ?? true
    }

    /// The cookies that the browser would send to this page, as it keeps them: name, secure, httpOnly, sameSite, path.
    func cookies() throws -> [[String: Any]] {
        try send("GET", "\(session)/cookie") as? [[String: Any]] ?? []
    }

    /// Deletes all cookies of the page's host.
    func forgetCookies() throws {
        try send("DELETE", "\(session)/cookie")
    }

    /// Adds an authenticator that always confirms (WebDriver extension of WebAuthn level 2, 11). Returns its name.
    func addAuthenticator(knowsWho: Bool = true) throws -> String {
        let parameters: [String: Any] = [
            "protocol": "ctap2", "transport": knowsWho ? "internal" : "usb", "hasResidentKey": knowsWho, "hasUserVerification": knowsWho,
            "isUserVerified": knowsWho, "isUserConsenting": true,
        ]
        return try send("POST", "\(session)/webauthn/authenticator", parameters) as? String ?? ""
    }

    func removeAuthenticator(_ name: String) throws {
        try send("DELETE", "\(session)/webauthn/authenticator/\(name)")
    }

    /// The browser's complaints since the last call: blocked scripts and styles, missing files, errors in scripts.
    func complaints() throws -> [String] {
        try entries(of: "browser")
    }

    /// The new entries of this log since the last call.
    func entries(of log: String) throws -> [String] {
        let entries = try send("POST", "\(session)/se/log", ["type": log]) as? [[String: Any]] ?? []
        return entries.compactMap { $0["message"] as? String }
    }

    /// A command of the Chrome DevTools Protocol, for functions that WebDriver does not have.
    func command(_ name: String, _ parameters: [String: Any]) throws {
        try send("POST", "\(session)/goog/cdp/execute", ["cmd": name, "params": parameters])
    }

    /// Runs a script that passes its answer to the function in its last argument.
    func answer(of script: String, _ arguments: [Any] = []) throws -> Any? {
        try send("POST", "\(session)/execute/async", ["script": script, "args": arguments])
    }

    /// Any complaint that the test did not read with `complaints` is a failure.
    private func quit() {
        let left = (try? complaints()) ?? []
        if !left.isEmpty { Issue.record("the browser complained: \(left.joined(separator: "\n"))") }
        _ = try? send("DELETE", session)
        driver.kill()
    }

    /// Scrolls the element to the middle first. chromedriver scrolls it only to the edge, where a fixed bar may cover it.
    private func click(_ element: String) throws {
        let reference = ["element-6066-11e4-a52e-4f735466cecf": element.split(separator: "/").last.map(String.init) ?? ""]
        try run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", [reference])
        try send("POST", "\(element)/click", [:])
    }

    @discardableResult
    private func run(_ script: String, _ arguments: [Any] = []) throws -> Any? {
        try send("POST", "\(session)/execute/sync", ["script": script, "args": arguments])
    }

    private func element(_ selector: String, by strategy: String = "css selector") throws -> String {
        let found = try send("POST", "\(session)/element", ["using": strategy, "value": selector]) as? [String: Any]
        return "\(session)/element/\(found?.values.first as? String ?? "")"
    }

    /// Sends one WebDriver command. Returns its value, or throws its error.
    @discardableResult
    private func send(_ method: String, _ path: String, _ parameters: [String: Any]? = nil) throws -> Any? {
        let body = try parameters.map { String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self) }
        let answer = try namespace.request(method, server + path, headers: ["Content-Type: application/json"], body: body)
        let value = (try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])?["value"]
        guard answer.status == 200 else {
            let message = (value as? [String: Any])?["message"] ?? answer.body
            throw LabError("\(method) \(path) \(parameters ?? [:]): \(message)")
        }
        return value
    }
}
