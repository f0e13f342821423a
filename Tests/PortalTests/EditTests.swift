// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

/// The values that the edit form would send unchanged.
private func form(_ browser: Browsing, _ path: String) throws -> [String: String] {
    let text = try browser.get(path).text
    var values: [String: String] = [:]
    for input in text.matches(of: /<input id="[a-z0-9_]+" name="([a-z0-9_]+)" value="([^"]*)"/) { values[String(input.1)] = String(input.2) }
    for radio in text.matches(of: /type="radio" name="([a-z_]+)" value="([a-z]+)" checked/) { values[String(radio.1)] = String(radio.2) }
    for area in text.matches(of: /<textarea id="[a-z_]+" name="([a-z_]+)"[^>]*>\n([^<]*)</) { values[String(area.1)] = String(area.2) }
    for hidden in text.matches(of: /name="((?:hub_)?revision)" value="(\d+)"/) { values[String(hidden.1)] = String(hidden.2) }
    return values
}

@Suite struct `Editing a device` {
    @Test func `sets own values and returns to the defaults`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let path = "/settings/\(device.id)/edit"
        var values = try form(browser, path)
        values["name"] = "berlin-nas"
        values["allowed_ips_source"] = "custom"
        values["allowed_ips"] = "10.3.2.3, 192.168.7.0/24\nfd00::3:2:3"
        values["persistent_keepalive_source"] = "custom"
        values["persistent_keepalive"] = ""
        values["mtu_source"] = "custom"
        values["mtu"] = "1280"
        values["routes"] = "172.16.0.0/16"
        values["expires_at"] = "2028-02-29 12:00"
        let answer = try browser.post(path, values)
        #expect(answer.location == "/devices/\(device.id)?change=\(device.revision + 1)&done=saved")
        let edited = try hub.device(device.id)
        #expect(edited.name == "berlin-nas")
        #expect(edited.overrides.allowedIPs == .own(["10.3.2.3/32", "192.168.7.0/24", "fd00::3:2:3/128"].compactMap { IPPrefix($0) }))
        #expect(edited.overrides.persistentKeepalive == .own(0))
        #expect(edited.overrides.mtu == .own(1280))
        #expect(edited.overrides.dns == .inherit)
        #expect(edited.routes == [IPPrefix("172.16.0.0/16")])
        #expect(edited.expiresAt?.iso == "2028-02-29T12:00:00Z")

