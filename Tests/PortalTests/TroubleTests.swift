// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

@testable import Portal
@testable import Store

/// The database fails under a running portal.
@Suite struct `While the database takes no changes` {
    private let hub: TestSite
    private let browser: Browsing
    private let sentence = "The data folder is not writable. Check whether its file system is read-only and who owns its files."

    init() throws {
        hub = try TestSite()
        browser = try hub.signedIn()
        try hub.add("berlin-nas")
        try hub.database.writer.script("PRAGMA query_only = ON")
        // After this time, the portal would write the session's last activity.
        hub.world.advance(seconds: 90)
    }

    @Test func `pages can be read, and a form says why nothing was changed`() throws {
        #expect(try browser.get("/devices").status == 200)
        let answer = try browser.post("/devices", on: "/devices/new", ["name": "office"])
        #expect(answer.status == 503)
        #expect(answer.text.contains("Nothing was changed, and the hub goes on relaying. \(sentence)"))
        #expect(try browser.get("/status").text.contains("No change can be saved now; the hub goes on relaying. \(sentence)"))
        #expect(!answer.text.contains(hub.folder.path))
        #expect(!answer.text.contains("INSERT"))
    }

    @Test func `signing in says so too`() throws {
        let stranger = Browsing(hub.site)
        let answer = try stranger.post("/login", ["email": "ada@example.org", "password": "correct horse battery staple"])
        #expect(answer.status == 503)
        #expect(answer.text.contains(sentence))
    }

    @Test func `the health check answers 503 with the reason, and 200 when it is over`() throws {
        let health = { try Browsing(hub.site).get("/healthz") }
        #expect(try health().status == 503)
        #expect(try health().text == "database: \(sentence)\n")
        try hub.database.writer.script("PRAGMA query_only = OFF")
        #expect(try health().status == 503, "it asks the disk once in ten seconds")
        hub.world.advance(seconds: 10)
        #expect(try health().status == 200)
        #expect(try browser.post("/devices", on: "/devices/new", ["name": "office"]).status == 303)
    }

    @Test func `the API answers with a problem document, and tokens can still read`() throws {
        try hub.database.writer.script("PRAGMA query_only = OFF")
        let client = try hub.api(.read, .devices, .metrics)
        try hub.database.writer.script("PRAGMA query_only = ON")
        #expect(try client.send("GET", "/devices").status == 200)
        let answer = try client.send("POST", "/devices", .object([("name", .string("office"))]))
        #expect(answer.status == 503)
        #expect(answer.response.fields["Content-Type"] == "application/problem+json")
        #expect(answer.text.contains("The data folder is not writable."))
    }
}
