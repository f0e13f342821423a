// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

/// A hub with `--tun`, through which devices browse a web server that tells each visitor its address. The server is at 198.51.100.7 and
/// 2001:db8:2::7, behind the hub's default route.
@Suite(.needsLab)
struct `The way to the Internet` {
    private static let server = """
        import http.server, socket
        class Server(http.server.ThreadingHTTPServer):
            address_family = socket.AF_INET6
        class Visitor(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                text = self.client_address[0].encode() + b"\\n" + b"a" * 300000
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            def log_message(self, *ignored): pass
        Server(("::", 80), Visitor).serve_forever()
        """
    private static let sites = ["http://198.51.100.7/", "http://[2001:db8:2::7]/"]

    private func internet(_ lab: Lab) throws -> PublicAddresses {
        let (namespace, addresses) = try lab.publicHost("internet")
        try namespace.ip("address add 198.51.100.7/32 dev lo", "address add 2001:db8:2::7/128 dev lo")
        let server = try BackgroundProcess("internet", namespace.words(["python3", "-c", Self.server]), folder: lab.folder)
        lab.atTearDown { server.kill() }
        return addresses
    }

    private func connect(_ hub: Hub, to internet: PublicAddresses) throws {
        try hub.namespace.ip("route add default via \(internet.v4)", "route add default via \(internet.v6)")
    }

    /// A device that sends everything to the hub, except what goes to the hub itself.
    private func device(_ name: String, _ portal: PortalClient, _ lab: Lab) throws -> Client {
        let device = try portal.add(name)
        try portal.edit(device, ["allowed_ips_source": "custom", "allowed_ips": "0.0.0.0/0, ::/0"])
        let machine = try Client(name, in: lab)
        try machine.namespace.ip("route add 203.0.113.0/24 via 192.168.1.1", "route add 2001:db8:1::/64 via fd00:1::1")
        try machine.up(portal.configuration(of: device))
        return machine
    }

    /// The address that the server saw.
    private func visit(_ site: String, from machine: Client) throws -> String? {
        let page = try Command.run(machine.namespace.words(["curl", "-sS", "--max-time", "10", site]))
        guard page.status == 0, page.output.utf8.count > 300_000 else { return nil }
        return page.output.split(separator: "\n").first.map { String($0).replacing("::ffff:", with: "") }
    }

    @Test func `lets two devices browse with the hub's address, and refuses what a rule forbids`() throws {
        try Lab.run { lab in
            let internet = try internet(lab)
            let hub = try Hub(in: lab, mayChangeNetwork: true, "--tun", "hairpin0")
            let portal = try PortalClient(settingUp: hub, in: lab)
            try connect(hub, to: internet)
            let gateway = try wait("the way out") { try API(hub).status().gateway.flatMap { $0.egress4 != nil && $0.egress6 != nil ? $0 : nil } }
            #expect(gateway.egress4 == hub.addresses.v4 && gateway.egress6 == hub.addresses.v6 && gateway.problem == nil)
            let machines = [try device("A", portal, lab), try device("B", portal, lab)]
            for machine in machines {
                #expect(try visit(Self.sites[0], from: machine) == hub.addresses.v4)
                #expect(try visit(Self.sites[1], from: machine) == hub.addresses.v6)
            }
            // Devices still reach each other, and nobody comes in from outside.
            #expect(try machines[0].ping("10.3.2.3").nothingLost)

            try hub.command("rules", "set", "-", input: "deny from A to internet tcp 80\nend allow\n")
            let answer = try Command.run(machines[0].namespace.words(["curl", "-sS", "--max-time", "5", Self.sites[0]]))
            #expect(answer.status == 7, "\(answer)")
            #expect(try visit(Self.sites[0], from: machines[1]) == hub.addresses.v4)
            try hub.command("rules", "set", "-", input: "deny from A to internet icmp\nend allow\n")
            let ping = try Command.run(machines[0].namespace.words(["ping", "-c", "1", "-W", "5", "198.51.100.7"]))
            #expect(ping.output.contains("Packet filtered"), "\(ping)")
            // Without a route, the hub says so at once.
            try hub.namespace.ip("route delete default")
            try wait("the way to close") { try API(hub).status().gateway?.egress4 == nil ? true : nil }
            let unreachable = try Command.run(machines[1].namespace.words(["ping", "-c", "1", "-W", "5", "198.51.100.7"]))
            #expect(unreachable.output.contains("Host Unreachable"), "\(unreachable)")
            let api = try API(hub, scope: "metrics")
            try wait("the drops by their names") {
                let reasons = Set(try api.metrics().filter { $0.value > 0 }.keys.flatMap { $0.split(separator: "\"") })
                return reasons.isSuperset(of: ["rule_refused", "no_egress"]) ? true : nil
            }
        }
    }

    @Test func `works with a strict firewall after the commands of the documentation, which stay when the hub stops or is killed`() throws {
        try Lab.run { lab in
            let internet = try internet(lab)
            let hub = try Hub(
                in: lab, mayChangeNetwork: true,
                firewall: """
                    table inet filter {
                        chain forward { type filter hook forward priority filter; policy drop; tcp dport 9 counter accept; }
                    }
                    """, "--tun", "hairpin0")
            try connect(hub, to: internet)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let machine = try device("A", portal, lab)
            let problem = try wait("the problem") { try API(hub).status().gateway?.problem }
            #expect(problem.contains("table inet filter, chain forward drops what it does not accept"))
            #expect(try visit(Self.sites[0], from: machine) == nil)

            let text = try String(contentsOf: Installation.checkout.appendingPathComponent("Documentation/gateway.md"), encoding: .utf8)
            let blocks = text.components(separatedBy: "```sh\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
            try #require(blocks.count == 2)
            let script = blocks.joined().replacing("/etc/sysctl.d", with: lab.folder.path)
            try hub.namespace.expect(["sh", "-e"], input: script)
            for site in Self.sites { #expect(try visit(site, from: machine) != nil) }
            try wait("the problem to go") { try API(hub).status().gateway?.problem == nil ? true : nil }

            func rules() throws -> String { try hub.namespace.expect(["nft", "list", "ruleset"]) }
            #expect(try rules().contains("table inet hairpin"))
            let foreign = try hub.namespace.expect(["nft", "list", "table", "inet", "filter"])
            hub.kill()
            try wait("the table to go") { try rules().contains("hairpin {") ? nil : true }
            #expect(try hub.namespace.expect(["nft", "list", "table", "inet", "filter"]) == foreign)
            try hub.start()
            try wait("the page") { try visit(Self.sites[0], from: machine) }
            let after = try hub.namespace.expect(["nft", "list", "table", "inet", "filter"])
            try hub.stop()
            #expect(try rules() == after)
            #expect(after == foreign)
        }
    }
}
