// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Testing

/// A hub with `--tun`: its host takes part in the tunnel.
@Suite(.needsLab)
struct `The host in the tunnel` {
    @Test func `reaches devices and is reached, by ping, web and bulk data, in both families`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab, mayChangeNetwork: true, "--tun", "hp0")
            let portal = try PortalClient(settingUp: hub, in: lab)
            let (a, b) = (try portal.add("A"), try portal.add("B"))
            let machineA = try Client("A", in: lab)
            let machineB = try Client("B", in: lab)
            try machineA.up(portal.configuration(of: a))
            try machineB.up(portal.configuration(of: b))
            for address in ["10.3.2.1", "fd00::3:2:1"] { #expect(try machineA.reaches(address)) }

            // A web server on the host, opened from a device.
            try hub.serve(lab, at: ["10.3.2.1", "fd00::3:2:1"])
            for host in ["10.3.2.1", "[fd00::3:2:1]"] {
                let page = try machineA.namespace.expect(["curl", "-sS", "--max-time", "10", "http://\(host):8000/large"])
                #expect(page.utf8.count == 3_000_000)
            }
            // One on a device, opened from the host.
            let file = lab.folder.appendingPathComponent("small")
            try "from a device".write(to: file, atomically: true, encoding: .utf8)
            let server = try BackgroundProcess(
                "device-web", machineB.namespace.words(["socat", "TCP-LISTEN:8000,reuseaddr,fork", "OPEN:\(file.path),rdonly"]), folder: lab.folder)
            defer { server.kill() }
            #expect(try hub.namespace.expect(["socat", "-u", "TCP4:10.3.2.3:8000,retry=20,interval=0.1", "-"]) == "from a device")
            for address in ["10.3.2.2", "fd00::3:2:3"] {
                #expect(try Command.run(hub.namespace.words(["ping", "-c", "2", "-i", "0.2", "-W", "3", address])).status == 0)
            }
            // Devices still reach each other, and not through the host.
            #expect(try machineA.ping("10.3.2.3").nothingLost)
            let status = try API(hub).status()
            #expect(status.gateway?.tun == "hp0")
            #expect(status.gateway?.problem == nil)
        }
    }

    @Test func `sees nothing of a device that does not list the hub`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab, mayChangeNetwork: true, "--tun", "hp0")
            let portal = try PortalClient(settingUp: hub, in: lab)
            let a = try portal.add("A")
            try portal.edit(a, ["allowed_ips_source": "custom", "allowed_ips": "10.3.2.9/32"])
            let machine = try Client("A", in: lab)
            let file = try portal.configuration(of: a)
            try machine.up(file)
            // The owner widens the file by hand.
            try machine.namespace.ip("route replace 10.3.2.0/24 dev \(machine.interface)")
            try machine.reload(file.replacing("10.3.2.9/32", with: "10.3.2.0/24"))
            try hub.serve(lab, at: ["10.3.2.1"])
            let result = try Command.run(machine.namespace.words(["curl", "-sS", "--max-time", "5", "http://10.3.2.1:8000/large"]))
            #expect(result.status == 7, "\(result)")
            #expect(try Command.run(hub.namespace.words(["ping", "-c", "1", "-W", "1", "10.3.2.2"])).status != 0)
        }
    }

    @Test func `a stop and kill -9 leave nothing behind, and the next start takes over`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab, mayChangeNetwork: true, "--tun", "hp0")
            let portal = try PortalClient(settingUp: hub, in: lab)
            let a = try portal.add("A")
            let machine = try Client("A", in: lab)
            try machine.up(portal.configuration(of: a))
            #expect(try machine.reaches("10.3.2.1"))
            func links() throws -> String { try hub.namespace.expect(["ip", "-o", "address", "show"]) }
            #expect(try links().contains("inet 10.3.2.1/24 scope global hp0"))
            hub.kill()
            try wait("the interface to go") { try links().contains("hp0") ? nil : true }
            try hub.start()
            #expect(try machine.reaches("10.3.2.1", within: 20))
            try hub.stop()
            #expect(try !links().contains("hp0"))

            // One that stays, with an address of an earlier run.
            try hub.namespace.ip("tuntap add dev hp0 mode tun multi_queue", "address add 10.99.0.1/24 dev hp0")
            try hub.start()
            #expect(try links().contains("inet 10.3.2.1/24 scope global hp0"))
            #expect(try !links().contains("10.99.0.1"))
            #expect(try machine.reaches("10.3.2.1", within: 20))
            // Somebody takes the address away.
            try hub.namespace.ip("address delete 10.3.2.1/24 dev hp0")
            try wait("the address to return") { try links().contains("inet 10.3.2.1/24 scope global hp0") ? true : nil }
            try hub.stop()
            #expect(try links().contains("10.3.2.1") == false)
        }
    }

    @Test func `without the right to change the network, the hub says which commands are missing`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab, mayUseTUN: true)
            try hub.stop()
            let refused = try hub.run(serving: ["--tun", "hp0"])
            #expect(refused.status == 1)
            #expect(refused.errors.contains("ip tuntap add dev hp0 mode tun user nobody multi_queue"))
            try hub.namespace.ip("tuntap add dev hp0 mode tun user nobody multi_queue")
            try hub.start(with: ["--tun", "hp0", "--egress", "off"])
            let problem = try wait("the problem") { try API(hub).status().gateway?.problem }
            #expect(problem.contains("ip link set hp0 up mtu 1420 && ip address add"))
            let commands = try #require(problem.split(separator: ": ").last).split(separator: " && ")
            for command in commands { try hub.namespace.expect(command.split(separator: " ").map(String.init)) }
            try wait("the problem to go") { try API(hub).status().gateway?.problem == nil ? true : nil }
            let portal = try PortalClient(settingUp: hub, in: lab)
            let machine = try Client("A", in: lab)
            try machine.up(portal.configuration(of: portal.add("A")))
            #expect(try machine.reaches("10.3.2.1"))
        }
    }
}

extension Hub {
    /// A web server of the host at these addresses, port 8000, with a file of three million bytes.
    fileprivate func serve(_ lab: Lab, at addresses: [String]) throws {
        let folder = lab.folder.appendingPathComponent("web")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(repeating: 0x61, count: 3_000_000).write(to: folder.appendingPathComponent("large"))
        for address in addresses {
            let server = try BackgroundProcess(
                "web-\(address)",
                namespace.words(["python3", "-m", "http.server", "8000", "--bind", address, "--directory", folder.path]), folder: lab.folder)
            lab.atTearDown { server.kill() }
            let host = address.contains(":") ? "[\(address)]" : address
            try wait("the web server") {
                try Command.run(namespace.words(["curl", "-s", "-o", "/dev/null", "http://\(host):8000/"])).status == 0 ? true : nil
            }
        }
    }
}
