// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Fleet
import HTTP
import Linux
import Net
import Store
import Words

/// `hairpin link …`: links of devices, also for a time.
struct LinkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link", abstract: "Link devices, also for a time.",
        discussion: "A link with an end is ended by the hub. If no hub runs then, it ends when one starts.",
        subcommands: [Add.self, Remove.self, List.self, Extend.self, End.self])

    /// The devices of both sides, and how much of them is linked.
    struct Pair: ParsableArguments {
        @Argument(help: "Devices: names or ids with commas between them, tag:word, or all.")
        var a: String
        @Argument(help: "The devices that each of them is linked with.")
        var b: String
        @Flag(help: "Include the networks behind the devices.")
        var routes = false

        /// The change, with the devices of this transaction.
        func change(_ db: ReadTransaction, isUnlink: Bool = false) throws -> LinkChange {
            let sides = Sides(try db.devices())
            let read = { (text: String) throws -> [Device] in
                switch sides.read(text) {
                case .success(let devices) where devices.isEmpty: throw Failure.usage("Name at least one device on each side.")
                case .success(let devices): return devices
                case .failure(let refusal): throw Failure.failed("\(refusal.message)")
                }
            }
            return LinkChange(first: try read(a), second: try read(b), isUnlink: isUnlink, extent: LinkPlan.Extent(includesRoutes: routes))
        }
    }

    /// When a link ends.
    struct Ending: ParsableArguments {
        @Option(name: .customLong("for"), help: ArgumentHelp("How long, such as 90m, 2h, 1d or 1w.", valueName: "time"))
        var duration: String?
        @Option(help: ArgumentHelp("Until when, as 2027-01-31 or \"2027-01-31 18:00\", in UTC.", valueName: "date"))
        var until: String?

        private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]

        /// Nil without an end. `start` is when the time of `--for` begins.
        func end(from start: UnixTime) throws -> UnixTime? {
            switch (duration, until) {
            case (nil, nil): return nil
            case (.some, .some): throw Failure.usage("Give either --for or --until.")
            case (.some(let text), nil):
                guard let unit = text.last.flatMap({ Self.units[$0] }), let count = Entry.number(String(text.dropLast())) else {
                    throw Failure.usage("--for: “\(text)” is not valid. Example: 2h.")
                }
                return start.adding(seconds: Int64(count) * unit)
            case (nil, .some(let text)):
                switch Entry.moment(text) {
                case .success(let end): return end
                case .failure(let refusal): throw Failure.usage("--until: \(refusal.message)")
                }
            }
        }
    }

    /// `hairpin link add`: prints the ids of timed links, one on each line.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Link devices; with --for or --until for a time, and print the ids of these links.")
        @OptionGroup var data: DataOptions
        @OptionGroup var pair: Pair
        @OptionGroup var ending: Ending
        @Option(help: ArgumentHelp("Why, for a link with an end; the history shows it.", valueName: "text"))
        var reason: String?
        @OptionGroup var expectations: ExpectationOptions

        func run() throws {
            let end = try ending.end(from: UnixTime.now())
            if end == nil, reason != nil { throw Failure.usage("--reason is for links with an end. Add --for or --until.") }
            let (changed, ids) = try data.change(breaksExpectations: expectations.breakExpectations) { db -> ([Device], [String]) in
                let change = try pair.change(db)
                guard let end else { return (try db.link(change), []) }
                let before = Set(try db.timedLinks().map(\.id))
                let changed = try db.link(change, for: TimedGrant(endsAt: end, reason: reason ?? ""))
                return (changed, try db.timedLinks().map(\.id).filter { !before.contains($0) })
            }
            for id in ids { StandardStreams.output(id) }
            LinkCommand.report(changed)
        }
    }

    /// `hairpin link remove`: unlinks devices.
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Unlink devices.")
        @OptionGroup var data: DataOptions
        @OptionGroup var pair: Pair
        @OptionGroup var expectations: ExpectationOptions

        func run() throws {
            LinkCommand.report(
                try data.change(breaksExpectations: expectations.breakExpectations) { try $0.link(pair.change($0, isUnlink: true)) })
        }
    }

    /// `hairpin link list`: lists the links that have an end.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the links with an end, the one that ends first at the beginning.")
        @OptionGroup var data: DataOptions
        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let database = try data.open()
            let (links, devices) = try explaining { try database.read { (try $0.timedLinks(), try $0.devices()) } }
            let names = Dictionary(devices.map { ($0.id, $0.name) }) { $1 }
            let name = { (id: String) in names[id].map { JSON.string($0) } ?? .null }
            let rows: [Listing.Row] = links.map { link in
                [
                    ("id", .string(link.id)), ("a", name(link.first)), ("b", name(link.second)), ("ends_at", .string(link.endsAt.iso)),
                    ("granted_by", .string(link.grantedBy)), ("asked_by", link.askedBy.map { .string($0) } ?? .null),
                    ("reason", .string(link.reason)),
                ]
            }
            Listing.print(rows, json: json)
        }
    }

    /// `hairpin link extend`: gives a timed link another end.
    struct Extend: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add time to a link with --for, or set its end with --until.")
        @OptionGroup var data: DataOptions
        @Argument(help: "Its id, from the list.")
        var id: String
        @OptionGroup var ending: Ending

        func run() throws {
            let database = try data.open()
            let end = try explaining {
                try database.write { db in
                    guard let end = try ending.end(from: db.timedLink(id).endsAt) else { throw Failure.usage("Give --for or --until.") }
                    try db.setEnd(ofTimedLink: id, to: end, by: .commandLine, at: UnixTime.now())
                    return end
                }
            }
            StandardStreams.error("It ends on \(end.minute) UTC.")
        }
    }

    /// `hairpin link end`: ends a timed link now.
    struct End: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a link with an end now.")
        @OptionGroup var data: DataOptions
        @Argument(help: "Its id, from the list.")
        var id: String
        @OptionGroup var expectations: ExpectationOptions

        func run() throws {
            let name = try data.change(breaksExpectations: expectations.breakExpectations) { db in
                let name = try db.timedLink(id).name
                try db.endTimedLink(id)
                return name
            }
            StandardStreams.error("\(name) is ended.")
        }
    }

    /// Says which lists a change edited.
    private static func report(_ devices: [Device]) {
        guard !devices.isEmpty else { return StandardStreams.error("Nothing changed: it was so already.") }
        StandardStreams.error("Changed the allowed IPs of \(devices.map(\.name).joined(separator: ", ")).")
    }
}
