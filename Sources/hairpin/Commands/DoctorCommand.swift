// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Fleet
import HTTP
import Linux
import Reconciler
import Store
import Words

/// `hairpin doctor`: shows step by step why one device cannot reach another.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Explain why one device does not reach another.",
        discussion: "While the hub runs, it also pings both devices through their tunnels. Exits with 1 when a step failed.")

    @OptionGroup var data: DataOptions
    @Argument(help: "Name or id of the device that sends.")
    var from: String
    @Argument(help: "Name or id of the device that should be reached.")
    var to: String
    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let database = try data.open()
        let ends = try explaining { try database.read { (try DeviceCommand.find(from, $0), try DeviceCommand.find(to, $0)) } }
        guard ends.0.id != ends.1.id else { throw Failure.usage("A link is between two devices. Give two different ones.") }
        let found = try askHub(ends.0, ends.1)
        let doctor = try explaining {
            try database.read { db in
                let status = found?.status ?? HubStatus(problem: "No hub runs with this data.")
                let remembered = status.remembering(try db.observations(), of: [ends.0.publicKey, ends.1.publicKey])
                return Doctor(from: ends.0, to: ends.1, in: try db.overview(status: remembered, now: .now()), test: found?.test)
            }
        }
        if json {
            Listing.print(doctor.json)
        } else {
            show(doctor, withHub: found != nil)
        }
        if doctor.firstFailure != nil { throw ExitCode.failure }
    }

    /// Asks the running hub; nil if no hub is running.
    private func askHub(_ from: Device, _ to: Device) throws -> (status: HubStatus, test: LinkTest)? {
        guard let hub = try? HubClient(data: try data.data) else { return nil }
        let echoes = LinkTest.echoes(between: from, and: to)
        let test = LinkTest(echoes, try hub.probe(echoes))
        return (try hub.status(of: [from, to]), test)
    }

    private func show(_ doctor: Doctor, withHub: Bool) {
        for check in doctor.checks {
            let mark = check.ok.map { $0 ? "ok     " : "FAILED " } ?? "-      "
            StandardStreams.output("\(mark) \(check.title): \(check.detail)")
        }
        if let failure = doctor.firstFailure {
            StandardStreams.output("The first step that failed: \(failure.title).")
        } else {
            StandardStreams.output("\(doctor.from.name) \(doctor.reaches ? "reaches" : "does not reach") \(doctor.to.name).")
        }
        if !withHub { StandardStreams.error("No hub runs with this data, so the link was not tested; this is what the rules say.") }
    }
}
