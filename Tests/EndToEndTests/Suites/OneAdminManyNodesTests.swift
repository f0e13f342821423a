// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Testing

/// The second case: one admin's machine and the nodes it looks after.
@Suite(.needsLab)
struct `One admin and many nodes` {
    @Test func `the admin reaches every node, and nodes do not reach each other`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let admin = try portal.add("A")
            let nodes = try ["B", "C", "D"].map(portal.add)
            try portal.edit(admin, ["allowed_ips": "10.3.2.3/32, 10.3.2.4/32\n10.3.2.5/32"])
            for node in nodes { try portal.edit(node, ["allowed_ips": "10.3.2.2/32"]) }

            let a = try Client("A", in: lab)
            try a.up(portal.configuration(of: admin))
            // The nodes' owners widen their files by hand, but the hub decides what they reach.
            let machines = try nodes.map { node in
                let machine = try Client(node.name, in: lab)
                try machine.up(portal.configuration(of: node, widenedTo: "10.3.2.0/24"))
                return machine
            }
            let (b, c, d) = (machines[0], machines[1], machines[2])

            for _ in ["by a list", "by a range"] {
                for address in ["10.3.2.3", "10.3.2.4", "10.3.2.5"] { #expect(try a.reaches(address)) }
                for node in [b, c, d] { #expect(try node.ping("10.3.2.2", count: 3).nothingLost) }
                #expect(try b.ping("10.3.2.4", count: 3).nothingCame)
                #expect(try c.ping("10.3.2.3", count: 3).nothingCame)
                #expect(try d.ping("10.3.2.3", count: 3).nothingCame)
                try portal.edit(admin, ["allowed_ips": "10.3.2.0/28"])
            }
        }
    }
}
