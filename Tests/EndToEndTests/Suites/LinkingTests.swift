// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Testing

/// One action in the portal lets two devices reach each other, and undoing it ends that.
@Suite(.needsLab)
struct `Linking by one action` {
    @Test func `edits both sides during running sessions, and is undone as one`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let api = try API(hub)
            let machines = try ["A", "B", "C"].map { name in
                let machine = try Client(name, in: lab)
                try machine.up(portal.configuration(of: portal.add(name)))
                return machine
            }
            let (a, c) = (machines[0], machines[2])
            #expect(try a.reaches("10.3.2.3"))
            #expect(try c.reaches("10.3.2.3"))

            try portal.setDefaults(["allowed_ips_preset": "nothing"])
            let ping = try a.startPing("10.3.2.3")
            #expect(ping.replies(during: .seconds(1)) == 0)
            let generation = try api.status().desiredGeneration
            let handshakes = try machines.map { try $0.latestHandshake() }

            let location = try portal.submit(form: "/links", on: "/links?a=A&b=B", [:])
            #expect(location == "/changes/\(generation + 1)?done=saved")
            try ping.waitForReplies(within: .seconds(2))
            #expect(try c.ping("10.3.2.3", count: 3).nothingCame)

            let change = "/changes/\(generation + 1)"
            try portal.submit(form: "\(change)/revert", on: change, [:])
            #expect(ping.replies(during: .seconds(1)) == 0)
            #expect(try machines.map { try $0.latestHandshake() } == handshakes)
        }
    }
}
