// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Support
import Testing

@Suite struct `A hint about a list` {
    private let device = Device.sample("nas", 2, routes: ["192.168.7.0/24"])
    private let gateway = Device.sample("gateway", 3, routes: ["192.168.9.0/24"])

    private func hints(_ entries: String..., besides others: [Device] = []) -> [ListHint] {
        let overview = Overview.sample([device, gateway] + others)
        return ListHints(device, among: overview.devices, hub: overview.hub, now: overview.now).allowedIPs(entries)
    }

    @Test(arguments: [
        ("10.3.2.43/24", "10.3.2.43/24 is saved as 10.3.2.0/24, the network around 10.3.2.43.", ["10.3.2.0/24", "10.3.2.43/32"]),
        ("10.3.2.2", "10.3.2.2/32 belongs to this device itself, so it need not list it.", [""]),
        ("192.168.7.0/24", "192.168.7.0/24 belongs to this device itself, so it need not list it.", [""]),
        ("10.3.2.77", "No device has the address 10.3.2.77.", [""]),
        ("172.20.0.0/16", "No device has 172.20.0.0/16 behind it. If one does, add it to the routes of that device.", [""]),
        ("224.0.0.0/8", "224.0.0.0/8 is part of 224.0.0.0/4, which is for special uses. The hub never forwards packets there.", [""]),
        ("0.0.0.0/0", "This hub has no Internet exit. The device would lose its Internet connection.", ["10.3.2.0/24", ""]),
        ("128.0.0.0/1", "This hub has no Internet exit. The device would lose its Internet connection.", ["10.3.2.0/24", ""]),
        ("2000::/3", "This hub has no Internet exit. The device would lose its Internet connection.", ["fd00::3:2:0/120", ""]),
    ])
    func `says what is wrong with an entry, and what to write instead`(entry: String, message: String, corrections: [String]) {
        let found = hints(entry)
        #expect(found.map(\.message.description) == [message])
        #expect(found.first?.entry == entry)
        #expect(found.first?.corrections == corrections)
    }

    @Test func `names repetitions and entries inside others`() {
        #expect(
            hints("10.3.2.3/32", "10.3.2.0/24", "10.3.2.3").map(\.message.description) == [
                "10.3.2.3/32 is inside 10.3.2.0/24, which is in the list too.", "10.3.2.3/32 is in the list twice.",
            ])
    }

    @Test(arguments: ["10.3.2.0/24", "10.3.2.3", "10.3.2.1", "192.168.9.0/24", "192.168.9.4/32", "192.168.0.0/16", "10.3.2.0/28", "gateway"])
    func `is not given about an entry that somebody has`(entry: String) {
        #expect(hints(entry).isEmpty)
    }

    @Test func `is not given about the whole Internet if a device is an exit`() {
        let exit = Device.sample("exit", 9, routes: ["0.0.0.0/0"])
        #expect(hints("0.0.0.0/0", besides: [exit]).isEmpty)
        #expect(!hints("::/0", besides: [exit]).isEmpty)
        #expect(!hints("0.0.0.0/0", besides: [.sample("exit", 9, enabled: false, routes: ["0.0.0.0/0"])]).isEmpty)
    }

    @Test func `is none about what a hub with a way out reaches`() {
        let overview = Overview.sample([device, gateway])
        func hints(_ way: Fleet.Gateway?) -> [String] {
            ListHints(device, among: overview.devices, hub: overview.hub, gateway: way, now: overview.now)
                .allowedIPs(["0.0.0.0/0", "198.51.100.0/24", "::/0", "10.3.2.99"]).map(\.entry)
        }
        #expect(hints(nil) == ["0.0.0.0/0", "198.51.100.0/24", "::/0", "10.3.2.99"])
        #expect(hints(Gateway(tun: "hp0", egress4: IPAddress("203.0.113.1"))) == ["::/0", "10.3.2.99"])
    }

    @Test func `about a route is only given for host bits`() {
        let overview = Overview.sample([device, gateway])
        let hints = ListHints(device, among: overview.devices, hub: overview.hub, now: overview.now).routes(["192.168.7.4/24", "10.0.0.0/8"])
        #expect(hints.map(\.corrections) == [["192.168.7.0/24", "192.168.7.4/32"]])
    }
}
