// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Fleet
import HTTP
import Linux
import Net
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
    @Argument(help: "Name or id of the device that should be reached, an address, or a name of the hub's domain.")
    var to: String
    @Option(help: "An address behind the second device.")
    var address: String?
    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let database = try data.open()
        let stopped = HubStatus(problem: "No hub runs with this data.")
        let before: Overview = try explaining { try database.read { db in try db.overview(status: stopped, now: UnixTime.now()) } }
        let question: Doctor.Question = try explaining { try database.read { db in try self.question(db, before) } }
        let found = try askHub(question, before.defaults)
        let doctor = try explaining {
            try database.read { db in
                let remembered = (found?.status ?? stopped).remembering(try db.observations(), of: try db.devices().map(\.publicKey))
                return Doctor(question, in: try db.overview(status: remembered, now: .now()), test: found?.test)
            }
        }
        if json {
            Listing.print(doctor.json)
        } else {
            show(doctor, withHub: found != nil)
        }
        if doctor.firstFailure != nil { throw ExitCode.failure }
    }

    private func question(_ db: ReadTransaction, _ overview: Overview) throws -> Doctor.Question {
        let from = try DeviceCommand.find(from, db)
        let typed = try address.map { text in
            guard let address = IPAddress(text) else { throw Failure.usage("--address: “\(text)” is not an address.") }
            return address
        }
        let named = overview.names.entry(named: to)
        let target = IPAddress(to) ?? (named?.device == nil ? named?.addresses.first : nil)
        let to = target == nil ? try named?.device.map { try db.device($0) } ?? DeviceCommand.find(self.to, db) : nil
        guard let question = Doctor.Question(from: from, to: to, address: typed ?? target, in: overview) else {
            throw Failure.usage("A link is between two devices. Give two different ones.")
        }
        return question
    }

    /// Asks the running hub; nil if no hub is running.
    private func askHub(_ question: Doctor.Question, _ defaults: Defaults) throws -> (status: HubStatus, test: LinkTest?)? {
        guard let hub = try? HubClient(data: try data.data) else { return nil }
        let echoes = question.echoes(over: defaults)
        let test = echoes.isEmpty ? nil : LinkTest(echoes, try hub.probe(echoes))
        var status = try hub.status(of: [question.from, question.to].compactMap { $0 })
        status.hostAddresses = HostAddresses.current()
        return (status, test)
    }

    private func show(_ doctor: Doctor, withHub: Bool) {
        for check in doctor.checks {
            let mark = check.ok.map { $0 ? "ok     " : "FAILED " } ?? "-      "
            StandardStreams.output("\(mark) \(check.title): \(check.detail)")
        }
        if let failure = doctor.firstFailure {
            StandardStreams.output("The cause: \(failure.detail)")
        } else {
            let target = doctor.address?.description ?? doctor.to?.name ?? ""
            StandardStreams.output("\(doctor.from.name) \(doctor.reaches ? "reaches" : "does not reach") \(target).")
        }
        if !withHub { StandardStreams.error("No hub runs with this data, so the link was not tested; this is what the rules say.") }
    }
}
