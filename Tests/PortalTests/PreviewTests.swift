// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Testing

@testable import Portal

/// The fields of a form as a browser would send them.
private func form(_ page: String) -> [String: String] {
    let text = page[(page.firstRange(of: "<main")?.lowerBound ?? page.startIndex)...]
    var values: [String: String] = [:]
    for input in text.matches(of: /<input[^>]* name="([a-z0-9_]+)" value="([^"]*)"/) where !input.0.contains("radio") && !input.0.contains("checkbox")
    {
        values[String(input.1)] = String(input.2)
    }
    for choice in text.matches(of: /type="(?:radio|checkbox)" name="([a-z_0-9]+)" value="([a-z]+)" checked/) {
        values[String(choice.1)] = String(choice.2)
    }
    for area in text.matches(of: /<textarea id="[a-z_]+" name="([a-z_]+)"[^>]*>\n([^<]*)</) { values[String(area.1)] = String(area.2) }
    values["csrf_token"] = nil
    return values
}

@Suite struct `The preview of an edit` {
    @Test func `says which fields, links, sessions and files it changes, and saves nothing`() throws {
        let hub = try TestSite()
        let (nas, laptop) = (try hub.add("nas"), try hub.add("laptop"))
        try hub.add("silent", reaching: [])
        let browser = try hub.signedIn()
        _ = try browser.download(nas)
        hub.hear(from: nas)
        let path = "/settings/\(nas.id)/edit"
        var values = form(try browser.get(path).text)
        values["allowed_ips_source"] = "custom"
        values["allowed_ips"] = "10.3.2.4"
        values["mtu_source"] = "custom"
        values["mtu"] = "1280"
        values["step"] = "preview"
        let answer = try browser.post(path, values)
        #expect(answer.status == 200)
        for line in [
            "Allowed IPs: default → 10.3.2.4/32", "MTU: default → 1280", "laptop and nas no longer reach each other: nas does not list laptop",
            "No session ends.",
            "nas needs its new file: Allowed IPs, MTU",
        ] { #expect(answer.text.contains(line), "\(line)") }
        #expect(answer.text.contains("\n10.3.2.4</textarea>"))
        #expect(try hub.device(nas.id).overrides == Overrides())
        #expect(try hub.device(laptop.id) == laptop)

        values["enabled"] = "off"
        let disabling = try browser.post(path, values).text
        #expect(disabling.contains("State: enabled → disabled"))
        #expect(disabling.contains("The session of nas ends"))
    }

    @Test func `says that nothing changes if nothing does`() throws {
        let hub = try TestSite()
        let nas = try hub.add("nas")
        let browser = try hub.signedIn()
        let path = "/settings/\(nas.id)/edit"
        let answer = try browser.post(path, form(browser.get(path).text).merging(["step": "preview"]) { $1 })
        #expect(answer.text.contains("Nothing changes."))
    }

    @Test func `shows gained and one-sided links`() throws {
        let hub = try TestSite()
        let nas = try hub.add("nas", reaching: [])
        try hub.add("open")
        try hub.add("shut", reaching: [])
        let browser = try hub.signedIn()
        let path = "/settings/\(nas.id)/edit"
        let values = try form(browser.get(path).text).merging(["allowed_ips": "10.3.2.0/24", "step": "preview"]) { $1 }
        let text = try browser.post(path, values).text
        #expect(text.contains("nas and open reach each other"))
        #expect(text.contains("nas lists shut, but shut does not list nas: nothing passes."))
        #expect(text.contains("No link is lost."))
    }

    @Test func `with invalid input says why beside the field`() throws {
        let hub = try TestSite()
        let nas = try hub.add("nas")
        try hub.add("laptop")
        let browser = try hub.signedIn()
        let path = "/settings/\(nas.id)/edit"
        let answer = try browser.post(path, form(browser.get(path).text).merging(["name": "laptop", "step": "preview"]) { $1 })
        #expect(answer.status == 422)
        #expect(answer.text.contains("laptop has this name already."))
    }

    @Test func `refuses a button that the form does not have`() throws {
        let hub = try TestSite()
        let nas = try hub.add("nas")
        #expect(try hub.signedIn().post("/settings/\(nas.id)/edit", ["step": "explode"]).status == 400)
    }
}

@Suite struct `Picking allowed IPs by device` {
    let hub: TestSite
    let nas: Device
    let gateway: Device
    let browser: Browsing
    var path: String { "/settings/\(nas.id)/edit" }

