// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Net
import Support

@testable import Store
import Words

/// A folder of mode 0700 that is removed with this value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A hub with its database in a temporary folder.
final class TemporaryHub: Sendable {
    let temporary: TemporaryFolder
    let database: Database

    /// The folder is inside the temporary one, so that it is made by the database itself.
    var folder: String { temporary.path + "/data" }

    init(network: IPPrefix? = "10.3.2.0/24", network6: IPPrefix? = "fd00::3:2:0/120", defaults: Settings = Settings()) throws {
        temporary = try TemporaryFolder()
        database = try Database(folder: temporary.path + "/data", migrations: .house(), now: 100)
        try database.change(by: .system, at: 100) {
            try $0.makeHub(name: "hub", privateKey: .generate(), ipv4Network: network, ipv6Network: network6, defaults: defaults)
        }
    }

    /// Opens the same folder again, as another process would.
    func secondDatabase() throws -> Database { try Database(folder: folder, migrations: .house(), now: 100) }

    func read<R>(_ body: (ReadTransaction) throws -> R) throws -> R { try database.read(body) }

    func write<R>(_ body: (WriteTransaction) throws -> R) throws -> R { try database.write(body) }

    func change<R>(at now: UnixTime = 200, _ body: (ChangeTransaction) throws -> R) throws -> R {
        try database.change(by: .ada, at: now, body)
    }

    @discardableResult
    func add(_ device: NewDevice) throws -> Device { try change { try $0.add(device) } }

    /// All files of the data folder as bytes, including the database and the write-ahead log.
    func fileBytes(except names: String...) throws -> Data {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { !names.contains($0) }
            .reduce(into: Data()) { $0 += try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($1)")) }
    }
}

extension Migrations {
    static let houseFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Migrations").path

    /// The program's migrations.
    static func house() throws -> Migrations { try Migrations(folder: houseFolder) }
}

extension WriteTransaction {
    /// Signs an account in with the credentials that it has now.
    func startSession(
        ofAccount id: String, address: String, userAgent: String, at now: UnixTime
    ) throws -> (token: SecretToken, session: Session) {
        try startSession(provedBy: credentials(ofAccount: id), address: address, userAgent: userAgent, at: now)
    }

    func startPendingLogin(ofAccount id: String, at now: UnixTime) throws -> SecretToken {
        try startPendingLogin(provedBy: credentials(ofAccount: id), at: now)
    }
}

extension Author {
    static let ada = Author(name: "ada@example.org", address: "192.0.2.7")
}

extension NewDevice {
    static func sample(
        _ name: String, publicKey: PublicKey? = nil, ipv4: Address = .lowestFree, ipv6: Address = .lowestFree, routes: [IPPrefix] = [],
        overrides: Overrides = Overrides()
    ) -> NewDevice {
        NewDevice(
            name: name, publicKey: publicKey ?? PrivateKey.generate().publicKey, ipv4: ipv4, ipv6: ipv6, routes: routes, overrides: overrides)
    }
}

extension NewDevice {
    /// The same device, whose routes may cover what others have.
    var allowingOverlap: NewDevice {
        var copy = self
        copy.allowsOverlap = true
        return copy
    }
}

/// The errors of the fields in English; nil if `body` did not throw `.invalid`.
func fieldErrors(_ body: () throws -> Void) -> [FieldError]? {
    do { try body() } catch StoreError.invalid(let errors) { return errors.map { FieldError($0.field, Phrase(text: "\($0.message)")) } } catch {}
    return nil
}

extension PeerSight {
    static func sample(_ key: PublicKey, timestamp: [UInt8]? = [UInt8](repeating: 1, count: 12), receivedBytes: Int64 = 10) -> PeerSight {
        PeerSight(
            publicKey: key, endpoint: Endpoint("203.0.113.5:40000"), lastHandshakeAt: 1_000, greatestTimestamp: timestamp,
            timestampSent: timestamp, receivedBytes: receivedBytes, sentBytes: 20, lastSeenAt: 1_001, lastDataAt: 990)
    }
}

extension Connection {
    /// Removes the triggers, like somebody who has the file and wants to alter the log. Returns the statements that create them again.
    @discardableResult
    func letAuditLogBeChanged() throws -> String {
        let triggers = try all("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit%'") {
            (name: try $0.text(), sql: try $0.text())
        }
        for trigger in triggers { try execute("DROP TRIGGER \(trigger.name)") }
        return triggers.map { "\($0.sql);" }.joined(separator: "\n")
    }
}

extension Optional where Wrapped: Error {
    /// What was thrown, in English.
    var words: String { map { "\($0)" } ?? "nothing was thrown" }
}