        var back = try form(browser, path)
        #expect(back["allowed_ips"] == "10.3.2.3/32, 192.168.7.0/24, fd00::3:2:3/128")
        back["allowed_ips_source"] = "default"
        back["mtu_source"] = "default"
        #expect(try browser.post(path, back).status == 303)
        #expect(try hub.device(device.id).overrides == Overrides(persistentKeepalive: .own(0)))
    }

    @Test func `lets routes overlap only when the box is checked, and both pages say so`() throws {
        let hub = try TestSite()
        let (nas, tower) = (try hub.add("nas"), try hub.add("tower"))
        let browser = try hub.signedIn()
        let path = "/settings/\(tower.id)/edit"
        let values = try form(browser, path).merging(["routes": "10.3.2.0/28"]) { $1 }
        let refused = try browser.post(path, values)
        #expect(refused.status == 422)
        #expect(refused.text.contains("10.3.2.0/28 covers 10.3.2.2, the address of nas. Give a smaller range, or allow the overlap."))
        #expect(try browser.post(path, values.merging(["allow_overlap": "on"]) { $1 }).status == 303)
        for device in [nas, tower] {
            #expect(
                try browser.get("/devices/\(device.id)").text.contains("The route 10.3.2.0/28 of tower covers 10.3.2.2/32, which belongs to nas."))
        }
    }

    @Test func `sets tags, and refuses invalid ones`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let path = "/settings/\(device.id)/edit"
        #expect(try browser.post(path, form(browser, path).merging(["tags": "Field, berlin\tfield"]) { $1 }).status == 303)
        #expect(try hub.device(device.id).tags.map(\.description) == ["berlin", "field"])
        #expect(try form(browser, path)["tags"] == "berlin, field")
        let answer = try browser.post(path, form(browser, path).merging(["tags": "a/b"]) { $1 })
        #expect(answer.status == 422)
        #expect(answer.text.contains("a/b is not a tag."))
    }

    @Test func `with an unchanged form changes nothing`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas", reaching: ["10.3.2.3/32"], routes: ["192.168.7.0/24"])
        let browser = try hub.signedIn()
        let path = "/settings/\(device.id)/edit"
        #expect(try browser.post(path, form(browser, path)).status == 303)
        #expect(try hub.device(device.id) == device)
    }

    @Test func `with invalid input says why beside each field, keeps all that was typed and saves nothing`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let path = "/settings/\(device.id)/edit"
        var values = try form(browser, path)
        for (name, value) in [
            ("name", "n\r\nPostUp = x"), ("allowed_ips", "10.3.2.300"), ("persistent_keepalive", "65536"), ("mtu", "100"), ("dns", "a b/c"),
            ("endpoint", "hub.example.org:0"), ("ipv4", "10.3.2.0/24"), ("routes", "10.0.0.0/33"), ("expires_at", "2027-02-30"),
        ] { values[name] = value }
        for name in SettingName.allCases { values[name.rawValue + "_source"] = "custom" }
        let answer = try browser.post(path, values)
        #expect(answer.status == 422)
        for message in [
            "10.3.2.300 is not an address. An IPv4 address has four numbers", "65536 is not a number of seconds",
            "b/c is neither an address nor a name",
            "hub.example.org:0 is not an endpoint", "10.3.2.0/24 is a network. Write one address", "10.0.0.0/33 is not a network",
            "2027-02-30 is not a date", "An MTU of 100 does not work.", "The name contains the invisible character U+000D.",
            "Not saved. Fix 9 fields below.",
        ] { #expect(answer.text.contains(message), "\(message)") }
        #expect(answer.text.contains("value=\"10.3.2.0/24\""))
        #expect(answer.text.contains("\n10.3.2.300</textarea>"))
        #expect(try hub.device(device.id) == device)
    }

    @Test func `sets the Table line of wg-quick, like the defaults and the API`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let path = "/settings/\(device.id)/edit"
        let file = { try hub.database.read { try ClientConfig(of: $0.device(device.id), in: $0, hubPort: 51_820).text } }
        #expect(try !file().contains("Table"))
        #expect(try browser.post(path, form(browser, path).merging(["table_source": "custom", "table": "off"]) { $1 }).status == 303)
        #expect(try hub.device(device.id).overrides == Overrides(table: .own(.off)))
        #expect(try file().contains("\nTable = off\n\n[Peer]"))
        #expect(try browser.get("/devices/\(device.id)").text.contains("off: the device makes its own routes"))
        #expect(try browser.post(path, form(browser, path).merging(["table": "main"]) { $1 }).text.contains("main is neither auto nor off."))

        let defaults = "/settings/defaults"
        #expect(try browser.post(defaults, form(browser, defaults).merging(["table": "off"]) { $1 }).status == 303)
        #expect(try form(browser, defaults)["table"] == "off")
        let changed = try hub.api(.devices).send("PATCH", "/devices/\(device.id)", ["table": nil]).json()
        #expect(changed["table"] == .null)
        #expect(changed["effective"]?["table"] == "off")
        #expect(try hub.api(.devices).send("PATCH", "/devices/\(device.id)", ["table": "auto"]).json()["table"] == "auto")
        #expect(try !file().contains("Table"))
        let api = try hub.api(.settings)
        #expect(try api.send("PATCH", "/defaults", ["table": "main"]).status == 422)
        #expect(try api.send("PATCH", "/defaults", ["table": nil]).status == 400)
        #expect(try api.send("PATCH", "/defaults", ["table": "auto"]).json()["table"] == "auto")
    }

    @Test func `that somebody else changed answers 409 and shows both`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let path = "/settings/\(device.id)/edit"
        var mine = try form(browser, path)
        #expect(try browser.post(path, mine.merging(["name": "theirs"]) { $1 }).status == 303)
        mine["name"] = "mine"
        let answer = try browser.post(path, mine)
        #expect(answer.status == 409)
        #expect(answer.text.contains("saved now <span class=\"mono\">theirs</span>, yours <span class=\"mono\">mine</span>"))
        #expect(try hub.device(device.id).name == "theirs")
        let revision = try #require(answer.text.firstMatch(of: /name="revision" value="(\d+)"/)?.1)
        mine["revision"] = String(revision)
        #expect(try browser.post(path, mine).status == 303)
        #expect(try hub.device(device.id).name == "mine")
    }

    @Test func `merges what somebody else changed in other fields, and asks only about the same ones`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let path = "/settings/\(device.id)/edit"
        let base = try #require(browser.get(path).text.firstMatch(of: /name="base" value="([^"]+)"/)?.1)
        let opened = try form(browser, path).merging(["base": String(base)]) { $1 }
        let theirs = ["tags": "berlin", "mtu_source": "custom", "mtu": "1280", "description": "theirs"]
        #expect(try browser.post(path, opened.merging(theirs) { $1 }).status == 303)
        // The other person did not touch these two.
        let saved = try browser.post(path, opened.merging(["name": "berlin-nas", "dns_source": "custom", "dns": "9.9.9.9"]) { $1 })
        #expect(saved.location?.hasSuffix("done=merged") == true)
        let merged = try hub.device(device.id)
        #expect(merged.name == "berlin-nas" && merged.tags.map(\.description) == ["berlin"] && merged.description == "theirs")
        #expect(merged.overrides.mtu == .own(1280) && merged.overrides.dns == .own([DNSEntry("9.9.9.9")!]))
        // Only the description was changed by both.
        let asked = try browser.post(path, opened.merging(["description": "mine", "routes": "192.168.7.0/24"]) { $1 })
        #expect(asked.status == 409)
        #expect(asked.text.matches(of: /saved now <span/).count == 1)
        #expect(asked.text.contains("saved now <span class=\"mono\">theirs</span>, yours <span class=\"mono\">mine</span>"))
        #expect(asked.text.contains("name=\"tags\" value=\"berlin\"") && asked.text.contains("\n192.168.7.0/24</textarea>"))
        #expect(try hub.device(device.id) == merged)
    }

    @Test func `sets, keeps and removes a preshared key`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let path = "/settings/\(device.id)/edit"
        for (entry, isSet) in [("new", true), ("", true), ("none", false)] {
            #expect(try browser.post(path, form(browser, path).merging(["preshared_key": entry]) { $1 }).status == 303)
            #expect(try hub.device(device.id).hasPresharedKey == isSet)
        }
    }
}

