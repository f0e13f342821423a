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

            // The devices now send nothing by themselves: their keepalive is 25 s.
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
            // A crash may lose the traffic of the current minute.
            guard ending == .sigterm else { return }
            let page = try portal.page("/devices/\(a.id)")
            #expect(page.contains("Last 24 hours: ↓"))
            #expect(page.contains("data-label=\"lasted\""))
        }
    }

    @Test func `waits for the previous hub, and a second hub on its data folder ends with one line`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            // No port conflicts here, so only the lock of the folder can detect it.
            let elsewhere = try lab.publicHost("elsewhere").namespace
            let words = try [Installation.program, "serve", "--root", Installation.root, "--data", hub.dataFolder]
            let second = try Command.run(elsewhere.words(Installation.user + words))
            #expect(second.status == 1 && second.output.isEmpty, "\(second)")
            #expect(second.errors.split(separator: "\n").count == 1, "\(second.errors)")
            #expect(second.errors.contains("(process \(hub.processID), portal http://127.0.0.1:8080, WireGuard [::]:51820)"), "\(second.errors)")
            // Other commands work beside the first hub, which continues.
            try hub.command("device", "add", "beside")
            try hub.command("backup", hub.dataFolder + "/backup.db")
            try hub.command("restore", hub.dataFolder + "/backup.db")
            #expect(hub.isRunning)

            let successor = try BackgroundProcess("successor", elsewhere.words(Installation.user + words), folder: lab.folder)
            lab.atTearDown { successor.kill() }
            sleep(.seconds(1))
            #expect(successor.output.isEmpty)
            try hub.stop()
            _ = try wait("the ready line of the successor") { successor.output.contains("ready ") ? true : nil }
            #expect(try successor.stop() == 0)
        }
    }
}
