// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

@Suite struct `The field for allowed IPs` {
    let hub: TestSite
    let nas: Device
    let gateway: Device
    let browser: Browsing
    var path: String { "/settings/\(nas.id)/edit" }

    init() throws {
        hub = try TestSite()
        nas = try hub.add("nas", reaching: [])
        gateway = try hub.add("office gw", reaching: ["192.168.0.0/16"])
        try hub.add("open")
        browser = try hub.signedIn()
    }

    /// Sends the field with its text, with and without the box that adds both directions.
    private func post(_ text: String, both: Bool = true, step: String = "") throws -> Answer {
        try browser.post(
            path, ["allowed_ips_source": "custom", "allowed_ips": text, "both": both ? "on" : "off", "step": step])
    }

    /// The text of the field on a page.
    private func text(_ page: String) -> String? {
        page.firstMatch(of: /<textarea id="allowed_ips"[^>]*>\n([^<]*)</).map { String($0.1) }
    }

    @Test func `takes names, and lists both sides in one change`() throws {
        let preview = try post("Office GW", step: "preview")
        #expect(preview.status == 200)
        #expect(text(preview.text) == "Office GW")
        #expect(preview.text.contains("nas and office gw reach each other"))
        #expect(preview.text.contains("Saving adds this device to the list of office gw."))
        #expect(preview.text.contains("<span class=\"sum\">+1 link</span>"))
        #expect(try hub.device(nas.id) == nas)

        #expect(try post("Office GW").status == 303)
        #expect(try hub.device(nas.id).overrides.allowedIPs == .own(["10.3.2.3/32", "fd00::3:2:3/128"].map { IPPrefix($0)! }))
        #expect(
            try hub.device(gateway.id).overrides.allowedIPs
                == .own(["192.168.0.0/16", "10.3.2.2/32", "fd00::3:2:2/128"].map { IPPrefix($0)! }))
        let generation = try hub.database.read { try $0.generation().desired }
        #expect(try hub.database.read { try $0.change(generation) }.entries.count == 2)
        // The form then shows prefixes, so that saving it again changes no other device.
        #expect(text(try browser.get(path).text) == "10.3.2.3/32, fd00::3:2:3/128")
    }

    @Test func `leaves the other side alone if asked`() throws {
        let preview = try post("office gw", both: false, step: "preview").text
        #expect(!preview.contains("Saving adds this device"))
        #expect(preview.contains("nas lists office gw, but office gw does not list nas: nothing passes."))
        #expect(try post("office gw", both: false).status == 303)
        #expect(try hub.device(gateway.id) == gateway)
    }

    @Test func `says which entry means nothing, and keeps the text`() throws {
        let answer = try post("office gw, zebra")
        #expect(answer.status == 422)
        #expect(answer.text.contains("“zebra” is neither the name of a device nor an address or a network."))
        #expect(text(answer.text) == "office gw, zebra")
        #expect(try hub.device(nas.id) == nas)
    }

    @Test func `shows each entry as a chip: both ways, one-sided or a network`() throws {
        let page = try post("10.3.2.3, fd00::3:2:3, 10.3.2.4, 10.3.2.16/28", both: false, step: "preview").text
        let chips = page.matches(of: /<span class="chip">(.*?)<button/).map {
            $0.1.replacing(/<[^>]*>/, with: " ").split(separator: " ").joined(separator: " ")
        }
        #expect(chips == ["◧ office gw , one-sided", "■ open , both ways", "10.3.2.16/28"])
    }

    @Test func `marks the entry that is doubtful, and only that one`() throws {
        let page = try post("10.3.2.0/24, open, 10.3.2.0/24", step: "preview").text
        #expect(page.matches(of: /<li class="doubt">/).count == 1)
        #expect(page.matches(of: /10.3.2.0\/24 is in the list twice./).count == 2)
        #expect(page.contains("open is in the list already, through 10.3.2.0/24.") == false)
        #expect(try post("10.3.2.0/24, fd00::3:2:0/120, open", step: "preview").text.contains("open is in the list already, through 10.3.2.0/24."))
    }

    @Test func `removes and corrects entries with one click, without a script too`() throws {
        let typed = "10.3.2.43/24, 10.3.2.3/32, fd00::3:2:3/128, open"
        let page = try post(typed, step: "preview").text
        for step in ["put:10.3.2.43/24\t10.3.2.0/24", "put:10.3.2.43/24\t10.3.2.43/32", "drop:open"] {
            #expect(page.contains("name=\"step\" value=\"\(step)\""), "\(step)")
        }
        #expect(text(try post(typed, step: "put:10.3.2.43/24\t10.3.2.0/24").text) == "10.3.2.0/24, 10.3.2.3/32, fd00::3:2:3/128, open")
        #expect(text(try post(typed, step: "put:10.3.2.43/24\t").text) == "10.3.2.3/32, fd00::3:2:3/128, open")
        #expect(text(try post(typed, step: "drop:10.3.2.3/32\tfd00::3:2:3/128").text) == "10.3.2.43/24, open")
        #expect(try post(typed, step: "put:open").status == 400)
        #expect(try hub.device(nas.id) == nas)
    }

    @Test func `suggests a few devices, tags and networks, however many there are`() throws {
        for number in 10..<60 { try hub.add("berlin-\(number)", routes: number < 20 ? ["192.168.\(number).0/24"] : []) }
        let entries = { (query: String) in
            try browser.get("/settings/\(nas.id)/suggestions?q=\(query)").text.matches(of: /data-value="([^"]*)"/).map { String($0.1) }
        }
        #expect(try entries("ber") == (10..<18).map { "berlin-\($0)" })
        #expect(try entries("GW") == ["office gw"])
        #expect(try entries("192.168.1") == ["192.168.10.0/24", "192.168.11.0/24", "192.168.12.0/24"])
        #expect(try entries("10.3.2.0") == ["10.3.2.0", "10.3.2.0/24"])
        #expect(try entries("nas").isEmpty)
        #expect(try browser.get("/settings/\(nas.id)/suggestions?q=10.3.2.77").text.contains("No device has the address 10.3.2.77."))
        #expect(try browser.get("/settings/\(nas.id)/suggestions?q=").text.utf8.count < 3_000)
        #expect(try browser.get("/settings/nobody/suggestions?q=a").status == 404)
    }
}

