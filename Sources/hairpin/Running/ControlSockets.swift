// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Logging
import Reconciler
import Relay

/// The two Unix sockets of a running hub: one for `wg` and one for the hub's own commands. If a socket cannot be opened, the hub runs
/// without it.
struct ControlSockets {
    /// The folder where `wg` searches for interfaces (WG-U-1).
    private static let folder = "/var/run/wireguard"

    private struct Socket {
        let path: String
        let name: String
        let answer: @Sendable ([UInt8]) -> [UInt8]?
        var server: TextServer?

        mutating func open() throws(Errno) { server = try TextServer(path: path, name: name, answer: answer) }
    }

    private var uapi: Socket
    private var control: Socket
    private let logger: Logger

    /// Opens both sockets. Logs the reason if one cannot be opened.
    init(_ engine: Engine, interface: String, data: String, logger: Logger) {
        uapi = Socket(path: "\(Self.folder)/\(interface).sock", name: "uapi") { engine.answer(uapi: $0) }
        control = Socket(path: HubClient.path(data: data), name: "control") { engine.answer(control: $0) }
        self.logger = logger
        do {
            try Files.makePublicDirectory(Self.folder)
            try uapi.open()
        } catch let error as Errno where error == .addressInUse {
            logger.warning("another process serves \(uapi.path); for `wg show`, choose another name with --interface")
        } catch {
            logger.notice("no socket for `wg show \(interface)`: \(error)")
        }
        do { try control.open() } catch {
            logger.warning(
                "no control socket at \(control.path), so `hairpin trace` and tests of links from the command line will not work: \(error)")
        }
    }

    /// Recreates a socket that was deleted. Other implementations stop when their socket is deleted (WG-U-2), but a hub has other work
    /// besides answering `wg`.
    mutating func restore() {
        restore(&uapi)
        restore(&control)
    }

    private func restore(_ socket: inout Socket) {
        guard let server = socket.server, !server.isThere else { return }
        server.stop()
        do {
            try socket.open()
            logger.notice("\(socket.path) was removed and has been recreated")
        } catch {
            socket.server = nil
            logger.warning("\(socket.path) was removed and cannot be recreated: \(error)")
        }
    }

    /// Removes the sockets.
    func stop() {
        uapi.server?.stop()
        control.server?.stop()
    }
}
