// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Testing

/// Why does A not reach B? The portal, the API and the command answer that, with stock clients.
@Suite(.needsLab)
struct `A test of a link` {
    /// What these tests read of `hairpin doctor --json`.
    private struct Doctor: Decodable {
        struct Check: Decodable {
            var name: String
            var ok: Bool?
            var detail: String
        }
        struct Probe: Decodable {
            var into: String
            var outcome: String
            var roundTripMicroseconds: Int?
        }

        var reaches: Bool
        var checks: [Check]
        var firstFailure: String?
        var probes: [Probe]?

        init(_ output: String) throws {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            self = try decoder.decode(Doctor.self, from: Data(output.utf8))
        }
    }

    @Test func `measures both directions, and names the side whose own file excludes the other`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let (a, b) = (try portal.add("A"), try portal.add("B"))
            let (machineA, machineB) = (try Client("A", in: lab), try Client("B", in: lab))
            try machineA.up(portal.configuration(of: a))
            try machineB.up(portal.configuration(of: b))
            #expect(try machineA.reaches("10.3.2.3"))

            let works = try hub.run("doctor", "A", "B", "--json")
            let doctor = try Doctor(works.output)
            #expect(works.status == 0 && doctor.reaches && doctor.firstFailure == nil, "\(works.output)\(works.errors)")
            #expect(doctor.probes?.map(\.into) == ["10.3.2.3", "fd00::3:2:3", "10.3.2.2", "fd00::3:2:2"])
            #expect(doctor.probes?.allSatisfy { $0.outcome == "answered" && (1...1_000_000).contains($0.roundTripMicroseconds ?? 0) } == true)
            sleep(.seconds(1))
            let answer = try portal.post(form: "/reachability", on: "/reachability?from=\(a.id)&to=\(b.id)", [:])
            #expect(answer.status == 200 && HTMLForm.text(of: answer.body).contains("A reaches B"))
            #expect(answer.body.matches(of: /answered in [0-9.]+ ms/).count == 4)
            #expect(answer.body.contains("A ping between them takes about"))

            // The command also reports what the hub drops.
            #expect(try machineA.ping("10.3.2.99", count: 2).nothingCame)
            let shown = try hub.command("device", "show", "A", "--json")
            #expect(shown.contains("\"drops\":[{\"reason\":\"no_route_to_peer\",\"from\":\"A\",\"to\":null,\"count\":2,"), "\(shown)")

