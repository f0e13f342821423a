// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

@Suite struct `The fields that take devices` {
    private func values(_ page: String) -> [String] { page.matches(of: /data-value="([^"]*)"/).map { String($0.1) } }

    @Test func `are offered devices and tags that match, and few of them`() throws {
        let hub = try TestSite()
        for number in 10..<60 { try hub.add("berlin-\(number)") }
        let nas = try hub.add("hamburg-nas")
        try hub.database.change(by: .system, at: World.start) {
            var edited = try $0.device(nas.id)
            edited.tags = [Tag("berlin-office")!, Tag("field")!]
            try $0.update(edited)
        }
        let browser = try hub.signedIn(role: .viewer)
        #expect(values(try browser.get("/suggestions?q=Berl").text) == ["tag:berlin-office"] + (10..<17).map { "berlin-\($0)" })
        #expect(values(try browser.get("/suggestions?q=Berl&kinds=devices").text) == (10..<18).map { "berlin-\($0)" })
        #expect(values(try browser.get("/suggestions?q=tag:fie").text) == ["tag:field"])
        #expect(values(try browser.get("/suggestions?q=nas").text) == ["hamburg-nas"])
        #expect(values(try browser.get("/suggestions?q=nothing").text) == [])
        #expect(try browser.get("/suggestions?q=nas").text.contains("10.3.2.52"))
        #expect(values(try browser.get("/suggestions").text).prefix(3) == ["tag:berlin-office", "tag:field", "all"])
    }

    @Test func `take names with commas`() throws {
        let hub = try TestSite()
        for name in ["Berlin, office", "Berlin", "nas", "nas, old, spare"] { try hub.add(name) }
        let sides = Sides(try hub.database.read { try $0.devices() })
        let names = { (text: String) in (try? sides.read(text).get())?.map(\.name) }
        #expect(names("nas, Berlin, office, Berlin") == ["nas", "Berlin, office", "Berlin"])
        #expect(names("nas, old, spare") == ["nas, old, spare"])
        #expect(names("nas,old") == nil)
        #expect(names(" nas ,, berlin\nBERLIN, OFFICE") == ["nas", "Berlin", "Berlin, office"])
    }

    @Test func `on the page of a device lead to the preview of a link`() throws {
        let hub = try TestSite()
        let (nas, _) = (try hub.add("nas", reaching: []), try hub.add("laptop", reaching: []))
        let page = try hub.signedIn().get("/devices/\(nas.id)").text
        #expect(page.contains("<form class=\"link-to\" method=\"get\" action=\"/links\""))
        #expect(page.contains("<input type=\"hidden\" name=\"a\" value=\"nas\">"))
        #expect(try hub.signedIn().get("/links?a=nas&b=laptop").text.contains("laptop and nas reach each other"))
        #expect(try !hub.signedIn(role: .viewer).get("/devices/\(nas.id)").text.contains("link-to"))
    }

    @Test func `of the form for links have one line each, and the button stays after an error`() throws {
        let hub = try TestSite()
        for name in ["a", "b"] { try hub.add(name) }
        let browser = try hub.signedIn()
        let page = try browser.get("/links").text
        #expect(!page.contains("<textarea"))
        #expect(page.contains(">Link</button>"))
        let refused = try browser.post("/links", ["a": "a\nb", "b": "zebra", "do": "link"])
        #expect(refused.status == 422)
        #expect(refused.text.contains(">Link</button>") && refused.text.contains("value=\"a, b\""))
    }
}

@Suite struct `The panel of the matrix` {
    let hub: TestSite
    let browser: Browsing

    init() throws {
        hub = try TestSite()
        browser = try hub.signedIn()
    }