    init() throws {
        hub = try TestSite()
        nas = try hub.add("nas", reaching: [])
        gateway = try hub.add("office gw", reaching: ["192.168.0.0/16"])
        browser = try hub.signedIn()
    }

    @Test func `adds both directions with one click, and saves them together`() throws {
        let first = try browser.get(path).text
        #expect(first.contains("value=\"pick:\(gateway.id)\""))
        let picked = try browser.post(path, form(first).merging(["step": "pick:\(gateway.id)"]) { $1 })
        #expect(picked.status == 200)
        #expect(picked.text.contains("\n10.3.2.3/32, fd00::3:2:3/128</textarea>"))
        #expect(picked.text.contains("nas and office gw reach each other"))
        #expect(picked.text.contains("Saving adds this device to the list of office gw."))
        #expect(try hub.device(nas.id) == nas)

        #expect(try browser.post(path, form(picked.text)).status == 303)
        #expect(try hub.device(nas.id).overrides.allowedIPs.own == ["10.3.2.3/32", "fd00::3:2:3/128"].map { IPPrefix($0)! })
        #expect(try hub.device(gateway.id).overrides.allowedIPs.own == ["192.168.0.0/16", "10.3.2.2/32", "fd00::3:2:2/128"].map { IPPrefix($0)! })
        let generation = try hub.database.read { try $0.generation().desired }
        #expect(try hub.database.read { try $0.change(generation) }.entries.count == 2)
    }

    @Test func `accepts a typed name in any case, or prefixes`() throws {
        let named = try browser.post(path, form(browser.get(path).text).merging(["add": "OFFICE gw", "both": "off", "step": "add"]) { $1 }).text
        #expect(named.contains("\n10.3.2.3/32, fd00::3:2:3/128</textarea>"))
        #expect(!named.contains("Saving adds this device"))
        let typed = try browser.post(path, form(named).merging(["add": "172.16.0.0/12", "step": "add"]) { $1 }).text
        #expect(typed.contains("\n10.3.2.3/32, fd00::3:2:3/128, 172.16.0.0/12</textarea>"))
        let unknown = try browser.post(path, form(named).merging(["add": "zebra", "step": "add"]) { $1 })
        #expect(unknown.status == 422)
        #expect(unknown.text.contains("“zebra” is neither the name of a device nor an address or a network."))
    }

    @Test func `applies what is left in the field on saving, and asks once more`() throws {
        let answer = try browser.post(path, form(browser.get(path).text).merging(["add": "office gw"]) { $1 })
        #expect(answer.status == 200)
        #expect(answer.text.contains("\n10.3.2.3/32, fd00::3:2:3/128</textarea>"))
        #expect(try hub.device(nas.id) == nas)
    }

    @Test func `removes entries again, and the other direction with them`() throws {
        let picked = try browser.post(path, form(browser.get(path).text).merging(["step": "pick:\(gateway.id)"]) { $1 }).text
        let one = try browser.post(path, form(picked).merging(["step": "drop:10.3.2.3/32"]) { $1 }).text
        #expect(one.contains("\nfd00::3:2:3/128</textarea>"))
        #expect(one.contains("Saving adds this device to the list of office gw."))
        let none = try browser.post(path, form(one).merging(["step": "drop:fd00::3:2:3/128"]) { $1 }).text
        #expect(!none.contains("Saving adds this device"))
        let left = try browser.post(path, form(picked).merging(["step": "leave:\(gateway.id)"]) { $1 }).text
        #expect(!left.contains("Saving adds this device"))
        #expect(left.contains("nas lists office gw, but office gw does not list nas: nothing passes."))
    }
}

@Suite struct `The preview of the defaults` {
    @Test func `counts links and files of the devices that follow them`() throws {
        let hub = try TestSite()
        let devices = try (1...4).map { try hub.add("d\($0)") }
        try hub.add("own", reaching: ["10.3.2.0/24"])
        let browser = try hub.signedIn()
        _ = try browser.download(devices[0])
        let values = try form(browser.get("/settings/defaults").text).merging(["allowed_ips_preset": "nothing", "step": "preview"]) { $1 }
        let text = try browser.post("/settings/defaults", values).text
        #expect(text.contains("Allowed IPs: 10.3.2.0/24, fd00::3:2:0/120 → none: it reaches nothing"))
        #expect(text.contains("and 2 more links"))
        #expect(text.contains("d1 and own no longer reach each other: d1 does not list own"))
        #expect(text.contains("d1 needs its new file: Allowed IPs"))
        #expect(try hub.database.read { try $0.defaults() }.settings.allowedIPs.count == 2)
    }

