// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

/// Rules by service with stock clients (Documentation/rules.md).
@Suite(.needsLab)
struct `Rules by service` {
    /// An echo server on TCP port 22 of a client.
    private func serve(_ client: Client, at address: String) throws -> BackgroundProcess {
        try BackgroundProcess(
            "\(client.name)-ssh", client.namespace.words(["socat", "TCP-LISTEN:22,bind=\(address),reuseaddr,fork", "EXEC:cat"]), folder: client.folder
        )
    }

    /// A connection to port 22 that sends a line five times a second and keeps what comes back.
    private func connect(_ client: Client, to address: String) throws -> BackgroundProcess {
        let talk = "while sleep 0.2; do echo tick; done | socat - TCP:\(address):22"
        return try BackgroundProcess("\(client.name)-client", client.namespace.words(["sh", "-c", talk]), folder: client.folder)
    }

    private func answersPort22(_ client: Client, _ address: String) throws -> Bool {
        let words = ["timeout", "3", "socat", "-T", "1", "-", "TCP:\(address):22,connect-timeout=2"]
        return try Command.run(client.namespace.words(words), input: "hello\n").output.contains("hello")
    }

    @Test func `let admins use port 22 and nobody ping, and a connection outlives all edits but the one of its rule`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let (a, b) = (try portal.add("A"), try portal.add("B"))
            try portal.edit(a, ["tags": "admins"])
            let (machineA, machineB) = (try Client("A", in: lab), try Client("B", in: lab))
            try machineA.up(portal.configuration(of: a))
            try machineB.up(portal.configuration(of: b))
            #expect(try machineA.reaches("10.3.2.3") && machineB.reaches("10.3.2.2"))
            let servers = [try serve(machineA, at: "10.3.2.2"), try serve(machineB, at: "10.3.2.3")]
            defer { for server in servers { server.kill() } }
            try wait("the servers") { try answersPort22(machineA, "10.3.2.3") && answersPort22(machineB, "10.3.2.2") ? true : nil }

            let ssh = "allow from tag:admins to any tcp 22"
            try hub.command("rules", "set", "-", input: "\(ssh)\nend deny\n")
            #expect(try hub.command("rules", "list") == "\(ssh)\nend deny\n")
            #expect(try answersPort22(machineA, "10.3.2.3"))
            #expect(try !answersPort22(machineB, "10.3.2.2"))
            #expect(try machineA.ping("10.3.2.3", count: 2).nothingCame)
            #expect(try machineB.ping("10.3.2.2", count: 2).nothingCame)

            let connection = try connect(machineA, to: "10.3.2.3")
            defer { connection.kill() }
            func proceeds() -> Bool {
                let before = connection.output.count
                return (try? wait("more answers", upTo: .seconds(3)) { connection.output.count > before + 10 ? true : nil }) ?? false
            }
            #expect(proceeds())
            // An unrelated edit, and another rule that allows the connection.
            try hub.command("rules", "set", "-", input: "allow from any to any udp 53\n\(ssh)\nend deny\n")
            #expect(proceeds())
            try hub.command("rules", "set", "-", input: "allow from A to B tcp 20-30\nend deny\n")
            #expect(proceeds())
            try hub.command("rules", "set", "-", input: "allow from any to any udp 53\nend deny\n")
            sleep(.milliseconds(500))
            #expect(!proceeds())
            try hub.command("rules", "set", "-", input: "end allow\n")
            #expect(try machineA.reaches("10.3.2.3"))
        }
    }
}
