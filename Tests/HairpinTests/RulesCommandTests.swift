// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

@testable import Store
@testable import hairpin

struct `The rules on the command line` {
    private static let rules = "allow from tag:admins to \"Berlin NAS\" tcp 22 # ssh\nend deny\n"

    private let program: Program

    init() throws {
        program = try Program()
        let database = try DataOptions.parse(["--data", program.data, "--root", Program.root]).open()
        try database.change(by: .system, at: UnixTime(seconds: 1_000)) {
            try $0.makeHub(
                name: "hub", privateKey: .generate(), ipv4Network: IPPrefix("10.3.2.0/24"), ipv6Network: nil,
                defaults: Settings(allowedIPs: [IPPrefix("10.3.2.0/24")!]))
            _ = try $0.add(NewDevice(name: "Berlin NAS", publicKey: PrivateKey.generate().publicKey))
        }
    }

    @Test func `are set from a file or standard input, and listed as they are set`() throws {
        let fromFile = try program.run("rules", "set", program.write(Self.rules, to: "rules"))
        #expect(fromFile.status == 0 && fromFile.output.isEmpty, "\(fromFile.error)")
        #expect(fromFile.error.contains("1 rule decides; nothing else passes"))
        #expect(try program.run("rules", "list").output == Self.rules)
        #expect(try program.run("rules", "set", "-", input: "end allow\n").status == 0)
        #expect(try program.run("rules", "list").output == "end allow\n")
        #expect(try program.run("rules", "list", "--json").output.contains("\"end\":\"allow\""))
    }

    @Test func `stay as they are on a dry run, and when a line is wrong`() throws {
        #expect(try program.run("rules", "set", "--dry-run", "-", input: Self.rules).status == 0)
        let wrong = try program.run("rules", "set", "-", input: "end deny\nallow from x to y\n")
        #expect(wrong.status == 1)
        #expect(wrong.error == "hairpin: Line 2: Nothing may come after the end of the list.\n")
        #expect(try program.run("rules", "list").output == "end allow\n")
    }
}
