// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Testing

/// The first case: the admin links two machines.
@Suite(.needsLab)
struct `One to one` {
    @Test func `two machines behind NATs exchange traffic both ways`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let a = try portal.add("A")
            let b = try portal.add("B")
            try portal.edit(a, ["allowed_ips": "10.3.2.3/32", "persistent_keepalive": "25"])
            try portal.edit(b, ["allowed_ips": "10.3.2.2/32", "persistent_keepalive": "25"])

            let fileA = try portal.configuration(of: a)
            #expect(fileA.contains("\nAddress = 10.3.2.2/32, fd00::3:2:2/128\n"))
            #expect(fileA.contains("\nAllowedIPs = 10.3.2.3/32\n"))
            #expect(fileA.contains("\nEndpoint = 203.0.113.1:51820\n"))
            #expect(fileA.contains("\nPersistentKeepalive = 25\n"))
            let fileB = try portal.configuration(of: b)
            #expect(fileB.contains("\nAddress = 10.3.2.3/32, fd00::3:2:3/128\n"))
            #expect(fileB.contains("\nAllowedIPs = 10.3.2.2/32\n"))

            let machineA = try Client("A", in: lab)
            let machineB = try Client("B", in: lab)
            try machineA.up(fileA)
            try machineB.up(fileB)
            #expect(try machineA.reaches("10.3.2.3"))
            #expect(try machineA.ping("10.3.2.3").nothingLost)
            #expect(try machineB.ping("10.3.2.2").nothingLost)
            try machineA.transfer(byteCount: 4_000_000, to: machineB, at: "10.3.2.3")
            try machineB.transfer(byteCount: 4_000_000, to: machineA, at: "10.3.2.2")
        }
    }

    @Test func `a link that only one side lists passes nothing`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let a = try portal.add("A")
            let b = try portal.add("B")
            try portal.edit(b, ["allowed_ips": "10.3.2.1/32"])

            let machineA = try Client("A", in: lab)
            let machineB = try Client("B", in: lab)
            try machineA.up(portal.configuration(of: a))
            try machineB.up(portal.configuration(of: b, widenedTo: "10.3.2.0/24"))
            #expect(try machineA.reaches("10.3.2.1"))
            #expect(try machineB.reaches("10.3.2.1"))
            #expect(try machineA.ping("10.3.2.3").nothingCame)
            #expect(try machineB.ping("10.3.2.2").nothingCame)
        }
    }
}
