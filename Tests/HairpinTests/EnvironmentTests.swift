// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

@testable import hairpin

/// Every option of `serve`, from the command line, from the environment, and from both. The last option that is parsed, `--aead`, is wrong in
/// each of these runs, so that no hub starts.
struct `An option of serve` {
    /// A valid and an invalid value of each option that has one.
    struct Option: Sendable, CustomTestStringConvertible {
        let name: String
        let good: String
        let bad: String
        var isList = false
        var testDescription: String { name }
        var variable: String { "HAIRPIN_" + name.uppercased().replacing("-", with: "_") }
    }

    static let all = [
        Option(name: "http", good: "127.0.0.1:0", bad: "here"), Option(name: "wireguard", good: "127.0.0.1:0", bad: "51820"),
        Option(name: "endpoint", good: "hub.example.org", bad: "a b"), Option(name: "network", good: "10.9.0.0/24", bad: "fd00::/64"),
        Option(name: "network6", good: "fd00:9::/64", bad: "10.9.0.0/24"), Option(name: "workers", good: "256", bad: "0"),
        Option(name: "workers", good: "1", bad: "257"),
        Option(name: "interface", good: String(repeating: "a", count: 15), bad: String(repeating: "a", count: 16)),
        Option(name: "interface", good: "wg_=+.-0", bad: ".."), Option(name: "host-name", good: "hub.example.org", bad: "hub/x", isList: true),
        Option(name: "trusted-proxy", good: "192.0.2.1/32", bad: "proxy", isList: true), Option(name: "network6", good: "off", bad: "none"),
        Option(name: "tun", good: "hairpin0", bad: "a/b"),
    ]

    private let program: Program

    init() throws { program = try Program() }

    private func serve(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Program.Result {
        try program.runAlone(["serve", "--data", program.data, "--root", Program.root] + arguments + ["--aead", "none"], environment: environment)
    }

    @Test(arguments: all)
    func `is taken from the command line and from the environment`(option: Option) throws {
        for result in [try serve(["--\(option.name)", option.good]), try serve([], [option.variable: option.good])] {
            #expect(result.status == 64)
            #expect(result.error.hasPrefix("hairpin: --aead: “none” is not valid."), "\(result.error)")
        }
    }

    @Test(arguments: all)
    func `that is wrong ends with 64 and names its place`(option: Option) throws {
        let given = try serve(["--\(option.name)", option.bad])
        #expect(given.status == 64)
        #expect(given.error.hasPrefix("hairpin: --\(option.name): “\(option.bad)” is not valid. Example: "), "\(given.error)")
        let found = try serve([], [option.variable: option.bad])
        #expect(found.status == 64)
        #expect(
            found.error.hasPrefix("hairpin: \(option.isList ? "--\(option.name)" : option.variable): “\(option.bad)” is not valid."), "\(found.error)"
        )
        #expect(!FileManager.default.fileExists(atPath: program.data))
    }

    @Test(arguments: all)
    func `on the command line beats the environment`(option: Option) throws {
        let result = try serve(["--\(option.name)", option.good], [option.variable: option.bad])
        #expect(result.error.hasPrefix("hairpin: --aead: “none” is not valid."), "\(result.error)")
        let wrong = try serve(["--\(option.name)", option.bad], [option.variable: option.good])
        #expect(wrong.error.hasPrefix("hairpin: --\(option.name): “\(option.bad)” is not valid."), "\(wrong.error)")
    }

    @Test func `may be a list, with commas in the environment`() throws {
        let result = try serve([], ["HAIRPIN_TRUSTED_PROXY": "192.0.2.1/32,proxy"])
        #expect(result.error.hasPrefix("hairpin: --trusted-proxy: “proxy” is not valid."), "\(result.error)")
    }

    @Test func `that needs another one says which`() throws {
        #expect(try serve(["--proxy-protocol"]).error == "hairpin: --proxy-protocol needs the address of the proxy: give --trusted-proxy too.\n")
        #expect(try serve([], ["HAIRPIN_PROXY_PROTOCOL": "1"]).error.hasPrefix("hairpin: --proxy-protocol needs the address of the proxy"))
        #expect(try serve(["--tls-key", "k"]).error == "hairpin: HTTPS needs both: give --tls-certificate FILE and --tls-key FILE.\n")
        #expect(try serve([], ["HAIRPIN_HTTP_REDIRECT": "[::]:80"]).error.hasPrefix("hairpin: --http-redirect needs HTTPS"))
    }

    @Test func `that does not exist is wrong usage`() throws {
        let result = try program.runAlone(["serve", "--no-such-option"])
        #expect(result.status == 64)
        #expect(result.error.contains("--no-such-option"))
        #expect(result.error.contains("See `hairpin --help`."))
    }
}

/// The switches, which have no value to be wrong.
struct `A switch of serve` {
    private typealias Setting = (name: String, variable: String, value: KeyPath<ServeSettings, Bool>)

    private static let all: [(name: String, variable: String)] = [
        ("no-gso", "HAIRPIN_NO_GSO"), ("no-gro", "HAIRPIN_NO_GRO"), ("no-icmp", "HAIRPIN_NO_ICMP"), ("keep-ttl", "HAIRPIN_KEEP_TTL"),
    ]

    /// The values of all switches, as the engine gets them.
    static func values(_ settings: ServeSettings) -> [Bool] {
        [settings.segmentsSent, settings.mergesReceived, settings.sendsICMPErrors, settings.lowersHopLimit]
    }

    @Test(arguments: 0..<4)
    func `turns off what it names and nothing else`(place: Int) throws {
        #expect(try Self.values(ServeSettings(ServeOptions.parse([]))) == [true, true, true, true])
        var expected = [true, true, true, true]
        expected[place] = false
        #expect(try Self.values(ServeSettings(ServeOptions.parse(["--\(Self.all[place].name)"]))) == expected)
    }

    @Test(arguments: 0..<4)
    func `does so from the environment`(place: Int) async throws {
        let variable = Self.all[place].variable
        await #expect(processExitsWith: .success) { [place = place as Int, variable = variable as String] in
            setenv(variable, "1", 1)
            var expected = [true, true, true, true]
            expected[place] = false
            let settings = try ServeSettings(ServeOptions.parse([]))
            #expect(`A switch of serve`.values(settings) == expected)
        }
    }
}
