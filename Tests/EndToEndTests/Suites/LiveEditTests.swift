// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Testing

/// The fourth case: a change in the portal is in the engine at once.
@Suite(.needsLab)
struct `A live edit` {
    @Test func `stops and resumes a running ping, and no other pair notices`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let api = try API(hub)
            let pairs = ["A": "10.3.2.3/32", "B": "10.3.2.2/32", "C": "10.3.2.5/32", "D": "10.3.2.4/32"]
            var devices: [String: PortalClient.Device] = [:]
            var machines: [String: Client] = [:]
            for (name, partner) in pairs.sorted(by: { $0.key < $1.key }) {
                let device = try portal.add(name)
                try portal.edit(device, ["allowed_ips": partner])
                let machine = try Client(name, in: lab)
                try machine.up(portal.configuration(of: device))
                devices[name] = device
                machines[name] = machine
            }
            let a = try #require(machines["A"])
            let c = try #require(machines["C"])
            let deviceA = try #require(devices["A"])

            let edited = try a.startPing("10.3.2.3")
            let untouched = try c.startPing("10.3.2.5")
            try edited.waitForReplies()
            try untouched.waitForReplies()
            let handshakes = try machines.mapValues { try $0.latestHandshake() }
            let generation = try api.status().desiredGeneration

            try portal.edit(deviceA, ["allowed_ips": ""])
            #expect(edited.replies(during: .seconds(1)) == 0)
            let status = try api.status()
            #expect(status.desiredGeneration == generation + 1)
            #expect(status.appliedGeneration == generation + 1)
            #expect(try HTMLForm.text(of: portal.page("/status")).contains("desired \(generation + 1), applied \(generation + 1)"))

            try portal.edit(deviceA, ["allowed_ips": "10.3.2.3/32"])
            try edited.waitForReplies(within: .seconds(1))
            #expect(try api.status().appliedGeneration == generation + 2)

            let calm = try untouched.stop()
            #expect(calm.nothingLost && calm.sent > 15, "\(calm)")
            #expect(try machines.mapValues { try $0.latestHandshake() } == handshakes)
        }
    }
}