@Suite struct `Editing the defaults` {
    @Test func `merges what somebody else changed in other fields`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let path = "/settings/defaults"
        let base = try #require(browser.get(path).text.firstMatch(of: /name="base" value="([^"]+)"/)?.1)
        let opened = try form(browser, path).merging(["base": String(base)]) { $1 }
        #expect(try browser.post(path, opened.merging(["allowed_ips_preset": "nothing", "dns": "9.9.9.9"]) { $1 }).status == 303)
        #expect(try browser.post(path, opened.merging(["mtu": "1400"]) { $1 }).location?.hasSuffix("done=merged") == true)
        let settings = try hub.database.read { try $0.defaults() }.settings
        #expect(settings.mtu == 1400 && settings.dns == [DNSEntry("9.9.9.9")!] && settings.allowedIPs.isEmpty)
        let asked = try browser.post(path, opened.merging(["dns": "1.1.1.1", "table": "off"]) { $1 })
        #expect(asked.status == 409 && asked.text.matches(of: /saved now <span/).count == 1)
        #expect(asked.text.contains("name=\"mtu\" value=\"1400\""))
    }

    @Test func `reaches every device that follows them`() throws {
        let hub = try TestSite()
        let follower = try hub.add("nas")
        let browser = try hub.signedIn()
        let values = try form(browser, "/settings/defaults").merging(["persistent_keepalive": "0", "dns": "10.3.2.1, lan.example"]) { $1 }
        #expect(try browser.post("/settings/defaults", values).location?.hasPrefix("/settings/defaults?change=") == true)
        let file = try browser.download(follower).text
        #expect(file.contains("\nDNS = 10.3.2.1, lan.example\n"))
        #expect(!file.contains("PersistentKeepalive"))
    }

    @Test func `sets the address of the portal, with which links begin`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let values = try form(browser, "/settings/defaults")
        for wrong in ["hub.example.org", "ftp://hub.example.org", "https://hub.example.org/devices", "https://ada@hub.example.org", "https://"] {
            let answer = try browser.post("/settings/defaults", values.merging(["portal_url": wrong]) { $1 })
            #expect(answer.status == 422)
            #expect(answer.text.contains("\(wrong) is not an address for a portal."))
        }
        #expect(try browser.post("/settings/defaults", values.merging(["portal_url": "HTTPS://Portal.example.org:8443/"]) { $1 }).status == 303)
        #expect(try form(browser, "/settings/defaults")["portal_url"] == "https://portal.example.org:8443")
        #expect(try hub.site.application.acceptsHost(#require(Authority("portal.example.org")), []))
        let page = "/devices/\(device.id)"
        #expect(try browser.post("\(page)/links", on: page, ["hours": "24"]).status == 303)
        #expect(try browser.get(page).text.contains("https://portal.example.org:8443/hand-over?token="))
        #expect(try browser.post("/settings/defaults", form(browser, "/settings/defaults").merging(["portal_url": ""]) { $1 }).status == 303)
        #expect(try hub.database.read { try $0.hub().portalURL } == nil)
    }

    @Test func `counts the devices that follow and override each default`() throws {
        let hub = try TestSite()
        try hub.add("a")
        try hub.add("b", reaching: [])
        #expect(try hub.signedIn().get("/settings/defaults").text.contains("Followed by 1 · overridden by 1"))
    }

    @Test func `that somebody else changed answers 409 and shows both`() throws {
        let browser = try TestSite().signedIn()
        var mine = try form(browser, "/settings/defaults")
        #expect(try browser.post("/settings/defaults", mine.merging(["mtu": "1400"]) { $1 }).status == 303)
        mine["mtu"] = "1300"
        let answer = try browser.post("/settings/defaults", mine)
        #expect(answer.status == 409)
        #expect(answer.text.contains("saved now <span class=\"mono\">1400</span>, yours <span class=\"mono\">1300</span>"))
    }

    @Test func `keeps an address of the portal that somebody else saved, which belongs to the hub`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        var mine = try form(browser, "/settings/defaults")
        #expect(try browser.post("/settings/defaults", mine.merging(["portal_url": "https://new.example.org"]) { $1 }).status == 303)
        mine["mtu"] = "1390"
        let answer = try browser.post("/settings/defaults", mine)
        #expect(answer.status == 409)
        #expect(answer.text.contains("saved now <span class=\"mono\">https://new.example.org</span>, yours <span class=\"mono\">empty</span>"))
        #expect(try hub.database.read { try $0.hub().portalURL } == "https://new.example.org")
        // The API knows no address of the portal, and a change there keeps it.
        #expect(try hub.api(.settings).send("PATCH", "/defaults", ["mtu": 1400]).status == 200)
        #expect(try hub.database.read { try $0.hub().portalURL } == "https://new.example.org")
        mine["hub_revision"] = String(try #require(answer.text.firstMatch(of: /name="hub_revision" value="(\d+)"/)?.1))
        mine["revision"] = String(try hub.database.read { try $0.defaults().revision })
        #expect(try browser.post("/settings/defaults", mine).status == 303)
    }
}

