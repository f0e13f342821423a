// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Testing

/// The third case: a keepalive for all devices, and its effect.
@Suite(.needsLab)
struct `Keepalive` {
    @Test func `set once on the defaults page applies to every device without a value of its own`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let follower = try portal.add("follower")
            let other = try portal.add("other")
            try portal.edit(other, ["persistent_keepalive": "7"])
            try portal.setDefaults(["persistent_keepalive": "0"])
            #expect(try !portal.configuration(of: follower).contains("PersistentKeepalive"))

            try portal.setDefaults(["persistent_keepalive": "25"])
            #expect(try portal.configuration(of: follower).contains("\nPersistentKeepalive = 25\n"))
            #expect(try portal.configuration(of: other).contains("\nPersistentKeepalive = 7\n"))
        }
    }

    @Test func `set on the defaults page is in the engine at once`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            try portal.setDefaults(["persistent_keepalive": "0"])
            let device = try portal.add("A")
            let machine = try Client("A", in: lab)
            try machine.up(portal.configuration(of: device))
            #expect(try machine.reaches("10.3.2.1"))

            var before = try machine.receivedBytes()
            sleep(.seconds(3))
            #expect(try machine.receivedBytes() == before)

            try portal.setDefaults(["persistent_keepalive": "1"])
            before = try machine.receivedBytes()
            sleep(.seconds(3))
            // A keepalive has 32 bytes. The device's file has not changed, so the bytes come from the hub.
            #expect(try machine.receivedBytes() >= before + 2 * 32)
        }
    }

    @Test func `keeps an idle device reachable through a NAT that forgets, and without it the device is lost`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let kept = try portal.add("kept")
            let silent = try portal.add("silent")
            let observer = try portal.add("observer")
            try portal.edit(kept, ["persistent_keepalive": "1"])
            try portal.edit(silent, ["persistent_keepalive": ""])

            let keptMachine = try Client("kept", in: lab, udpTimeout: 3)
            let silentMachine = try Client("silent", in: lab, udpTimeout: 3)
            let observerMachine = try Client("observer", in: lab)
            try observerMachine.up(portal.configuration(of: observer))
            try keptMachine.up(portal.configuration(of: kept))
            try silentMachine.up(portal.configuration(of: silent))
            #expect(try observerMachine.reaches("10.3.2.2"))
            #expect(try silentMachine.reaches("10.3.2.4"))
            #expect(try observerMachine.ping("10.3.2.3", count: 3).nothingLost)

            // Longer than the lifetime of mappings, shorter than the 10 s after which a peer sends a passive keepalive.
            sleep(.seconds(5))
            #expect(try observerMachine.ping("10.3.2.3", count: 3).nothingCame)
            #expect(try observerMachine.ping("10.3.2.2").nothingLost)

            #expect(try silentMachine.reaches("10.3.2.4"))
            #expect(try observerMachine.ping("10.3.2.3", count: 3).nothingLost)
        }
    }
}
