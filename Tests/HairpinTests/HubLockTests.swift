// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

@testable import hairpin

@Suite struct `The lock of a data folder` {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString)").path

    @Test func `admits one hub, and the error for the next one names it`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let lock = try HubLock(data: folder)
        lock.note("portal http://127.0.0.1:8080, WireGuard [::]:51820")
        let refusal = #expect(throws: Failure.self) { _ = try HubLock(data: folder, patience: .zero) }
        #expect(refusal?.code == 1)
        #expect(
            refusal?.text
                == "A hub is already running with \(folder) (process \(getpid()), portal http://127.0.0.1:8080, WireGuard [::]:51820). "
                + "Stop that hub first, or choose another folder with --data.")
        _ = consume lock
        _ = try HubLock(data: folder, patience: .zero)
    }

    @Test func `names a hub that is still starting by its process`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let lock = try HubLock(data: folder)
        let refusal = #expect(throws: Failure.self) { _ = try HubLock(data: folder, patience: .zero) }
        #expect(refusal?.text.contains("(process \(getpid())). ") == true)
        _ = consume lock
    }
}
