// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

/// Runs the program PacketPath, which counts in its own process because it replaces malloc.
@Suite struct `The packet path` {
    @Test func `allocates nothing for a packet`() throws {
        let gate = Process()
        gate.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("PacketPath")
        let output = Pipe()
        gate.standardOutput = output
        gate.standardError = output
        try gate.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        gate.waitUntilExit()
        #expect(gate.terminationStatus == 0, "\(text)")
    }
}