@Suite struct `Adding a device` {
    @Test func `needs only a name`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let location = try #require(try browser.post("/devices", on: "/devices/new", ["name": "nas", "keep_private_key": "on"]).location)
        let page = try browser.get(location).text
        #expect(page.contains("Added. Give the device its file, and it connects."))
        #expect(!page.contains("PrivateKey = ") && page.contains("Show QR code"))
        let device = try #require(try hub.database.read { try $0.device(named: "nas") })
        #expect(device.ipv4?.description == "10.3.2.2")
        #expect(device.hasPrivateKey)
    }

    @Test func `without keeping the key shows the complete file for ten minutes`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        _ = try browser.post("/devices", on: "/devices/new", ["name": "nas"])
        let device = try #require(try hub.database.read { try $0.device(named: "nas") })
        let file = try browser.download(device).text
        let key = try #require(file.firstMatch(of: /PrivateKey = (.{44})\n/)?.1)
        #expect(PrivateKey(base64: key)?.publicKey == device.publicKey)
        #expect(try hub.signedIn().download(device).text.contains("# PrivateKey = paste"))
        hub.world.advance(seconds: 601)
        let account = try hub.database.read { try $0.accounts()[0].id }
        let now = hub.world.now.withLock { $0 }
        try hub.database.write { for session in try $0.sessions(ofAccount: account, at: now) { try $0.confirmSession(session.id, at: now) } }
        #expect(try browser.download(device).text.contains("# PrivateKey = paste"))
    }

    @Test(arguments: ["", "a\nb", "a\u{202E}b", String(repeating: "x", count: 65)])
    func `refuses an invalid name`(name: String) throws {
        let hub = try TestSite()
        #expect(try hub.signedIn().post("/devices", on: "/devices/new", ["name": name]).status == 422)
        #expect(try hub.database.read { try $0.devices() }.isEmpty)
    }

    @Test func `marks the file as out of date after a change, until it is handed out again`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let (page, edit) = ("/devices/\(device.id)", "/settings/\(device.id)/edit")
        _ = try browser.download(device)
        #expect(try !browser.get(page).text.contains("Out of date"))
        _ = try browser.post(edit, form(browser, edit).merging(["mtu_source": "custom", "mtu": "1280"]) { $1 })
        #expect(try browser.get(page).text.contains("Out of date"))
        #expect(try browser.send("GET", "\(page)/config").status == 405)
        #expect(try browser.get(page).text.contains("Out of date"))
        _ = try browser.download(device)
        #expect(try !browser.get(page).text.contains("Out of date"))
    }

    @Test func `deletes and rotates on separate pages`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        let path = "/devices/\(device.id)/"
        #expect(try browser.post(path + "rotate-key", ["keep_private_key": "on"]).status == 303)
        #expect(try hub.device(device.id).publicKey != device.publicKey)
        #expect(try browser.get(path + "forget-time").text.contains("someone who recorded an old one can send it again"))
        #expect(try browser.post(path + "forget-time").location == "/devices/\(device.id)?done=time_forgotten")
        #expect(try browser.post(path + "delete").location == "/devices?done=removed")
        #expect(try browser.get("/devices/\(device.id)").status == 404)
    }
}
