// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Testing

/// Stock clients that ask the hub for names, with BIND's dig (Documentation/names.md).
@Suite(.needsLab)
struct `Names of devices` {
    /// What dig prints about one question to the hub's IPv4 address, or to another one.
    private func dig(_ machine: Client, _ words: String..., at server: String = "10.3.2.1") throws -> String {
        try Command.run(machine.namespace.words(["dig", "@\(server)", "+tries=3", "+time=2"] + words)).output
    }

    private func short(_ machine: Client, _ words: String..., at server: String = "10.3.2.1") throws -> String {
        try Command.run(machine.namespace.words(["dig", "@\(server)", "+short", "+tries=3", "+time=2"] + words)).output
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test func `have answers for those who reach the device, and others see in dig what is missing`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            try portal.submit(form: "/settings/defaults", on: "/settings/defaults", ["dns": "hub"])
            let devices = try ["Berlin NAS", "Büro", "third"].map { try portal.add($0) }
            let machines = try zip(["A", "B", "C"], devices).map { name, device in
                let machine = try Client(name, in: lab)
                let file = try portal.configuration(of: device)
                #expect(file.contains("\nDNS = 10.3.2.1, fd00::3:2:1, hairpin.internal\n"))
                try machine.up(file)
                #expect(try machine.reaches("10.3.2.1"))
                return machine
            }
            let (a, b, c) = (machines[0], machines[1], machines[2])
            #expect(try short(b, "berlin-nas.hairpin.internal") == "10.3.2.2")
            #expect(try short(b, "berlin-nas.hairpin.internal", "AAAA") == "fd00::3:2:2")
            #expect(try short(a, "buero.hairpin.internal", at: "fd00::3:2:1") == "10.3.2.3")
            #expect(try short(a, "-x", "10.3.2.3") == "buero.hairpin.internal.")
            #expect(try short(a, "-x", "fd00::3:2:2") == "berlin-nas.hairpin.internal.")
            #expect(try short(a, "hairpin.internal", "NS") == "hub.hairpin.internal.")
            // The name as somebody might type it, and BIND's own check of mixed case.
            #expect(try dig(a, "BerLIN-nas.HairPin.internal").contains("BerLIN-nas.HairPin.internal. 60\tIN\tA\t10.3.2.2"))

            // C only lists B, B lists everything.
            try portal.edit(devices[2], ["allowed_ips": "10.3.2.3/32, 10.3.2.1/32"])
            let refused = try dig(c, "berlin-nas.hairpin.internal")
            #expect(refused.contains("status: REFUSED"))
            #expect(refused.contains("EDE: 18 (Prohibited)") && refused.contains("your allowed IPs do not hold berlin-nas"), "\(refused)")
            #expect(try dig(a, "third.hairpin.internal").contains("third does not list you in its allowed IPs"))
            #expect(try short(c, "buero.hairpin.internal") == "10.3.2.3")

            let unknown = try dig(a, "nobody.hairpin.internal")
            #expect(unknown.contains("status: NXDOMAIN") && unknown.contains("SOA"))
            #expect(try dig(a, "example.org").contains("EDE: 20 (Not Authoritative)"))
            // Without EDNS, with an unknown version of it, and over TCP.
            #expect(try dig(a, "+noedns", "berlin-nas.hairpin.internal").contains("10.3.2.2"))
            #expect(try dig(a, "+edns=1", "+noednsneg", "berlin-nas.hairpin.internal").contains("status: BADVERS"))
            #expect(try dig(a, "+tcp", "berlin-nas.hairpin.internal").contains("refused"))

            // Renamed, the old name is gone and the new one is there.
            try portal.edit(devices[0], ["name": "Keller"])
            try wait("the new name") { try short(b, "keller.hairpin.internal") == "10.3.2.2" ? true : nil }
            #expect(try dig(b, "berlin-nas.hairpin.internal").contains("status: NXDOMAIN"))
            let doctor = try hub.run("doctor", "Büro", "keller.hairpin.internal").output
            #expect(doctor.contains("Büro finds Keller by its name: The name is keller.hairpin.internal."), "\(doctor)")
        }
    }
}
