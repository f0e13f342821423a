// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Testing

/// Other things that stock clients do (Documentation/protocol.md section 18).
@Suite(.needsLab)
struct `Stock clients` {
    @Test func `use a preshared key, and without it get no session`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let device = try portal.add("A")
            let withoutKey = try portal.configuration(of: device)
            let key = try Command.expect(["wg", "genpsk"]).trimmingCharacters(in: .newlines)
            try portal.edit(device, ["preshared_key": key])
            let withKey = try portal.configuration(of: device)
            #expect(withKey.contains("\nPresharedKey = \(key)\n"))

            let machine = try Client("A", in: lab)
            try machine.up(withoutKey)
            #expect(try !machine.reaches("10.3.2.1", within: 2))
            #expect(try machine.latestHandshake() == 0)
            try machine.down()
            try machine.up(withKey)
            #expect(try machine.reaches("10.3.2.1"))
        }
    }

    @Test func `dial the hub over IPv6 and carry both families`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let a = try portal.add("A")
            let b = try portal.add("B")
            try portal.edit(a, ["endpoint": "[\(hub.addresses.v6)]:51820"])
            let machineA = try Client("A", in: lab)
            let machineB = try Client("B", in: lab)
            try machineA.up(portal.configuration(of: a))
            try machineB.up(portal.configuration(of: b))

            #expect(try machineA.reaches("fd00::3:2:1"))
            #expect(try machineA.reaches("10.3.2.3"))
            #expect(try machineB.ping("fd00::3:2:2").nothingLost)
            try machineA.transfer(byteCount: 1_000_000, to: machineB, at: "fd00::3:2:3")
            let endpoint = try API(hub).device(a).status.endpoint ?? ""
            #expect(endpoint.hasPrefix("[\(machineA.nat.outside.v6)]:"))
        }
    }

    @Test func `roam to another address and another port without losing their session`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let api = try API(hub)
            let a = try portal.add("A")
            let b = try portal.add("B")
            let machineA = try Client("A", in: lab)
            let machineB = try Client("B", in: lab)
            try machineA.up(portal.configuration(of: a))
            try machineB.up(portal.configuration(of: b))
            let ping = try machineA.startPing("10.3.2.3")
            try ping.waitForReplies()
            let handshake = try machineA.latestHandshake()

            try machineA.nat.move(to: lab.freeAddresses())
            try ping.waitForReplies(within: .seconds(2))
            try wait("the new address in the API") {
                try api.device(a).status.endpoint?.hasPrefix("\(machineA.nat.outside.v4):") == true ? true : nil
            }

            try machineA.nat.restart(ports: 20_000...20_099)
            try ping.waitForReplies(within: .seconds(2))
            try wait("the new port in the API") {
                try api.device(a).status.endpoint?.hasPrefix("\(machineA.nat.outside.v4):200") == true ? true : nil
            }
            #expect(try machineA.latestHandshake() == handshake)
            #expect(try machineB.ping("10.3.2.2").nothingLost)
        }
    }

    @Test func `accept the downloaded file with wg-quick unchanged`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let machine = try Client("A", in: lab)
            try machine.save(portal.configuration(of: portal.add("A")))
            try machine.namespace.expect(["wg-quick", "up", machine.file.path])
            #expect(try machine.reaches("10.3.2.1"))
            try machine.namespace.expect(["wg-quick", "down", machine.file.path])
        }
    }
}
