// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store

extension Visit {
    /// The device in the path. Throws `.notFound`.
    func device(in overview: Overview) throws -> Device {
        let id = parameters["id"]
        guard let device = overview.index[id] else { throw StoreError.notFound(kind: "device", id: id) }
        return device
    }

    func storedDevice() throws -> Device { try read { try $0.device(parameters["id"]) } }

    /// This visitor's access to devices' files.
    var files: FileAccess { FileAccess(site: site, session: session, author: author, maySeeSecrets: maySeeSecrets, now: now) }

    /// The file as it should be now. It lacks the private and preshared key if the visitor may not see secrets.
    func file(of device: Device, _ overview: Overview) throws -> ClientConfig {
        try read { try files.file(of: device, overview, in: $0) }
    }

    /// Keeps a private key that is not stored, for this session and ten minutes.
    func remember(_ key: PrivateKey, of device: Device) {
        guard let session else { return }
        site.secrets.put(key.revealBase64(), for: "device/\(device.id)/\(device.publicKey)", session: session.id, now: now)
    }
}

/// One visitor's access to devices' files. It outlives the request if files are made while the response is being sent.
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
            privateKey: kept ?? remembered(of: device), addresses: device.addresses,
            settings: device.settings(over: overview.defaults), hubKey: overview.hub.publicKey, hubPort: overview.hubPort,
            presharedKey: presharedKey, hubAddresses: overview.hub.addresses, domain: overview.hub.naming.domain)
    }

    /// Records that this visitor got the device's file, and that the device has it.
    func noteHandOut(of device: Device, in transaction: WriteTransaction) throws {
        if !lacksFile(device) { try noteReading(of: device, in: transaction) }
        try note("device.fetch_config", device, transaction)
    }

    /// The same for one of many files in an export, which has an entry of its own.
    func noteExport(of device: Device, in transaction: WriteTransaction) throws { try note("device.fetch_config", device, transaction) }

    /// Records that this visitor got the device's file, which does not mean that the device has it.
    func noteReading(of device: Device, in transaction: WriteTransaction) throws {
        try transaction.recordHandOut(ofDevice: device.id, by: author, at: now)
    }

    /// Records that the device has its current file because this visitor says so.
    func noteInstallation(of device: Device, in transaction: WriteTransaction) throws { try note("device.mark_installed", device, transaction) }

    private func note(_ action: String, _ device: Device, _ transaction: WriteTransaction) throws {
        if lacksFile(device) { try transaction.record(action, target: "device/\(device.id)", by: author, at: now) }
        try transaction.noteConfigFetched(ofDevice: device.id, at: now)
    }

    private func lacksFile(_ device: Device) -> Bool { device.fetchedConfigRevision != device.configRevision }

    /// A private key that is not stored, while this session may still see it.
    func remembered(of device: Device) -> PrivateKey? {
        session.flatMap { site.secrets.text(for: "device/\(device.id)/\(device.publicKey)", session: $0.id, now: now) }
            .flatMap { PrivateKey(base64: $0) }
    }
}
