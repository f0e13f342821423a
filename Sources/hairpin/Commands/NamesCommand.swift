// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Fleet
import Linux
import Names
import Net
import Reconciler
import Store
import Words

/// `hairpin names …`: the names that the hub answers for.
struct NamesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "names", abstract: "List and set the names that the hub answers for.", subcommands: [List.self, Set.self])

    /// `hairpin names list`: prints all names with their addresses.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all names with their addresses.")
        @OptionGroup var data: DataOptions
        @Flag(help: "Print JSON, with the settings that the names come from.")
        var json = false

        func run() throws {
            let database = try data.open()
            let status = HubStatus(problem: "No hub runs with this data.")
            let overview: Overview = try explaining { try database.read { db in try db.overview(status: status, now: .now()) } }
            let names = overview.names
            guard !json else {
                return Listing.print(.object(names.jsonMembers(overview.hub.naming) { overview.index[$0]?.name }))
            }
            guard names.domain != nil else { return }
            Listing.print(
                names.entries.map { entry in
                    [
                        ("name", .string(names.name(entry) ?? "")), ("addresses", .array(entry.addresses.map { .string($0.description) })),
                        ("device", .string(entry.device.flatMap { overview.index[$0]?.name } ?? "")),
                    ]
                }, json: false)
        }
    }

    /// `hairpin names set`: changes the domain and the names besides those of devices.
    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Set the domain, and the names besides those of devices.")
        @OptionGroup var data: DataOptions
        @Option(help: ArgumentHelp("The domain of all names. Empty: the hub answers for no names.", valueName: "domain"))
        var domain: String?
        @Option(
            name: .customLong("record"),
            help: ArgumentHelp(
                "A further name, as in 'printer = 192.168.7.20' or 'cloud = Berlin NAS'. Repeat it for each; they replace all that are there.",
                valueName: "name = target"))
        var records: [String] = []
        @Flag(help: "Remove all further names.")
        var noRecords = false

        func validate() throws {
            guard domain != nil || !records.isEmpty || noRecords else { throw ValidationError("Give --domain, --record or --no-records.") }
            guard records.isEmpty || !noRecords else { throw ValidationError("Give --record or --no-records, not both.") }
        }

        func run() throws {
            let (domain, records, noRecords) = (domain, records, noRecords)
            try data.change { transaction in
                var naming = try transaction.hub().naming
                if let domain { naming.domain = try Self.value(of: Entry.domain(domain)) }
                if noRecords { naming.records = [] }
                if !records.isEmpty {
                    naming.records = try Self.value(of: Entry.nameRecords(records.joined(separator: "\n"), among: try transaction.devices()))
                }
                try transaction.setNames(naming)
            }
        }

        private static func value<T>(of reading: Entry.Reading<T>) throws -> T {
            switch reading {
            case .success(let value): return value
            case .failure(let refusal): throw Failure.usage("\(refusal.message)")
            }
        }
    }
}