    @Test func `says why, and what linking and unlinking would do`() throws {
        let (a, b) = (try hub.add("a"), try hub.add("b", reaching: []))
        let before = try hub.database.read { try $0.generation() }.desired
        let panel = try browser.get("/reachability/panel?from=\(a.id)&to=\(b.id)").text
        #expect(panel.contains("one-sided: b does not list a"))
        #expect(panel.contains("a and b reach each other"))
        #expect(panel.contains(">Link</button>") && panel.contains(">Unlink</button>"))
        #expect(panel.contains("href=\"/reachability?from=\(a.id)&amp;to=\(b.id)\""))
        #expect(try hub.database.read { try $0.generation() }.desired == before)
    }

    @Test func `offers only what changes something`() throws {
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        let (c, d) = (try hub.add("c", reaching: []), try hub.add("d", reaching: []))
        let linked = try browser.get("/reachability/panel?from=\(a.id)&to=\(b.id)").text
        #expect(!linked.contains(">Link</button>") && linked.contains(">Unlink</button>"))
        let apart = try browser.get("/reachability/panel?from=\(c.id)&to=\(d.id)").text
        #expect(apart.contains(">Link</button>") && !apart.contains(">Unlink</button>"))
        #expect(apart.contains("c and d do not list each other"))
    }

    @Test func `counts the pairs of a block, each once`() throws {
        let devices = try ["a", "b", "c"].map { try hub.add($0, reaching: $0 == "c" ? [] : nil) }
        let ids = devices.map(\.id).joined(separator: ",")
        let panel = try browser.get("/reachability/panel?from=\(ids)&to=\(ids)").text
        #expect(panel.contains("3 pairs"))
        #expect(panel.contains("1 both ways, 2 one-sided, 0 without a link"))
        #expect(panel.contains("name=\"a\" value=\"a, b, c\""))
    }

    @Test func `leads back to the matrix, which names the change`() throws {
        let (a, b) = (try hub.add("a", reaching: []), try hub.add("b", reaching: []))
        let change = try hub.database.read { try $0.generation() }.desired + 1
        let answer = try browser.post(
            "/links", on: "/reachability/panel?from=\(a.id)&to=\(b.id)", ["a": "a", "b": "b", "do": "link", "next": "/reachability?q=a&rows=2"])
        #expect(answer.location == "/reachability?q=a&rows=2&change=\(change)&done=saved")
        #expect(try browser.get(#require(answer.location)).text.contains("<a href=\"/changes/\(change)\">"))
        let elsewhere = try browser.post("/links", ["a": "a", "b": "b", "do": "unlink", "next": "//example.org"])
        #expect(elsewhere.location == "/devices?change=\(change + 1)&done=saved")
    }

    @Test func `changes nothing for a viewer, and does not exist for unknown devices`() throws {
        let (a, b) = (try hub.add("a"), try hub.add("b"))
        let panel = try hub.signedIn(role: .viewer).get("/reachability/panel?from=\(a.id)&to=\(b.id)").text
        #expect(panel.contains("both ways") && !panel.contains("<form"))
        #expect(try browser.get("/reachability/panel?from=\(a.id)&to=0").status == 404)
        #expect(try browser.get("/reachability/panel").status == 404)
    }
}

@Suite struct `The doctor's form` {
    @Test func `keeps a name that no device has, and says so, on a small hub and on a large one`() throws {
        for count in [3, 120] {
            let hub = try TestSite()
            for number in 0..<count { try hub.add("device-\(number)") }
            let browser = try hub.signedIn()
            let page = try browser.get("/reachability?from=zebra&to=10.3.2.99").text
            #expect(page.contains("value=\"zebra\"") && page.contains("There is no device “zebra”."))
            #expect(page.contains("value=\"10.3.2.99\"") && !page.contains("neither a device nor an address"))
            let other = try browser.get("/reachability?from=device-1&to=device-x").text
            #expect(other.contains("value=\"device-x\"") && other.contains("“device-x” is neither a device nor an address."))
            #expect(try browser.get("/reachability").text.contains("aria-invalid") == false)
        }
    }
}
