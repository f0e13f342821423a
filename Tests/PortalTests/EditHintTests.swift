// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

/// What the edit form says about entries that people type by mistake, and what it does with them.
@Suite struct `The form of a device` {
    let hub: TestSite
    let nas: Device
    let browser: Browsing
    var path: String { "/settings/\(nas.id)/edit" }

    init() throws {
        hub = try TestSite()
        nas = try hub.add("nas")
        try hub.add("laptop")
        browser = try hub.signedIn()
    }

    private func post(_ values: [String: String]) throws -> Answer {
        try browser.post(path, ["name": "nas", "enabled": "on"].merging(values) { $1 })
    }

    @Test(arguments: [
        ("mtu", "1280"), ("persistent_keepalive", "10"), ("endpoint", "a.example"), ("dns", "9.9.9.9"), ("table", "off"), ("allowed_ips", "laptop"),
    ])
    func `refuses a typed value while the default is chosen`(name: String, value: String) throws {
        let answer = try post(["\(name)_source": "default", name: value])
        #expect(answer.status == 422)
        #expect(answer.text.contains("You typed \(value), but the default is chosen. Choose its own value, or empty the field."))
        #expect(answer.text.contains(value))
        #expect(try hub.device(nas.id) == nas)
    }

    @Test func `gives the lowest free address for an empty field, and none only if asked`() throws {
        #expect(
            try browser.get(path).text.contains("Empty: the lowest free address of the hub&#39;s network.")
                || browser.get(path).text.contains("Empty: the lowest free address of the hub's network."))
        #expect(try post(["ipv4": "", "ipv6": "none"]).status == 303)
        #expect(try hub.device(nas.id).ipv4 == IPAddress("10.3.2.4"))
        #expect(try hub.device(nas.id).ipv6 == nil)
        #expect(try browser.get(path).text.contains("name=\"ipv6\" value=\"none\""))
        #expect(try browser.post("/devices", on: "/devices/new", ["name": "bare", "ipv4": "none", "ipv6": ""]).status == 303)
        let bare = try #require(try hub.database.read { try $0.device(named: "bare") })
        #expect(bare.ipv4 == nil && bare.ipv6 != nil)
    }

    @Test func `says in the preview and after the save what became of host bits`() throws {
        let typed = ["allowed_ips_source": "custom", "allowed_ips": "10.3.2.43/24", "routes": "192.168.7.9/24"]
        let preview = try post(typed.merging(["step": "preview"]) { $1 }).text
        #expect(preview.contains("10.3.2.43/24 is saved as 10.3.2.0/24, the network around 10.3.2.43."))
        #expect(preview.contains("192.168.7.9/24 is saved as 192.168.7.0/24, the network around 192.168.7.9."))
        let location = try #require(try post(typed).location)
        let page = try browser.get(location).text
        #expect(page.contains("10.3.2.43/24 was saved as 10.3.2.0/24."))
        #expect(page.contains("192.168.7.9/24 was saved as 192.168.7.0/24."))
        #expect(try !browser.get("/devices/\(nas.id)?rounded=%3Cb%3E").text.contains("<b>"))
    }

    @Test(arguments: [
        ("10.3.2.3, 10.3.2.3", "10.3.2.3/32 is in the list twice."), ("10.3.2.2", "10.3.2.2/32 belongs to this device itself"),
        ("10.3.2.77", "No device has the address 10.3.2.77."), ("10.3.2.3, 10.3.2.0/24", "10.3.2.3/32 is inside 10.3.2.0/24"),
    ])
    func `marks a doubtful entry in the preview and on the page of the device`(list: String, hint: String) throws {
        let typed = ["allowed_ips_source": "custom", "allowed_ips": list]
        #expect(try post(typed.merging(["step": "preview"]) { $1 }).text.contains(hint))
        #expect(try browser.get(#require(try post(typed).location)).text.contains(hint))
    }

    @Test(arguments: ["0.0.0.0/0", "::/0", "10.3.2.0/24, 128.0.0.0/1"])
    func `warns before it saves a prefix that cuts the device off from the Internet`(list: String) throws {
        let warning = "This hub has no Internet exit. The device would lose its Internet connection."
        let typed = ["allowed_ips_source": "custom", "allowed_ips": list]
        let asked = try post(typed)
        #expect(asked.status == 200)
        #expect(asked.text.contains(warning))
        #expect(try hub.device(nas.id) == nas)
        let accepted = try #require(asked.text.firstMatch(of: /name="accepted" value="([^"]+)"/)?.1)
        #expect(try post(typed.merging(["accepted": String(accepted)]) { $1 }).status == 303)
        #expect(try browser.get("/devices/\(nas.id)").text.contains(warning))
        // What is saved already is not asked about again.
        #expect(try post(typed.merging(["description": "in the cellar"]) { $1 }).status == 303)
    }
}

@Suite struct `The form of the defaults` {
    @Test func `does not offer the whole Internet, and warns before saving it`() throws {
        let hub = try TestSite()
        try hub.add("nas")
        let browser = try hub.signedIn()
        let page = try browser.get("/settings/defaults").text
        #expect(page.matches(of: /name="allowed_ips_preset"/).count == 3)
        #expect(!page.contains("0.0.0.0/0"))
        let typed = ["allowed_ips_preset": "own", "allowed_ips": "0.0.0.0/0, ::/0"]
        let asked = try browser.post("/settings/defaults", typed)
        #expect(asked.status == 200)
        #expect(asked.text.contains("This hub has no Internet exit. Devices that follow this default would lose their Internet connection."))
        #expect(try hub.database.read { try $0.defaults() }.settings.allowedIPs.count == 2)
        let accepted = try #require(asked.text.firstMatch(of: /name="accepted" value="([^"]+)"/)?.1)
        #expect(try browser.post("/settings/defaults", typed.merging(["accepted": String(accepted)]) { $1 }).status == 303)
        #expect(try hub.database.read { try $0.defaults() }.settings.allowedIPs == [IPPrefix("0.0.0.0/0"), IPPrefix("::/0")])
    }
}