@Suite struct `The edit form` {
    @Test func `says in the preview what is wrong, with links to the fields`() throws {
        let hub = try TestSite()
        let nas = try hub.add("nas")
        let browser = try hub.signedIn()
        let answer = try browser.post(
            "/settings/\(nas.id)/edit", ["step": "preview", "mtu_source": "custom", "mtu": "9", "allowed_ips_source": "custom", "allowed_ips": "?"])
        #expect(answer.status == 200)
        let block = try #require(answer.text.firstMatch(of: /<div id="effect"[\s\S]*?<\/details>/)?.0)
        #expect(block.contains("<span class=\"sum\">2 fields to fix</span>"))
        #expect(block.contains("An MTU of 9 does not work.") && block.contains("href=\"#mtu\""))
        #expect(block.contains("“?” is neither the name of a device") && block.contains("href=\"#allowed_ips\""))
    }

    @Test func `folds the advanced part while nothing in it is the device's own`() throws {
        let hub = try TestSite()
        let nas = try hub.add("nas")
        let browser = try hub.signedIn()
        let path = "/settings/\(nas.id)/edit"
        let isOpen = { (page: String) in page.contains("<details class=\"group advanced\" open>") }
        #expect(try !isOpen(browser.get(path).text))
        #expect(try isOpen(browser.get("/settings/\(hub.add("gw", routes: ["192.168.7.0/24"]).id)/edit").text))
        #expect(try isOpen(browser.post(path, ["ipv4": "10.3.2.300"]).text))
        #expect(try !isOpen(browser.post(path, ["name": ""]).text))
        #expect(try browser.post(path, ["mtu_source": "custom", "mtu": "1400"]).status == 303)
        #expect(try isOpen(browser.get(path).text))
    }

    @Test func `adds no tab stop for each device of the hub`() throws {
        let hub = try TestSite()
        let nas = try hub.add("nas")
        let browser = try hub.signedIn()
        let count = { try browser.get("/settings/\(nas.id)/edit").text.matches(of: /<(?:button|option|a href)/).count }
        let before = try count()
        for number in 0..<30 { try hub.add("d\(number)") }
        #expect(try count() == before)
    }
}
