// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Testing

/// Common tasks take few clicks. Typing does not count.
@Suite(.needsLab)
struct `Starting at the list of devices` {
    private static let portal = "http://127.0.0.1:8080"

    /// A browser that counts.
    private final class Clicks {
        let browser: Browser
        private(set) var count = 0

        init(_ browser: Browser) throws {
            self.browser = browser
            try browser.open("\(portal)/devices")
        }

        func follow(_ words: String) throws {
            count += 1
            try browser.follow(words)
        }

        func follow(selector: String) throws {
            count += 1
            try browser.follow(selector: selector)
        }

        func press(_ selector: String) throws {
            count += 1
            try browser.press(selector: selector)
        }
    }

    @Test func `linking two devices takes three clicks, in three ways, and adding ten takes four at most`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let browser = try Browser(in: hub.namespace, of: lab)
            try setUp(browser, hub)

            let add = try Clicks(browser)
            try add.follow("Add devices")
            try add.press("details:has(#list) summary")
            let lines = (1...10).map { "unit-\($0), field" }.joined(separator: "\n")
            try browser.fill("list", lines)
            try add.follow("Add")
            #expect(try browser.text(of: "h1") == "10 devices added")
            #expect(add.count <= 4)

            // From the page of a device, with a suggestion taken by the keyboard.
            let page = try Clicks(browser)
            try page.follow("unit-1")
            try browser.focus(".link-to [name='b']")
            try browser.press(keys: "unit-10".map(String.init))
            try wait("a suggestion", upTo: .seconds(15)) { (try? browser.text(of: "#suggestions"))?.contains("unit-10") == true ? true : nil }
            try browser.press(keys: ["\u{E015}", Browser.Key.enter.rawValue])
            try page.follow("Link to…")
            #expect(try browser.text(of: "#effect").contains("unit-1 and unit-10 reach each other"))
            try page.follow("Link")
            #expect(page.count == 3)
            #expect(try browser.path().hasPrefix("/changes/"))

            // In the matrix: the panel says what would happen, and the page comes back to the matrix.
            try browser.open("\(Self.portal)/devices")
            try browser.press(selector: ".bar nav.wide a[href='/reachability']")
            try wait("the matrix", upTo: .seconds(20)) { try browser.path() == "/reachability" ? true : nil }
            try browser.press(selector: ".matrix tbody tr:nth-child(4) td:nth-of-type(5)")
            try wait("the panel", upTo: .seconds(15)) { (try? browser.text(of: "#panel"))?.contains("What linking does") == true ? true : nil }
            try browser.press(selector: "#panel .button.primary")
            try wait("the notice", upTo: .seconds(20)) { (try? browser.text(of: "main"))?.contains("View or undo this change") == true ? true : nil }
            #expect(try browser.path() == "/reachability")
            #expect(try browser.complaints() == [])
        }
    }

    @Test func `finding why, handing a file over, blocking a device and undoing a change stay within their budgets`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let browser = try Browser(in: hub.namespace, of: lab)
            try setUp(browser, hub)
            try API(hub, scope: "write").add([(name: "nas", tag: "field"), (name: "laptop", tag: "field")])

            let why = try Clicks(browser)
            try why.follow(selector: ".bar nav.wide a[href='/reachability']")
            try browser.fill("from", "laptop")
            try browser.fill("to", "nas")
            try why.follow("Check")
            #expect(try browser.text(of: ".cause").contains("does not list"))
            #expect(why.count == 2)

            let file = try Clicks(browser)
            try file.follow("laptop")
            try file.follow("Make a link")
            try file.press("#hand-over .copy")
            #expect(try browser.text(of: "#link").contains("/hand-over?token="))
            #expect(file.count == 3)

            let theft = try Clicks(browser)
            try theft.follow("laptop")
            try theft.follow("Disable")
            #expect(try browser.text(of: ".title .state").contains("disabled"))
            #expect(theft.count == 2)

            let undo = try Clicks(browser)
            try undo.follow(selector: ".bar nav.wide a[href='/audit']")
            try undo.follow(selector: "table.log a[href^='/changes/']")
            try undo.follow("Undo this change")
            #expect(try browser.text().contains("Undone."))
            #expect(undo.count == 3)
            try browser.open("\(Self.portal)/devices")
            #expect(try !browser.text(of: "table.devices").contains("disabled"))
            #expect(try browser.complaints() == [])
        }
    }

    @Test func `the bar for a selection appears with it, the slash goes to the search, and rows are 40 pixels high`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let browser = try Browser(in: hub.namespace, of: lab)
            try setUp(browser, hub)
            try API(hub, scope: "write").add((1...60).map { (name: "unit-\($0)", tag: "field") })
            try browser.open("\(Self.portal)/devices")
            #expect(try !browser.isOnScreen(".bulk .button"))
            try browser.press(selector: "tbody tr:nth-child(3) input")
            #expect(try browser.isOnScreen(".bulk .button"))
            let heights =
                try browser.answer(
                    of: "arguments[0]([...document.querySelectorAll('.devices tbody tr')].map((row) => row.getBoundingClientRect().height))")
                as? [Double]
            #expect(try #require(heights).allSatisfy { abs($0 - 40) < 1.1 })
            _ = try browser.answer(of: "document.activeElement.blur(); arguments[0]()")
            try browser.press(keys: ["/"])
            #expect(try browser.answer(of: "arguments[0](document.activeElement.name)") as? String == "q")
            // The links and boxes of a row are its only stops.
            let stops = "document.querySelectorAll('.devices tbody [tabindex]').length"
            #expect(try browser.answer(of: "arguments[0](\(stops))") as? Int == 0)
            #expect(try browser.complaints() == [])
        }
    }

    @Test func `states of the matrix differ in shape, also where the browser sets the colours and on paper`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let browser = try Browser(in: hub.namespace, of: lab)
            try setUp(browser, hub)
            try API(hub, scope: "write").add((1...3).map { (name: "unit-\($0)", tag: "field") })
            try browser.open("\(Self.portal)/reachability")
            let shapes = ["both", "out", "in", "none"].map { "#matrix-keys .cell.\($0)" }
            try browser.command("Emulation.setEmulatedMedia", ["features": [["name": "forced-colors", "value": "active"]]])
            #expect(try Set(shapes.map(browser.picture)).count == 4)
            try browser.command("Emulation.setEmulatedMedia", ["media": "print"])
            let exact = try browser.answer(
                of: "arguments[1](arguments[0].map((each) => getComputedStyle(document.querySelector(each)).printColorAdjust))", [shapes])
            #expect(exact as? [String] == ["exact", "exact", "exact", "exact"])
        }
    }

    private func setUp(_ browser: Browser, _ hub: Hub) throws {
        try browser.open(hub.setupURL())
        try browser.fill("email", PortalClient.email)
        try browser.fill("password", PortalClient.password)
        try browser.follow("Make the account")
        // Devices reach nothing until they are linked.
        try browser.open("\(Self.portal)/settings/defaults")
        try browser.choose("allowed_ips_preset", "nothing")
        try browser.follow("Save")
    }
}
