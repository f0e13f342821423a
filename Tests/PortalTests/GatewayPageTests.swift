// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Testing

@testable import Portal

@Suite struct `The page of the gateway` {
    private let path = "/settings/gateway"

    @Test func `says how to turn it on where it is off`() throws {
        let hub = try TestSite()
        let page = try hub.signedIn().get(path).text
        #expect(page.contains("hairpin serve --tun hairpin0"))
        #expect(!page.contains("Leaves in IPv4 as"))
        let answer = try hub.api(.read).send("GET", "/gateway").json()
        for key in ["tun", "egress4", "egress6", "problem"] { #expect(answer[key] == .null, "\(key)") }
    }

    @Test func `names the addresses with which devices leave, the devices that do, and what is wrong`() throws {
        let hub = try TestSite()
        let everything = try hub.add("laptop", reaching: ["0.0.0.0/0"])
        let sixth = try hub.add("phone", reaching: ["::/0"])
        try hub.add("nas", reaching: ["10.3.2.0/24"])
        hub.world.engine.withLock {
            $0.gateway = Gateway(tun: "hp0", egress4: IPAddress("203.0.113.1"), trouble: .noForwarding(commands: "sysctl x"))
        }
        let page = try hub.signedIn().get(path).text
        #expect(page.contains("<dt>Leaves in IPv4 as</dt><dd><span class=\"mono\">203.0.113.1</span></dd>"))
        #expect(page.contains("<dt>Leaves in IPv6 as</dt><dd><span class=\"muted\">no way out</span></dd>"))
        #expect(page.contains("Run as root: sysctl x"))
        #expect(page.contains("1 device has the whole Internet in its allowed IPs."))
        #expect(page.contains("href=\"/devices/\(everything.id)\"") && !page.contains("href=\"/devices/\(sixth.id)\""))
        let answer = try hub.api(.read).send("GET", "/gateway").json()
        #expect(answer["tun"] == "hp0" && answer["egress4"] == "203.0.113.1" && answer["egress6"] == .null)
    }
}