            // The owner of B narrows the file on the device; the hub's rules stay as they are.
            let file = try portal.configuration(of: b).replacing(/AllowedIPs = .*/, with: "AllowedIPs = 10.3.2.1/32")
            try machineB.reload(file)
            #expect(try machineA.ping("10.3.2.3", count: 3).nothingCame)
            let fails = try hub.run("doctor", "A", "B", "--json")
            let found = try Doctor(fails.output)
            #expect(fails.status == 1 && found.reaches && found.firstFailure == "probe_into_receiver", "\(fails.output)\(fails.errors)")
            #expect(found.probes?.map(\.outcome) == ["no_answer", "no_answer", "answered", "answered"])
            let page = try portal.post(form: "/devices/\(a.id)/probe", on: "/devices/\(a.id)", ["to": b.id])
            #expect(HTMLForm.text(of: page.body).contains("the file on B does not let A in, or its firewall drops pings."))
            // B itself is online: it still accepts the hub.
            let alone = try portal.post(form: "/devices/\(b.id)/probe", on: "/devices/\(b.id)", ["to": ""])
            #expect(alone.body.contains("10.3.2.1 to 10.3.2.3: answered in"))
        }
    }

    @Test func `uses the rules if no hub runs, and detects a machine that is off`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let (a, b) = (try portal.add("A"), try portal.add("B"))
            let (machineA, machineB) = (try Client("A", in: lab), try Client("B", in: lab))
            try machineA.up(portal.configuration(of: a))
            try machineB.up(portal.configuration(of: b))
            #expect(try machineA.reaches("10.3.2.3"))
            try machineB.down()
            // Its last handshake is too old to prove anything.
            sleep(.seconds(6))
            let off = try Doctor(try hub.run("doctor", "A", "B", "--json").output)
            #expect(off.firstFailure == "receiver_handshake" && off.probes?.first?.outcome == "no_session")
            try hub.stop()
            let rules = try hub.run("doctor", "A", "B")
            #expect(rules.status == 0 && rules.output.contains("A reaches B.") && rules.errors.contains("No hub runs with this data"), "\(rules)")
        }
    }

    /// Runs two machines behind two NATs with the file of one device, both sending. `choice` is what the hub does about copied keys, unless it is
    /// the default.
    private func withCopiedKey(
        _ choice: String? = nil, _ body: (PortalClient, PortalClient.Device, _ machines: [Client]) throws -> Void
    ) throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let device = try portal.add("laptop")
            let file = try portal.configuration(of: device)
            if let choice { _ = try portal.post(form: "/settings/defaults", on: "/settings/defaults", ["copied_key": choice]) }
            let machines = [try Client("first", in: lab), try Client("second", in: lab)]
            let pings = try machines.map { machine in
                try machine.up(file)
                return try machine.startPing("10.3.2.1")
            }
            try body(portal, device, machines)
            for ping in pings { _ = try ping.stop() }
        }
    }

    @Test func `two machines with one key are detected`() throws {
        try withCopiedKey { portal, device, machines in
            try wait("the portal to notice", upTo: .seconds(90), every: .milliseconds(500)) {
                try portal.page("/devices/\(device.id)").contains("Two machines seem to use this key") ? true : nil
            }
            let page = try portal.page("/status")
            #expect(machines.allSatisfy { page.contains("\($0.nat.outside.v4):") })
        }
    }

    @Test func `a copied key serves the first network only, if that was chosen`() throws {
        try withCopiedKey("keep") { portal, device, machines in
            try wait("the hub to refuse the second", upTo: .seconds(120), every: .milliseconds(500)) {
                try portal.page("/status").contains("copied_key") ? true : nil
            }
            #expect(try portal.page("/devices/\(device.id)").contains("The hub serves the network that it knew first"))
            #expect(try machines[0].reaches("10.3.2.1"))
            #expect(try !machines[1].reaches("10.3.2.1"))
        }
    }

    @Test func `a device with a copied key is suspended, if that was chosen`() throws {
        try withCopiedKey("suspend") { portal, device, machines in
            try wait("the hub to suspend it", upTo: .seconds(120), every: .milliseconds(500)) {
                try portal.page("/devices/\(device.id)/live").contains("/devices/\(device.id)/enable") ? true : nil
            }
            let entries = try portal.page("/audit")
            #expect(entries.contains("copied key") && machines.allSatisfy { entries.contains("\($0.nat.outside.v4):") }, "\(entries)")
            for machine in machines { #expect(try !machine.reaches("10.3.2.1")) }
        }
    }

    @Test func `wg show lists the devices, and wg set is refused with the reason`() throws {
        try Lab.run { lab in
            let interface = Lab.interfaceName()
            let hub = try Hub(in: lab, asRoot: true, "--interface", interface)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let device = try portal.add("A")
            let machine = try Client("A", in: lab)
            try machine.up(portal.configuration(of: device))
            #expect(try machine.reaches("10.3.2.1"))
            let lines = try hub.namespace.expect(["wg", "show", interface, "dump"]).split(separator: "\n").map { $0.split(separator: "\t") }
            #expect(try lines.count == 2 && lines[1][0] == machine.namespace.expect(["wg", "show", machine.interface, "public-key"]).dropLast())
            #expect(lines[1][2].hasPrefix("\(machine.nat.outside.v4):") && lines[1][3] == "10.3.2.2/32,fd00::3:2:2/128")
            #expect(Int(lines[1][4]).map { abs($0 - Int(Date.now.timeIntervalSince1970)) < 60 } == true && lines[1][7] == "25")
            #expect(try hub.namespace.expect(["wg", "show", "interfaces"]).split(whereSeparator: \.isWhitespace).contains { $0 == interface })
            let refused = try Command.run(hub.namespace.words(["wg", "set", interface, "listen-port", "1"]))
            #expect(refused.status != 0 && refused.errors.contains("Operation not supported"), "\(refused)")
            try hub.stop()
            #expect(!FileManager.default.fileExists(atPath: "/var/run/wireguard/\(interface).sock"))
        }
    }
}
