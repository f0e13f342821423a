// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Testing

@testable import Portal

@Suite struct `Networks behind a device, on its page` {
    @Test func `come with commands, and with a link that adds them to each linked device`() throws {
        let hub = try TestSite()
        let (router, laptop) = (try hub.add("router"), try hub.add("laptop"))
        let browser = try hub.signedIn()
        #expect(try !browser.get("/devices/\(router.id)").text.contains("Networks behind it"))
        try hub.database.change(by: .system, at: World.start) {
            var edited = try $0.device(router.id)
            edited.routes = ["192.168.7.0/24"]
            try $0.update(edited)
        }
        let page = try browser.get("/devices/\(router.id)").text
        #expect(page.contains("<pre class=\"file\" id=\"forwarding\" tabindex=\"0\">sysctl -w net.ipv4.ip_forward=1</pre>"))
        #expect(page.contains("ip saddr != 192.168.7.0/24 ip daddr 192.168.7.0/24 masquerade</pre>"))
        let fix = "/links?a=laptop&amp;b=router&amp;routes=on"
        #expect(page.contains("laptop does not list 192.168.7.0/24.</span> <a href=\"\(fix)\">Add it to laptop</a>"))

        let form = try browser.get(fix.replacing("&amp;", with: "&")).text
        #expect(form.contains("name=\"routes\" value=\"on\" checked"))
        let values = ["do": "link", "a": "laptop", "b": "router", "routes": "on"]
        #expect(try browser.post("/links", on: "/links", values).status == 303)
        let list = try hub.database.read { try $0.device(laptop.id).settings(over: $0.defaults()).allowedIPs }
        #expect(list.contains("192.168.7.0/24"))
        #expect(try !browser.get("/devices/\(router.id)").text.contains("does not list"))
    }
}
