// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Names
import Net
import Store
import Testing

@testable import Portal

@Suite struct `The page of names` {
    private let path = "/settings/names"

    @Test func `lists the names of devices, and shows each on its device's page`() throws {
        let hub = try TestSite()
        let device = try hub.add("Berlin NAS")
        let browser = try hub.signedIn()
        let page = try browser.get(path)
        #expect(page.text.contains("value=\"hairpin.internal\""))
        #expect(page.text.contains("data-copy=\"berlin-nas.hairpin.internal\""))
        #expect(page.text.contains("data-copy=\"hub.hairpin.internal\""))
        #expect(page.text.contains("0 of 1 devices ask this hub for names."))
        #expect(try browser.get("/devices/\(device.id)").text.contains("data-copy=\"berlin-nas.hairpin.internal\""))
        #expect(try browser.get("/status").text.contains("href=\"/settings/names\""))
    }

    @Test func `changes them after a preview, and the change can be undone`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        _ = try browser.post("/settings/defaults", ["dns": "hub"])
        try hub.database.write { try $0.noteConfigFetched(ofDevice: device.id, at: World.start) }
        let fields = ["domain": "VPN.example.org", "records": "cloud = NAS\r\nprinter = 192.168.7.20"]
        let preview = try browser.post(path, fields.merging(["step": "preview"]) { $1 })
        #expect(preview.status == 200)
        #expect(preview.text.contains("Domain: hairpin.internal → vpn.example.org"))
        #expect(preview.text.contains("cloud, printer"))
        #expect(preview.text.contains("nas needs its new file: DNS"))
        #expect(try browser.post(path, fields).status == 303)
        let page = try browser.get(path).text
        #expect(page.contains("cloud = nas\nprinter = 192.168.7.20"))
        #expect(page.contains("data-copy=\"cloud.vpn.example.org\"") && page.contains("1 of 1 devices asks this hub for names."))
        let change = try hub.database.read { try $0.generation().desired }
        #expect(try browser.post("/changes/\(change)/revert", on: "/changes/\(change)").status == 303)
        #expect(try hub.database.read { try $0.hub().naming } == Naming())
    }

    @Test func `keeps what was typed beside its error`() throws {
        let hub = try TestSite()
        let browser = try hub.signedIn()
        let answer = try browser.post(path, ["domain": "my domain", "records": "printer"])
        #expect(answer.status == 422)
        #expect(answer.text.contains("my domain is not a domain.") && answer.text.contains("“printer” is not a name and what it stands for."))
        #expect(answer.text.contains("value=\"my domain\""))
        let reserved = try browser.post(path, ["domain": "home.local"])
        #expect(reserved.status == 422 && reserved.text.contains("Names under local have a meaning of their own."))
    }

    @Test func `without a domain lists none`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas")
        let browser = try hub.signedIn()
        #expect(try browser.post(path, ["domain": ""]).status == 303)
        #expect(try !browser.get(path).text.contains("All names"))
        #expect(try !browser.get("/devices/\(device.id)").text.contains("Name in DNS"))
    }

    @Test func `asks about what somebody else changed too`() throws {
        let hub = try TestSite()
        let answer = try hub.signedIn().post(path, ["domain": "b.example.org", "revision": "0"])
        #expect(answer.status == 409)
        #expect(answer.text.contains("saved now <span class=\"mono\">hairpin.internal</span>, yours <span class=\"mono\">b.example.org</span>"))
    }

    @Test func `is shown to a viewer, who cannot change it`() throws {
        let viewer = try TestSite().signedIn(role: .viewer)
        #expect(try viewer.get(path).text.contains("<fieldset disabled>"))
    }

    @Test func `says on a device's page that its questions do not reach the hub`() throws {
        let hub = try TestSite()
        let device = try hub.add("nas", reaching: ["10.3.2.9/32"])
        let browser = try hub.signedIn()
        let address = "/devices/\(device.id)"
        #expect(try !browser.get(address).text.contains("asks the hub for names"))
        _ = try browser.post("/settings/defaults", ["dns": "hub"])
        #expect(try browser.get(address).text.contains("It asks the hub for names, but its allowed IPs do not hold 10.3.2.1"))
    }
}

@Suite struct `The API of names` {
    @Test func `lists and changes them`() throws {
        let hub = try TestSite()
        let device = try hub.add("Berlin NAS")
        let api = try hub.api(.read, .settings)
        let names = try api.send("GET", "/names")
        let tag = try #require(names.response.fields["ETag"])
        #expect(try names.json()["domain"] == "hairpin.internal")
        #expect(try names.json()["names"]?.array?.last?["name"] == "berlin-nas.hairpin.internal")
        #expect(try names.json()["names"]?.array?.last?["device"] == .string(device.id))
        let changed = try api.send(
            "PATCH", "/names", ["domain": "example.org", "records": ["cloud = Berlin NAS"]], fields: ["If-Match: \(tag)"])
        #expect(changed.status == 200)
        #expect(try changed.json()["records"] == ["cloud = Berlin NAS"])
        #expect(try changed.json()["names"]?.array?.last?["name"] == "cloud.example.org")
        #expect(try api.send("PATCH", "/names", ["domain": .null], fields: ["If-Match: \(tag)"]).status == 412)
        #expect(try api.send("PATCH", "/names", ["domain": .null]).json()["names"] == [])
    }

    @Test func `refuses what is not valid`() throws {
        let api = try TestSite().api(.settings)
        #expect(try api.send("PATCH", "/names", ["records": ["a = 10.0.0.1\nb = 10.0.0.2"]]).status == 400)
        #expect(try api.send("PATCH", "/names", ["records": "a = 10.0.0.1"]).status == 400)
        #expect(try api.send("PATCH", "/names", ["other": 1]).status == 400)
        let answer = try api.send("PATCH", "/names", ["domain": "a b"])
        #expect(answer.status == 422)
        #expect(try answer.json()["errors"]?.array?.first?["field"] == "domain")
    }
}
