// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Logging
import Relay

/// The two unix sockets of a serving hub: one for `wg`, one for its own commands. The hub goes on without a socket that it cannot have.
struct ControlSockets {
    /// Where `wg` looks for interfaces (protocol.md U-1).
    private static let folder = "/var/run/wireguard"

    private let servers: [TextServer]

    /// Opens what can be had; a log line says what cannot, and why.
    init(_ engine: Engine, interface: String, data: String, logger: Logger) {
        var servers: [TextServer] = []
        do {
            try Files.makePublicDirectory(Self.folder)
            servers.append(try TextServer(path: "\(Self.folder)/\(interface).sock", name: "uapi") { engine.answer(uapi: $0) })
        } catch let error as Errno where error == .addressInUse {
            logger.warning("another process serves \(Self.folder)/\(interface).sock; for `wg show`, choose another name with --interface")
        } catch {
            logger.notice("no socket for `wg show \(interface)`: \(error)")
        }
        do {
            servers.append(try TextServer(path: Self.path(data: data), name: "control") { engine.answer(control: $0) })
        } catch {
            logger.warning(
                "no control socket at \(Self.path(data: data)), so `hairpin trace` and tests of links from the command line will not work: \(error)")
        }
        self.servers = servers
    }

    /// The socket of the hub's own commands, in its data folder.
    static func path(data: String) -> String { "\(data)/control.sock" }

    /// Removes them.
    func stop() { for server in servers { server.stop() } }
}
