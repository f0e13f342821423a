// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Testing

/// The hub as a host among others: what it answers itself, what it tells of its work, and how commands beside it act.
@Suite(.needsLab)
struct `The running hub` {
    @Test func `WG-Q-4 every datagram that the running hub received was accepted or is counted as a drop`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let machines = try ["A", "B"].map { name in
                let machine = try Client(name, in: lab)
                try machine.up(portal.configuration(of: portal.add(name)))
                return machine
            }
            #expect(try machines[0].reaches("10.3.2.3"))
            try machines[0].transfer(byteCount: 1_000_000, to: machines[1], at: "10.3.2.3")
            #expect(try machines[0].ping("10.3.2.99").nothingCame)
            // Strangers send junk, some of it with the shape of a message.
            for text in ["x", "\\x04\\x00\\x00\\x00aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\\x01\\x00\\x00\\x00" + String(repeating: "b", count: 144)] {
                try machines[0].nat.namespace.expect([
                    "bash", "-c", "for i in 1 2 3 4 5; do printf '\(text)' > /dev/udp/\(hub.addresses.v4)/51820; done",
                ])
            }
            let api = try API(hub, scope: "metrics")
            // Nothing is being handled once two looks are the same; the status is up to a second old.
            var (samples, before) = ([String: Int](), [String: Int]())
            try wait("quiet", upTo: .seconds(20)) {
                sleep(.seconds(1))
                (before, samples) = (samples, try api.metrics())
                return samples["hairpin_received_datagrams_total"] == before["hairpin_received_datagrams_total"] ? true : nil
            }
            let received = samples["hairpin_received_datagrams_total"] ?? 0
            let accepted = samples["hairpin_accepted_datagrams_total"] ?? 0
            let dropped = samples.filter { $0.key.hasPrefix("hairpin_dropped_packets_total") && $0.key.contains("direction=\"in\"") }
            #expect(received > 700 && accepted > 700)
            #expect(dropped["hairpin_dropped_packets_total{reason=\"bad_mac1\",direction=\"in\"}"] == 5)
            #expect(dropped["hairpin_dropped_packets_total{reason=\"unknown_index\",direction=\"in\"}"] == 5)
            #expect(received == accepted + dropped.values.reduce(0, +), "\(samples)")
        }
    }

    @Test func `WG-H-22 answers large pings, and refuses connections at once`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let machine = try Client("A", in: lab)
            try machine.up(portal.configuration(of: portal.add("A")))
            for address in ["10.3.2.1", "fd00::3:2:1"] {
                #expect(try machine.reaches(address))
                let ping = try Command.run(machine.namespace.words(["ping", "-n", "-c", "3", "-i", "0.2", "-W", "2", "-s", "8000", address]))
                #expect(ping.output.contains("8008 bytes from \(address)") && ping.status == 0, "\(ping.output)")
                let host = address.contains(":") ? "[\(address)]" : address
                for target in ["TCP:\(host):80", "UDP:\(host):161"] {
                    let begin = ContinuousClock.now
                    // Over UDP, the second line finds the error of the first.
                    let refused = try Command.run(
                        machine.namespace.words(["bash", "-c", "(echo a; sleep 0.5; echo b; sleep 0.5) | timeout 20 socat - \(target)"]))
                    #expect(refused.errors.contains("refused"), "\(target): \(refused)")
                    #expect(ContinuousClock.now - begin < .seconds(5))
                }
            }
        }
    }

    @Test func `applies a device that a command adds before the command ends`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            var times: [Duration] = []
            for number in 0..<10 {
                let begin = ContinuousClock.now
                try hub.command("device", "add", "laptop \(number)")
                times.append(ContinuousClock.now - begin)
                // Null while the engine does not have the device.
                #expect(try hub.command("device", "show", "laptop \(number)", "--json").contains(/"received_bytes": ?0/))
            }
            print("hairpin device add beside a hub: \(times.sorted()[5]), at most \(times.sorted()[9])")
        }
    }

    @Test func `says with which command the kernel allows larger queues, where it allows only small ones`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let limit = try String(contentsOfFile: "/proc/sys/net/core/rmem_max", encoding: .utf8).trimmingCharacters(in: .newlines)
            #expect(hub.log.contains("sysctl -w net.core.rmem_max=16777216") == (Int(limit).map { $0 < 16 << 20 } ?? true))
            try hub.stop()
        }
    }
}