    @Test func `names devices with their own value, and resets it if asked`() throws {
        let hub = try TestSite()
        let own = try hub.add("own one", reaching: ["10.3.2.9/32"])
        try hub.add("follower")
        let browser = try hub.signedIn()
        let page = try browser.get("/settings/defaults").text
        #expect(page.contains("<a href=\"/settings/\(own.id)/edit#allowed_ips\">own one</a> <span class=\"mono\">10.3.2.9/32</span>"))
        let values = form(page).merging(["clear_allowed_ips": "on"]) { $1 }
        let preview = try browser.post("/settings/defaults", values.merging(["step": "preview"]) { $1 }).text
        #expect(preview.contains("Allowed IPs: 10.3.2.9/32 → default"))
        #expect(preview.contains("follower and own one reach each other"))
        #expect(try browser.post("/settings/defaults", values).status == 303)
        #expect(try hub.device(own.id).overrides == Overrides())
    }

    @Test func `previews the address of the portal, which is the hub's`() throws {
        let browser = try TestSite().signedIn()
        let values = try form(browser.get("/settings/defaults").text).merging(["portal_url": "https://hub.example.org", "step": "preview"]) { $1 }
        let preview = try browser.post("/settings/defaults", values).text
        #expect(preview.contains("Portal:  → https://hub.example.org") || preview.contains("Portal: empty → https://hub.example.org"))
        #expect(!preview.contains("Nothing changes."))
    }

    @Test(arguments: [("tunnel", "10.3.2.0/24, fd00::3:2:0/120"), ("everything", "0.0.0.0/0, ::/0"), ("nothing", "")])
    func `accepts a preset`(preset: String, list: String) throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let values = try form(browser.get("/settings/defaults").text).merging(["allowed_ips_preset": preset]) { $1 }
        #expect(try browser.post("/settings/defaults", values).status == 303)
        #expect(try hub.database.read { try $0.defaults() }.settings.allowedIPs.map(\.description).joined(separator: ", ") == list)
        #expect(try form(browser.get("/settings/defaults").text)["allowed_ips_preset"] == preset)
    }

    @Test func `uses the typed text if the choice was not changed, and refuses both at once`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let values = try form(browser.get("/settings/defaults").text).merging(["allowed_ips": "10.3.2.9"]) { $1 }
        #expect(values["allowed_ips_preset"] == "tunnel")
        #expect(try browser.post("/settings/defaults", values.merging(["allowed_ips_preset": "everything"]) { $1 }).status == 422)
        #expect(try browser.post("/settings/defaults", values).status == 303)
        #expect(try hub.database.read { try $0.defaults() }.settings.allowedIPs == [IPPrefix("10.3.2.9/32")])
    }
}

@Suite struct `A saved change` {
    let hub: TestSite
    let nas: Device
    let browser: Browsing
    var path: String { "/settings/\(nas.id)/edit" }

    init() throws {
        hub = try TestSite()
        nas = try hub.add("nas")
        browser = try hub.signedIn()
    }

    private func save(_ values: [String: String]) throws -> String {
        try #require(try browser.post(path, form(browser.get(path).text).merging(values) { $1 }).location)
    }

    @Test func `has its own page, which undoes it after a preview`() throws {
        let location = try save(["mtu_source": "custom", "mtu": "1280"])
        let page = try #require(try browser.get(location).text.firstMatch(of: /<a href="(\/changes\/\d+)">View or undo/)?.1).description
        let shown = try browser.get(page).text
        #expect(shown.contains("MTU: default → 1280"))
        #expect(shown.contains("MTU: 1280 → default"))
        #expect(try browser.post(page + "/revert", on: page).status == 303)
        #expect(try hub.device(nas.id).overrides == Overrides())
        #expect(try browser.get(page).text.contains("This change cannot be undone. nas has changed since: mtu is now the default or empty."))
        #expect(try browser.post(page + "/revert", on: "/account").status == 409)
        #expect(try browser.get("/audit").text.contains("href=\"\(page)\""))
    }

