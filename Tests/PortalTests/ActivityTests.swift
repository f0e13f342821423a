// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Store
import Testing

@testable import Portal

@Suite struct `The last use` {
    private func minutesLater(_ minutes: Int64, _ hub: TestSite) { hub.world.advance(seconds: minutes * 60) }

    @Test func `of a session is written at the next beat, and keeps the session alive`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        for _ in 0..<3 {
            minutesLater(20, hub)
            #expect(try browser.get("/devices").status == 200)
            hub.site.beat()
        }
        minutesLater(20, hub)
        #expect(try browser.get("/devices").status == 200)
        minutesLater(20, hub)
        #expect(try browser.get("/devices").status == 303, "no beat wrote the use of twenty minutes ago")
    }

    @Test func `of a token is written at the next beat and when the hub stops`() throws {
        let hub = try TestSite()
        let api = try hub.api(.read)
        let used = { try hub.database.read { try $0.apiTokens()[0] } }
        #expect(try api.send("GET", "/status").status == 200)
        #expect(try used().usedAt == nil)
        hub.site.beat()
        #expect(try used().usedAt == World.start && used().usedFrom == "127.0.0.1")
        minutesLater(1, hub)
        #expect(try api.send("GET", "/status").status == 200)
        hub.site.stop()
        #expect(try used().usedAt == World.start.adding(seconds: 60))
    }

    @Test func `does not come back for what has ended meanwhile`() throws {
        let hub = try TestSite()
        let (browser, api) = (try hub.signedIn(), try hub.api(.read))
        minutesLater(2, hub)
        #expect(try browser.get("/devices").status == 200 && api.send("GET", "/status").status == 200)
        try hub.database.write { transaction in
            let account = try transaction.accounts()[0]
            try transaction.endSessions(ofAccount: account.id)
            try transaction.removeAPIToken(try transaction.apiTokens()[0].id, by: .system, at: World.start)
        }
        hub.site.beat()
        #expect(try hub.database.read { try ($0.sessions(ofAccount: $0.accounts()[0].id, at: World.start).count, $0.apiTokens().count) } == (0, 0))
        #expect(hub.database.trouble == nil)
    }
}
