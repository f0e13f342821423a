// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

/// Two sites with stock clients as their routers, by the commands of Documentation/networks.md.
@Suite(.needsLab)
struct `Networks behind devices` {
    /// A machine in the network behind a client. Without a default route, it answers only its own network.
    private func machine(behind client: Client, _ network: String, in lab: Lab, hasRoute: Bool) throws -> Namespace {
        let machine = try lab.namespace("\(client.name)-lan")
        try machine.connect("eth0", to: client.namespace, "site")
        try client.namespace.ip("address add \(network).1/24 dev site", "link set site up")
        try machine.ip("address add \(network).10/24 dev eth0", "link set eth0 up")
        if hasRoute { try machine.ip("route add default via \(network).1") }
        return machine
    }

    private func pings(_ machine: Namespace, _ address: String) throws -> Bool {
        try Command.run(machine.words(["ping", "-n", "-c", "1", "-W", "2", address])).status == 0
    }

    /// Runs the commands that the page of a device shows in one of its blocks. Returns them.
    private func follow(_ block: String, of device: PortalClient.Device, _ portal: PortalClient, on client: Client) throws -> [String] {
        let page = try portal.page("/devices/\(device.id)")
        let pattern = try Regex("(?s)<pre class=\"file\" id=\"\(block)\" tabindex=\"0\">(.*?)</pre>")
        guard let text = page.firstMatch(of: pattern)?[1].substring else { throw LabError("no block \(block)") }
        let commands = text.replacing("&#39;", with: "'").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
        try client.namespace.expect(["sh", "-e"], input: commands + "\n")
        return commands.split(separator: "\n").map(String.init)
    }

    @Test func `reach each other, once both sides list them and their routers pass packets on`() throws {
        try Lab.run { lab in
            let manual = try String(contentsOf: Installation.checkout.appendingPathComponent("Documentation/networks.md"), encoding: .utf8)
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let networks = ["Berlin": "192.168.7", "Office": "192.168.20"]
            let devices = try ["Berlin", "Office"].map { name in
                let words = ["device", "add", name, "--routes", "\(networks[name]!).0/24"]
                #expect(manual.contains("    hairpin \(words.joined(separator: " "))\n"))
                let added = try hub.run(words: words)
                #expect(added.status == 0, "\(added)")
                return PortalClient.Device(id: added.output.trimmingCharacters(in: .whitespacesAndNewlines), name: name)
            }
            let overlap = try hub.run("device", "add", "third", "--routes", "192.168.20.128/25")
            #expect(overlap.status != 0 && overlap.errors.contains("a route of Office"), "\(overlap)")
            #expect(try portal.page("/devices/\(devices[0].id)").contains("Office does not list 192.168.7.0/24."))
            #expect(manual.contains("    hairpin link add Berlin Office --routes\n"))
            try hub.command("link", "add", "Berlin", "Office", "--routes")
            #expect(try !portal.page("/devices/\(devices[0].id)").contains("does not list"))

            let clients = try devices.map { device in
                let client = try Client(device.name, in: lab)
                // A machine that is no router yet.
                try client.namespace.set("net.ipv4.ip_forward=0")
                try client.up(portal.configuration(of: device))
                return client
            }
            // Office is the router of its network, and Berlin is only a machine in its own.
            let berlin = try machine(behind: clients[0], "192.168.7", in: lab, hasRoute: false)
            let office = try machine(behind: clients[1], "192.168.20", in: lab, hasRoute: true)
            #expect(try clients[0].reaches("10.3.2.3"))
            let before = try hub.run("doctor", "Berlin", "192.168.20.10")
            #expect(before.status == 1 && before.output.contains("192.168.20.10 behind it does not"), "\(before)")

            for (device, client) in zip(devices, clients) {
                for command in try follow("forwarding", of: device, portal, on: client) { #expect(manual.contains("    \(command)\n")) }
            }
            #expect(try hub.run("doctor", "Berlin", "192.168.20.10").status == 0)
            // Nothing in Berlin knows the way back.
            #expect(try !pings(office, "192.168.7.10"))
            for command in try follow("masquerade", of: devices[0], portal, on: clients[0]) { #expect(manual.contains("      \(command)\n")) }
            #expect(try pings(office, "192.168.7.10"))
            #expect(try !pings(berlin, "192.168.20.10"))
            for network in ["10.3.2.0/24", "192.168.20.0/24"] {
                let words = ["ip", "route", "add", network, "via", "192.168.7.1"]
                #expect(manual.contains("      \(words.joined(separator: " "))\n"))
                try berlin.expect(words)
            }
            #expect(try pings(berlin, "192.168.20.10"))
        }
    }
}