    @Test func `waits for its confirmation if chosen, says so on every page, and is undone without one`() throws {
        let location = try save(["mtu_source": "custom", "mtu": "1280", "confirm_within": "60"])
        let notice = "A change by ada@example.org will be undone in 1 min unless somebody keeps it."
        #expect(try browser.get(location).text.contains(notice))
        #expect(try browser.get("/devices").text.contains(notice))
        try hub.database.revertUnconfirmed(at: World.start.adding(seconds: 59), moment: .now)
        #expect(try hub.device(nas.id).overrides.mtu == .own(1280))
        try hub.database.revertUnconfirmed(at: World.start.adding(seconds: 60), moment: .now)
        #expect(try hub.device(nas.id).overrides.mtu == .inherit)
        #expect(try !browser.get("/devices").text.contains("unless somebody keeps it"))
    }

    @Test func `is undone automatically by default for users who come through the tunnel`() throws {
        let settings = try hub.database.read { try $0.hub() }
        for (client, choice) in [("10.3.2.2", "60"), ("fd00::3:2:2", "60"), ("127.0.0.1", "0"), ("192.0.2.1", "0")] {
            var inputs = Inputs([:])
            Confirmation.start(&inputs, hub: settings, client: IPAddress(client)!)
            #expect(inputs.text("confirm_within") == choice, "\(client)")
        }
        #expect(try browser.get(path).text.contains("<option value=\"0\" selected>"))
    }

    @Test func `stays if it is confirmed`() throws {
        _ = try save(["mtu_source": "custom", "mtu": "1280", "confirm_within": "60"])
        let page = "/changes/\(try hub.device(nas.id).revision)"
        #expect(try browser.get(page).text.contains("This change awaits confirmation."))
        #expect(try browser.post(page + "/confirm", on: page).location == "\(page)?done=kept")
        try hub.database.revertUnconfirmed(at: World.start.adding(seconds: 3600), moment: .now)
        #expect(try hub.device(nas.id).overrides.mtu == .own(1280))
        #expect(try browser.post(page + "/confirm", on: "/account").status == 404)
    }

    @Test func `does not exist for an unknown number`() throws {
        #expect(try browser.get("/changes/999").status == 404)
        #expect(try browser.get("/changes/first").status == 404)
    }
}

@Suite struct `The matrix` {
    @Test func `is a window of names, filtered by name and tag`() throws {
        let hub = try TestSite()
        for number in 10..<55 { try hub.add("d\(number)") }
        let browser = try hub.signedIn()
        let first = try browser.get("/reachability").text
        #expect(first.matches(of: /<th scope="row"/).count == 40)
        #expect(first.contains("45 devices"))
        let last = try browser.get("/reachability?rows=2&columns=2").text
        #expect(last.matches(of: /<th scope="row"/).count == 5)
        #expect(last.contains("<th scope=\"row\" title=\"d54\">") && last.contains(/<th scope="col" data-id="\w+" title="d50">/))
        #expect(try browser.get("/reachability?q=d1").text.matches(of: /<th scope="row"/).count == 10)
        #expect(try browser.get("/reachability?tag=field").text.contains("No device matches."))
    }

    @Test func `lists one-sided links with their fix, and shows only them if asked`() throws {
        let hub = try TestSite()
        for name in ["a", "b", "c"] { try hub.add(name, reaching: []) }
        try hub.add("open", reaching: ["10.3.2.2/32"])
        let browser = try hub.signedIn()
        let page = try browser.get("/reachability").text
        #expect(page.contains("open lists a, but a does not list open: nothing passes."))
        #expect(page.contains("href=\"/links?a=open&amp;b=a\"") || page.contains("href=\"/links?a=open&b=a\""))
        #expect(page.matches(of: /<td class="out">/).count == 1 && page.matches(of: /<td class="in">/).count == 1)
        #expect(try browser.get("/reachability?only=one-sided").text.matches(of: /<th scope="row"/).count == 2)
    }

    @Test func `weighs less than 60 kB with many devices`() throws {
        let hub = try TestSite()
        for number in 0..<120 { try hub.add("branch-office-\(number)", reaching: number % 2 == 0 ? nil : []) }
        #expect(try hub.signedIn().get("/reachability").text.utf8.count < 60_000)
    }
}

extension Setting {
    fileprivate var own: Value? { if case .own(let value) = self { value } else { nil } }
}
