// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Net
import Testing

@testable import Store

struct `A process killed at any moment` {
    @Test(arguments: [7, 40, 90, 160])
    func `leaves everything it had acknowledged and nothing half done`(milliseconds: UInt32) async throws {
        let hub = try TemporaryHub()
        let folder = hub.folder
        let log = hub.temporary.path + "/acknowledged"
        await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String, log = log as String, milliseconds] in
            let database = try Database(folder: folder, migrations: .house(), now: 100)
            let file = open(log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            for number in 0... {
                let device = try database.change(by: .ada, at: 200) {
                    try $0.add(
                        .sample(
                            "device \(number)", ipv4: .none, ipv6: .none,
                            routes: [IPPrefix(IPAddress.v4(IPv4Address(bits: UInt32(number) << 8)), length: 24)!]))
                }
                let line = Array("\(device.id)\n".utf8)
                _ = write(file, line, line.count)
                if number == 0 {
                    Thread.detachNewThread {
                        usleep(milliseconds * 1_000)
                        kill(getpid(), SIGKILL)
                    }
                }
            }
        }
        let acknowledged = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
        let database = try hub.secondDatabase()
        let (devices, generation, broken) = try database.read { try ($0.devices(), $0.generation(), $0.firstBrokenAuditEntry()) }
        #expect(!acknowledged.isEmpty)
        #expect(Set(devices.map(\.id)).isSuperset(of: acknowledged))
        #expect(generation.desired == Int64(devices.count) + 1)
        #expect(broken == nil)
        #expect(try database.read { try $0.connection.first("PRAGMA integrity_check") { try $0.text() } } == "ok")
    }
}
