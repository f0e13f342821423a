// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Testing

/// The fifth case: a restart loses nothing.
@Suite(.needsLab)
struct `A restart` {
    enum Ending: String, CaseIterable {
        case sigterm = "SIGTERM"
        case kill = "kill -9"
    }

    @Test(arguments: Ending.allCases)
    func `loses nothing, and traffic flows again in under three seconds with idle clients`(ending: Ending) throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let a = try portal.add("A")
            let b = try portal.add("B")
            try portal.edit(a, ["allowed_ips": "10.3.2.3/32"])
            try portal.edit(b, ["allowed_ips": "10.3.2.2/32"])
            let files = try [a, b].map(portal.configuration)
            let machineA = try Client("A", in: lab)
            let machineB = try Client("B", in: lab)
            try machineA.up(files[0])
            try machineB.up(files[1])
            #expect(try machineA.reaches("10.3.2.3"))

            // The machines now say nothing by themselves: their keepalive is 25 s.
            let handshake = try machineA.latestHandshake()
            sleep(.seconds(2))
            switch ending {
            case .sigterm: try hub.stop()
            case .kill: hub.kill()
            }
            let restarted = ContinuousClock.now
            try hub.start()
            #expect(try machineA.reaches("10.3.2.3", within: 10))
            let gap = ContinuousClock.now - restarted
            #expect(gap < .seconds(3), "\(ending.rawValue)")
            print("\(ending.rawValue): traffic flows \(gap) after the restart began")

            #expect(try machineA.latestHandshake() > handshake)
            #expect(try machineB.ping("10.3.2.2").nothingLost)
            #expect(try [a, b].map(portal.configuration) == files)
            // A crash may lose the traffic of the minute that ran.
            guard ending == .sigterm else { return }
            let page = try portal.page("/devices/\(a.id)")
            #expect(page.contains("Last 24 hours: ↓"))
            #expect(page.contains("data-label=\"lasted\""))
        }
    }
}
