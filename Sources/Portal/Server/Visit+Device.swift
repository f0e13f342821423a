// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store

extension Visit {
    /// The device of the address. Throws `.notFound`.
    func device(in overview: Overview) throws -> Device {
        let id = parameters["id"]
        guard let device = overview.index[id] else { throw StoreError.notFound(kind: "device", id: id) }
        return device
    }

    /// Makes one change in the visitor's name.
    @discardableResult
    func change<R>(_ body: (ChangeTransaction) throws -> R) throws -> R { try site.database.change(by: author, at: now, body) }

    /// The same with a form that may ask for the change to be taken back unless it is confirmed. Answers its generation; nil when nothing changed.
    func change(confirming inputs: Inputs, _ body: (ChangeTransaction) throws -> Void) throws -> Int64? {
        try change { transaction in
            try body(transaction)
            if let deadline = Confirmation.deadline(inputs, now: now) { try transaction.awaitConfirmation(until: deadline) }
            return transaction.hasChanges ? transaction.generation : nil
        }
    }

    /// What a change would write.
    func draft(_ body: (ChangeTransaction) throws -> Void) throws -> Draft { try site.database.draft(by: author, at: now, body) }

    func storedDevice() throws -> Device { try read { try $0.device(parameters["id"]) } }

    /// What this visitor may get of devices' files.
    var files: FileAccess { FileAccess(site: site, session: session, author: author, maySeeSecrets: maySeeSecrets, now: now) }

    /// The file as it should be now. Without private and preshared key for a visitor who may not see secrets.
    func file(of device: Device, _ overview: Overview) throws -> ClientConfig {
        try read { try files.file(of: device, overview, in: $0) }
    }

    /// HEAD hands nothing out.
    func noteFetch(of device: Device) throws {
        guard request.method == .get, maySeeSecrets else { return }
        try site.database.write { try files.noteFetch(of: device, in: $0) }
    }

    /// Keeps a private key that is not stored, for this session and ten minutes.
    func remember(_ key: PrivateKey, of device: Device) {
        guard let session else { return }
        site.secrets.put(key.revealBase64(), for: "device/\(device.id)/\(device.publicKey)", session: session.id, now: now)
    }
}

/// What one visitor may get of devices' files. Outlives the request where files are made while they are sent.
struct FileAccess: Sendable {
    let site: PortalSite
    let session: Session?
    let author: Author
    let maySeeSecrets: Bool
    let now: UnixTime

    func file(of device: Device, _ overview: Overview, in transaction: ReadTransaction) throws -> ClientConfig {
        let kept = maySeeSecrets ? try transaction.privateKey(ofDevice: device.id) : nil
        let presharedKey = maySeeSecrets ? try transaction.presharedKey(ofDevice: device.id) : nil
        return ClientConfig(
            privateKey: kept ?? remembered(of: device), addresses: [device.ipv4, device.ipv6].compactMap { $0 },
            settings: device.settings(over: overview.defaults), hubKey: overview.hub.publicKey, hubPort: overview.hubPort,
            presharedKey: presharedKey)
    }

    func noteFetch(of device: Device, in transaction: WriteTransaction) throws {
        if device.fetchedConfigRevision != device.configRevision {
            try transaction.record("device.fetch_config", target: "device/\(device.id)", by: author, at: now)
        }
        try transaction.noteConfigFetched(ofDevice: device.id, at: now)
    }

    /// A private key that is not stored, while this session may still have it.
    func remembered(of device: Device) -> PrivateKey? {
        session.flatMap { site.secrets.text(for: "device/\(device.id)/\(device.publicKey)", session: $0.id, now: now) }
            .flatMap { PrivateKey(base64: $0) }
    }
}
