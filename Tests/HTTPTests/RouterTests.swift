// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Testing

struct `A router` {
    private let router = Router([
        Route(.get, "/", "home"), Route(.get, "/devices/{id}", "device"), Route(.get, "/devices/new", "new"),
        Route(.post, "/devices/{id}/delete", "delete"), Route(.get, "/page/{n:number}", "page"), Route(.get, "/assets/{name:file}", "file"),
    ])

    private func find(_ method: HTTP.Method, _ path: String...) -> String {
        switch router.match(method, path) {
        case .found(let route, let parameters):
            let names = ["id", "n", "name"].filter { place in ["{\(place)}", "{\(place):"].contains { route.pattern.text.contains($0) } }
            return ([route.payload] + names.map { parameters[$0] }).joined(separator: " ")
        case .methodNotAllowed(let allow): return "405 " + allow.map(\.rawValue).joined(separator: ",")
        case .options(let allow): return "204 " + allow.map(\.rawValue).joined(separator: ",")
        case .notFound: return "404"
        }
    }

    @Test func `finds a route by method and path`() {
        #expect(find(.get) == "home")
        #expect(find(.get, "devices", "a-1_B") == "device a-1_B")
        #expect(find(.post, "devices", "7", "delete") == "delete 7")
    }

    @Test func `prefers a literal to a parameter`() {
        #expect(find(.get, "devices", "new") == "new")
    }

    @Test func `finds routes that begin with a parameter beside those that begin with a literal`() {
        let router = Router([
            Route(.get, "/{name}", "any"), Route(.get, "/devices", "devices"), Route(.get, "/{name}/edit", "edit any"),
            Route(.get, "/devices/{id}", "device"),
        ])
        func find(_ path: String...) -> String? {
            if case .found(let route, _) = router.match(.get, path) { route.payload } else { nil }
        }
        #expect(find("devices") == "devices")
        #expect(find("links") == "any")
        #expect(find("links", "edit") == "edit any")
        #expect(find("devices", "edit") == "edit any")
        #expect(find("devices", "new") == "device")
        #expect(find("links", "new") == nil)
        #expect(find() == nil)
    }

    @Test func `answers HEAD from GET`() {
        #expect(find(.head, "devices", "7") == "device 7")
    }

    @Test func `validates the parameters of a path`() {
        #expect(find(.get, "devices", "a b") == "404")
        #expect(find(.get, "devices", "") == "404")
        #expect(find(.get, "devices", String(repeating: "a", count: 65)) == "404")
        #expect(find(.get, "page", "12") == "page 12")
        #expect(find(.get, "page", "012") == "404")
        #expect(find(.get, "page", "-1") == "404")
        #expect(find(.get, "assets", "app.1.css") == "file app.1.css")
        #expect(find(.get, "assets", ".htaccess") == "404")
    }

    @Test func `does not match a path with more or fewer parts`() {
        #expect(find(.get, "devices", "7", "") == "404")
        #expect(find(.get, "devices") == "404")
        #expect(find(.get, "", "devices", "7") == "404")
    }

    @Test func `lists the methods of a path`() {
        #expect(find(.delete, "devices", "7") == "405 GET,HEAD,OPTIONS")
        #expect(find(.get, "devices", "7", "delete") == "405 POST,OPTIONS")
        #expect(find(.trace) == "405 GET,HEAD,OPTIONS")
        #expect(find(.options, "devices", "7") == "204 GET,HEAD,OPTIONS")
        #expect(find(.options, "none") == "404")
    }

    @Test(arguments: ["", "a", "/a//b", "/{", "/{}", "/{a:color}", "/{a}/{a}", "/a{b}"])
    func `refuses invalid patterns`(text: String) {
        #expect(RoutePattern(text) == nil)
    }
}
