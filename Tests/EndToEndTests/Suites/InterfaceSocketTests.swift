// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

/// The hub as `wg` sees it (Documentation/protocol.md section 14). It runs as root, because only root may create a socket where `wg` looks for it.
@Suite(.needsLab)
struct `The interface for wg` {
    @Test func `WG-U-1 WG-U-2 is listed, is recreated when its socket is deleted, and is removed with the hub`() throws {
        try Lab.run { lab in
            let name = Lab.interfaceName()
            let socket = "/var/run/wireguard/\(name).sock"
            let hub = try BackgroundProcess(
                "hub",
                [
                    Installation.program, "serve", "--root", Installation.root, "--data", lab.folder.appendingPathComponent("data").path,
                    "--http", "127.0.0.1:0", "--wireguard", "127.0.0.1:0", "--interface", name,
                ], folder: lab.folder)
            lab.atTearDown { hub.kill() }
            try wait("the ready line", upTo: .seconds(20)) { hub.output.contains("ready http=") ? true : nil }
            #expect(try Command.expect(["stat", "-c", "%a %U", socket]) == "600 root\n")
            #expect(try Command.expect(["stat", "-c", "%a", "/var/run/wireguard"]) == "755\n")
            #expect(try interfaces().contains(name))
            let key = try #require(hub.output.firstMatch(of: /public_key=(\S+)/)).1
            #expect(try Command.expect(["wg", "show", name, "public-key"]) == "\(key)\n")

            try FileManager.default.removeItem(atPath: socket)
            #expect(try !interfaces().contains(name))
            try wait("the socket to come back", upTo: .seconds(10)) { FileManager.default.fileExists(atPath: socket) ? true : nil }
            #expect(try Command.expect(["wg", "show", name, "public-key"]) == "\(key)\n")
            #expect(hub.log.contains("was removed and has been recreated"))

            #expect(try hub.stop() == 0)
            #expect(try !interfaces().contains(name))
            #expect(!FileManager.default.fileExists(atPath: socket))
        }
    }

    private func interfaces() throws -> [String] {
        try Command.expect(["wg", "show", "interfaces"]).split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
