// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import HTTP
import Net
import Store
import Testing

@testable import Portal

@Suite struct `Setting up` {
    @Test func `makes the first admin once, signed in, with the endpoint`() throws {
        let hub = try TestSite(admin: nil, endpoint: nil)
        let token = try hub.database.write { try $0.issueSetupToken(at: World.start).reveal() }
        let form = ["token": token, "email": "ada@example.org", "password": "green tea at four", "endpoint": "hub.example.org"]
        let browser = Browsing(hub.site)
        #expect(try browser.post("/setup", on: "/setup?token=\(token)", form).location == "/welcome")
        #expect(try browser.get("/devices").status == 200)
        #expect(try hub.database.read { try $0.defaults().settings.endpoint?.description } == "hub.example.org")
        #expect(try browser.get("/setup?token=\(token)").status == 404)
    }

    @Test func `removes the file with the address, whoever makes the admin`() throws {
        let hub = try TestSite(admin: nil)
        let file = hub.folder.appendingPathComponent("setup-url").path
        let token = try hub.database.write { try $0.issueSetupToken(at: World.start).reveal() }
        try hub.database.writeSetupAddress("http://127.0.0.1/setup?token=\(token)")
        hub.site.beat()
        #expect(FileManager.default.fileExists(atPath: file))
        let form = ["token": token, "email": "ada@example.org", "password": "green tea at four", "endpoint": "hub.example.org"]
        #expect(try Browsing(hub.site).post("/setup", on: "/setup?token=\(token)", form).status == 303)
        #expect(!FileManager.default.fileExists(atPath: file))
        // Another process made the admin.
        try hub.database.writeSetupAddress("http://127.0.0.1/setup?token=\(token)")
        hub.site.beat()
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test func `does not exist without its token, or once there is an admin`() throws {
        let hub = try TestSite(admin: nil)
        #expect(try Browsing(hub.site).get("/setup").status == 404)
        #expect(try Browsing(TestSite().site).get("/setup?token=x").status == 404)
    }

    @Test func `says what is wrong beside the field and keeps what was typed`() throws {
        let hub = try TestSite(admin: nil)
        let token = try hub.database.write { try $0.issueSetupToken(at: World.start).reveal() }
        let answer = try Browsing(hub.site).post(
            "/setup", on: "/setup?token=\(token)", ["token": token, "email": "ada@example.org", "password": "short", "endpoint": "a b"])
        #expect(answer.status == 422)
        #expect(answer.text.contains("The password has 5 characters. Give at least 12"))
        #expect(answer.text.contains("a b is not an endpoint."))
        #expect(answer.text.contains("value=\"ada@example.org\""))
    }

    @Test func `asks for the address range, and the first devices get addresses in it`() throws {
        let hub = try TestSite(admin: nil)
        let token = try hub.database.write { try $0.issueSetupToken(at: World.start).reveal() }
        let browser = Browsing(hub.site)
        #expect(try browser.get("/setup?token=\(token)").text.contains("name=\"network\" value=\"10.3.2.0/24, fd00::3:2:0/120\""))
        let form = ["token": token, "email": "ada@example.org", "password": "green tea at four", "network": "172.20.0.0/22"]
        #expect(try browser.post("/setup", on: "/setup?token=\(token)", form).location == "/welcome")
        let (made, defaults) = try hub.database.read { try ($0.hub(), $0.defaults().settings) }
        #expect(made.networks.map(\.description) == ["172.20.0.0/22"])
        #expect(made.ipv4?.description == "172.20.0.1")
        #expect(defaults.allowedIPs == made.networks)
        #expect(try browser.post("/welcome", ["first": "nas", "second": "laptop"]).status == 303)
        #expect(try hub.database.read { try $0.devices().compactMap { $0.ipv4?.description } }.sorted() == ["172.20.0.2", "172.20.0.3"])
    }

    @Test(arguments: [
        ("10.3.2.0", "10.3.2.0/32 cannot hold devices."), ("10.3.2.300/24", "10.3.2.300/24 is not an address."),
        ("10.3.2.0/24, 10.4.2.0/24", "10.3.2.0/24 and 10.4.2.0/24 are of the same family."), ("", "Devices need addresses."),
        ("192.168.0.0/16", "192.168.0.0/16 overlaps 192.168.1.0/24, a network of this machine"), ("127.0.0.0/8", "127.0.0.0/8 has addresses of"),
    ])
    func `refuses a range that is not valid, and makes no account`(network: String, message: String) throws {
        let hub = try TestSite(admin: nil)
        hub.world.engine.withLock { $0.hostNetworks = [IPPrefix("192.168.1.0/24")] }
        let token = try hub.database.write { try $0.issueSetupToken(at: World.start).reveal() }
        let form = ["token": token, "email": "ada@example.org", "password": "green tea at four", "network": network]
        let answer = try Browsing(hub.site).post("/setup", on: "/setup?token=\(token)", form)
        #expect(answer.status == 422)
        #expect(answer.text.contains(message))
        #expect(answer.text.contains("name=\"network\" value=\"\(network)\""))
        #expect(try hub.database.read { try $0.isSetupOpen() })
        #expect(try hub.database.read { try $0.hub().networks.count } == 2)
    }

    @Test func `changes nothing if the email address is refused, and accepts the corrected form`() throws {
        let hub = try TestSite(admin: nil)
        let token = try hub.database.write { try $0.issueSetupToken(at: World.start).reveal() }
        let browser = Browsing(hub.site)
        var form = ["token": token, "email": "ada", "password": "green tea at four", "network": "172.20.0.0/22"]
        #expect(try browser.post("/setup", on: "/setup?token=\(token)", form).status == 422)
        #expect(try hub.database.read { try $0.hub().networks.count } == 2)
        form["email"] = "ada@example.org"
        #expect(try browser.post("/setup", on: "/setup?token=\(token)", form).location == "/welcome")
    }

    @Test func `leads an imported hub to its devices`() throws {
        let hub = try TestSite(admin: nil)
        try hub.add("nas")
        let token = try hub.database.write { try $0.issueSetupToken(at: World.start).reveal() }
        let form = ["token": token, "email": "ada@example.org", "password": "green tea at four"]
        #expect(try Browsing(hub.site).post("/setup", on: "/setup?token=\(token)", form).location == "/devices")
    }

    @Test func `suggests the browser's host and the host's addresses with the hub's port, and fills one in`() throws {
        let hub = try TestSite(admin: nil, endpoint: nil)
        hub.world.engine.withLock {
            $0.listen = Endpoint("[::]:4500")
            $0.hostAddresses = ["8.8.4.4", "192.168.1.5"].compactMap { IPAddress($0) }
        }
        let token = try hub.database.write { try $0.issueSetupToken(at: World.start).reveal() }
        let page = try Browsing(hub.site).get("/setup?token=\(token)").text
        #expect(page.contains("name=\"endpoint\" value=\"8.8.4.4:4500\""))
        #expect(page.contains("8.8.4.4:4500 is public: reachable from the Internet"))
        #expect(page.contains(/>192\.168\.1\.5:4500<\/a> <span class="muted">private: reachable from the same network only/))
        let link = try #require(page.matches(of: /href="(\/setup\?[^"]+)"/).last?.1).replacing("&amp;", with: "&")
        #expect(try Browsing(hub.site).get(String(link)).text.contains("name=\"endpoint\" value=\"192.168.1.5:4500\""))
        let suggestions = EndpointSuggestion.all(HubStatus(), browsed: "hub.example.org")
        #expect(suggestions.map(\.endpoint.description) == ["hub.example.org:51820"])
    }

    @Test func `suggests no address where the hub does not listen`() throws {
        var status = HubStatus(listen: Endpoint("127.0.0.1:4500"), hostAddresses: ["8.8.4.4", "192.168.1.5"].compactMap { IPAddress($0) })
        #expect(EndpointSuggestion.all(status, browsed: "hub.example.org").map(\.endpoint.description) == ["127.0.0.1:4500"])
        status.listen = Endpoint("192.168.1.5:4500")
        let suggestions = EndpointSuggestion.all(status, browsed: "hub.example.org")
        #expect(suggestions.map(\.endpoint.description) == ["hub.example.org:4500", "192.168.1.5:4500"])
    }

    @Test(arguments: [
        ("hub.example.org", "a name"), ("127.0.0.1", "this host only"), ("[::1]", "this host only"), ("0.0.0.0", "not a machine's address"),
        ("ff02::1", "not a machine's address"),
        ("10.1.2.3", "private"), ("100.64.0.1", "private"), ("169.254.1.1", "private"), ("[fd00::1]:51820", "private"), ("fe80::1", "private"),
        ("192.0.2.2", "reserved"), ("203.0.113.9", "reserved"), ("198.18.0.1", "reserved"), ("240.0.0.1", "reserved"), ("2001:db8::1", "reserved"),
        ("8.8.8.8", "public"), ("2001:4860::1", "public"),
    ])
    func `says who can reach an endpoint`(endpoint: String, words: String) throws {
        let reach = EndpointSuggestion(try #require(HostPort(endpoint))).reach
        #expect("\(reach)".hasPrefix(words))
    }
}

@Suite struct `The first two devices` {
    private func add(_ browser: Browsing, _ first: String, _ second: String) throws -> Answer {
        try browser.post("/welcome", ["first": first, "second": second])
    }

    @Test func `are added by one form, and shown with buttons for their files and codes`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let answer = try add(browser, "nas", "laptop")
        #expect(answer.status == 303)
        let page = try browser.get(try #require(answer.location)).text
        for device in try hub.database.read({ try $0.devices() }) {
            let key = try #require(try hub.database.read { try $0.privateKey(ofDevice: device.id) }).revealBase64()
            #expect(!page.contains(key))
            #expect(page.contains("action=\"/devices/\(device.id)/qr\""))
            #expect(page.contains("<section data-device=\"\(device.id)\">"))
            #expect(try browser.download(device).text.contains("PrivateKey = \(key)"))
        }
        #expect(page.contains("class=\"pair linked\""))
        #expect(page.contains("Try it on nas: <code>ping 10.3.2.3</code>"))
        #expect(page.matches(of: /class="state never_seen"/).count == 2)
    }

    @Test func `are linked if the defaults link nothing`() throws {
        let hub = try TestSite()
        try hub.database.change(by: .system, at: World.start) {
            var defaults = try $0.defaults()
            defaults.settings.allowedIPs = []
            try $0.update(defaults)
        }
        let browser = try hub.signedIn()
        #expect(try browser.get(try #require(try add(browser, "nas", "laptop").location)).text.contains("class=\"pair linked\""))
        #expect(try hub.database.read { try $0.devices() }.allSatisfy { $0.overrides.allowedIPs != .inherit })
    }

    @Test func `are both added or neither, with each error beside its field`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let same = try add(browser, "nas", "NAS")
        #expect(same.status == 422)
        #expect(same.text.contains("id=\"second\" name=\"second\" value=\"NAS\" type=\"text\" aria-invalid=\"true\""))
        let empty = try add(browser, "", "")
        #expect(empty.text.contains("Not saved. Fix 2 fields below."))
        #expect(try hub.database.read { try $0.devices() }.isEmpty)
    }

    @Test func `say so if somebody removed their link`() throws {
        let hub = try TestSite()
        let (a, b) = (try hub.add("nas", reaching: []), try hub.add("laptop"))
        let page = try hub.signedIn().get("/welcome/files?first=\(a.id)&second=\(b.id)").text
        #expect(page.contains("class=\"pair\""))
        #expect(page.contains("href=\"/links?a=nas&amp;b=laptop\""))
    }

    @Test func `are asked for only while there is no device`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        #expect(try browser.get("/devices").text.contains("href=\"/welcome\""))
        try hub.add("nas")
        #expect(try browser.get("/welcome").location == "/devices")
        #expect(try browser.get("/welcome/files?first=x&second=y").status == 404)
    }
}
