// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

extension Client {
    /// Sends random bytes over TCP to another client's tunnel address. Throws unless exactly those bytes arrive.
    func transfer(byteCount: Int, to receiver: Client, at address: String) throws {
        let sent = folder.appendingPathComponent("\(interface).sent")
        let received = folder.appendingPathComponent("\(receiver.interface).received")
        defer { for file in [sent, received] { try? FileManager.default.removeItem(at: file) } }
        var generator = SystemRandomNumberGenerator()
        let bytes = Data((0..<byteCount / 8).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } })
        try bytes.write(to: sent)

        let host = address.contains(":") ? "[\(address)]" : address
        let listen = address.contains(":") ? "TCP6-LISTEN" : "TCP-LISTEN"
        let listener = try BackgroundProcess(
            "\(receiver.name)-listener",
            receiver.namespace.words(["socat", "-u", "\(listen):7000,bind=\(host)", "CREATE:\(received.path)"]), folder: folder)
        try namespace.expect(["timeout", "60", "socat", "-u", "FILE:\(sent.path)", "TCP:\(host):7000,retry=20,interval=0.1"])
        try wait("\(receiver.name) to have received everything") { listener.isRunning ? nil : true }
        let arrived = try Data(contentsOf: received)
        guard arrived == bytes else {
            throw LabError("\(name) sent \(bytes.count) bytes, \(receiver.name) received \(arrived.count), and they differ")
        }
    }
}
