// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Crypto
import Fleet
import HTTP
import Linux
import Net
import Reconciler
import Relay
import Store
import Words

/// `hairpin device …`: manages devices from the command line. A running hub applies changes before the command ends.
struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device", abstract: "Manage devices.",
        subcommands: [Add.self, List.self, Show.self, Config.self, ForgetTime.self, Remove.self])

    /// The device argument of a command.
    struct Choice: ParsableArguments {
        @Argument(help: "Name or id of the device.")
        var device: String

        func find(_ db: ReadTransaction) throws -> Device { try DeviceCommand.find(device, db) }
    }

    /// Finds a device by name, otherwise by id.
    static func find(_ text: String, _ db: ReadTransaction) throws -> Device { try db.device(named: text) ?? db.device(text) }

    /// `hairpin device add`: adds a device and prints its id.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a device; prints its id.")
        @OptionGroup var data: DataOptions
        @Argument(help: "Its name.")
        var name: String
        @Option(help: "Its public key; without it, the hub makes a key pair and keeps the private key, sealed.")
        var publicKey: String?
        @Option(help: ArgumentHelp("Its tunnel address; the lowest free one by default.", valueName: "address"))
        var ipv4: String?
        @Option(help: ArgumentHelp("Its tunnel address; the lowest free one by default.", valueName: "address"))
        var ipv6: String?
        @Option(help: ArgumentHelp("Networks behind it, with commas.", valueName: "prefixes"))
        var routes: String?
        @Flag(help: "Let its routes cover addresses and routes of other devices, which keep them.")
        var allowOverlap = false
        @Option(help: ArgumentHelp("What it may reach, separated by commas; the default otherwise.", valueName: "prefixes"))
        var allowedIps: String?
        @Option(help: ArgumentHelp("Seconds between keepalives, 0 is off; the default otherwise.", valueName: "seconds"))
        var keepalive: String?
        @Option(help: ArgumentHelp("Words that group it with others, separated by commas.", valueName: "words"))
        var tags: String?
        @OptionGroup var expectations: ExpectationOptions

        func run() throws {
            var overrides = Overrides()
            if let allowedIps { overrides.allowedIPs = .own(try prefixes(allowedIps, "allowed-ips")) }
            if let keepalive {
                guard let seconds = UInt16(keepalive) else {
                    throw Failure.usage("--keepalive: “\(keepalive)” is not valid. Give seconds from 0 to 65535.")
                }
                overrides.persistentKeepalive = .own(seconds)
            }
            var new = NewDevice(
                name: name, tags: try tags.map(readTags) ?? [], publicKey: try publicKey.map(readKey), ipv4: try address(ipv4, "ipv4"),
                ipv6: try address(ipv6, "ipv6"), routes: try routes.map { try prefixes($0, "routes") } ?? [], overrides: overrides)
            new.allowsOverlap = allowOverlap
            let added = new
            let device = try data.change(breaksExpectations: expectations.breakExpectations) { try $0.add(added) }
            StandardStreams.output(device.id)
        }

        private func readKey(_ text: String) throws -> PublicKey {
            guard let key = PublicKey(base64: text) else {
                throw Failure.usage("--public-key: “\(text)” is not a key. Give the 44 characters that `wg pubkey` prints.")
            }
            return key
        }

        private func readTags(_ text: String) throws -> [Tag] {
            try text.split(separator: ",").map { part in
                let word = String(part.drop { $0 == " " })
                guard let tag = Tag(word) else {
                    throw Failure.usage("--tags: “\(word)” is not a tag. Use letters, digits, -, _ and ., at most \(Tag.maximumLength).")
                }
                return tag
            }
        }

        private func address(_ text: String?, _ name: String) throws -> NewDevice.Address {
            guard let text else { return .lowestFree }
            guard let address = IPAddress(text) else { throw Failure.usage("--\(name): “\(text)” is not an address.") }
            return .own(address)
        }

        private func prefixes(_ text: String, _ option: String) throws -> [IPPrefix] {
            try text.split(separator: ",").map { part in
                let trimmed = String(part.drop { $0 == " " })
                guard let prefix = IPPrefix(trimmed) else {
                    throw Failure.usage("--\(option): “\(trimmed)” is not an address range. Example: 10.3.2.3/32.")
                }
                return prefix
            }
        }
    }

    /// `hairpin device list`: lists all devices.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all devices.")
        @OptionGroup var data: DataOptions
        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let database = try data.open()
            let (devices, defaults) = try explaining { try database.read { (try $0.devices(), try $0.defaults()) } }
            Listing.print(devices.map { DeviceCommand.row($0, defaults) }, json: json)
        }
    }

    /// `hairpin device show`: shows a device's settings and its state in a running hub.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one device, and its dropped packets while a hub runs.")
        @OptionGroup var data: DataOptions
        @OptionGroup var choice: Choice
        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let database = try data.open()
            let (device, devices, settings) = try explaining {
                try database.read { db in
                    let device = try choice.find(db)
                    return (device, try db.devices(), DeviceCommand.row(device, try db.defaults()))
                }
            }
            let names = Dictionary(devices.map { ($0.publicKey, $0.name) }) { first, _ in first }
            let live = LiveDevice(try report(on: device), names: names)
            if json {
                let object = JSON.object((settings + live.row + [("drops", live.drops)]).map { ($0.name, $0.value) })
                Listing.print(object)
            } else {
                Listing.print((settings + live.row).map { [("", .string($0.name)), $0] }, json: false)
                if !live.dropRows.isEmpty { Listing.print(live.dropRows, json: false) }
            }
        }

        /// The state of a device in the running hub; nil if no hub is running.
        private func report(on device: Device) throws -> PeerReport? {
            guard let hub = try? HubClient(data: try data.data) else { return nil }
            return try hub.report(on: device)
        }
    }

    /// `hairpin device config`: writes the device's `wg-quick` file to standard output.
    struct Config: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print a device's file for wg-quick.")
        @OptionGroup var data: DataOptions
        @OptionGroup var choice: Choice
        @Flag(help: "Count the file as installed on the device, so that it is not marked as out of date.")
        var installed = false
        @Option(
            help: ArgumentHelp(
                "The same as for serve: its port completes an endpoint that names none. (default: the hub's)", valueName: "host:port"))
        var wireguard: String?

        func run() throws {
            let database = try data.open()
            let port = try hubPort(database)
            let text = try explaining {
                try database.write { db in
                    let device = try choice.find(db)
                    try db.recordHandOut(ofDevice: device.id, by: .commandLine, at: UnixTime.now())
                    if installed { try db.noteConfigFetched(ofDevice: device.id, at: UnixTime.now()) }
                    return try ClientConfig(of: device, in: db, hubPort: port).text
                }
            }
            StandardStreams.output(lines: String(text.dropLast()))
        }

        /// The port of the option; otherwise of the running hub; otherwise the one that a hub used last.
        func hubPort(_ database: Database) throws -> UInt16 {
            if OptionValue.text(wireguard, "wireguard") == nil {
                if let hub = try? HubClient(data: data.data), let port = try? hub.wireguardPort() { return port }
                if let port = try explaining({ try database.read { try $0.lastWireGuardPort() } }) { return port }
            }
            return try ServeSettings.wireguard(wireguard).port
        }
    }

    /// `hairpin device forget-time`: lets the hub accept handshakes older than the newest one.
    struct ForgetTime: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "forget-time", abstract: "Accept a device whose clock was ahead once; its session starts over.",
            discussion: """
                The hub refuses handshakes that are older than the newest one. Forgetting that time lets a device with a corrected clock in \
                again. Until its next handshake, someone who recorded an old one can send it again and cut the device off for a while.
                """)
        @OptionGroup var data: DataOptions
        @OptionGroup var choice: Choice

        func run() throws {
            let database = try data.open()
            let name = try explaining {
                try database.change(by: .commandLine, at: UnixTime.now()) { db in try db.forgetTime(ofDevice: choice.find(db).id).name }
            }
            StandardStreams.error("The time of the last handshake of \(name) is forgotten.")
        }
    }

    /// `hairpin device remove`: removes a device and ends its session.
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a device; its session ends.")
        @OptionGroup var data: DataOptions
        @OptionGroup var choice: Choice
        @OptionGroup var expectations: ExpectationOptions

        func run() throws {
            let name = try data.change(breaksExpectations: expectations.breakExpectations) { db in
                let device = try choice.find(db)
                try db.removeDevice(device.id)
                return device.name
            }
            StandardStreams.error("\(name) is removed.")
        }
    }

    /// The fields of a device, named as in the API.
    static func row(_ device: Device, _ defaults: Defaults) -> Listing.Row {
        let settings = device.settings(over: defaults)
        return [
            ("id", .string(device.id)), ("name", .string(device.name)), ("tags", .array(device.tags.map { .string($0.description) })),
            ("enabled", .bool(device.enabled)),
            ("ipv4", device.ipv4.map { .string($0.description) } ?? .null), ("ipv6", device.ipv6.map { .string($0.description) } ?? .null),
            ("public_key", .string(device.publicKey.base64)),
        ] + [.allowedIPs, .persistentKeepalive].map { (name: SettingName) in (name.rawValue, name.json(in: settings)) }
    }
}
