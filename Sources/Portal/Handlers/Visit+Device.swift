// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Store

extension Visit {
    /// The device of the address. Throws `.notFound`.
    func device(in overview: Overview) throws -> Device {
        let id = parameters["id"]
        guard let device = overview.index[id] else { throw StoreError.notFound(kind: "device", id: id) }
        return device
    }

    func storedDevice() throws -> Device { try site.database.read { try $0.device(parameters["id"]) } }

    /// The file as it should be now. Without private and preshared key for whoever may not see secrets.
    func file(of device: Device, _ overview: Overview) throws -> ClientConfig {
        try site.database.read { try file(of: device, overview, in: $0) }
    }

    func file(of device: Device, _ overview: Overview, in transaction: ReadTransaction) throws -> ClientConfig {
        let kept = maySeeSecrets ? try transaction.privateKey(ofDevice: device.id) : nil
        let presharedKey = maySeeSecrets ? try transaction.presharedKey(ofDevice: device.id) : nil
        return ClientConfig(
            privateKey: kept ?? remembered(of: device), addresses: [device.ipv4, device.ipv6].compactMap { $0 },
            settings: device.settings(over: overview.defaults), hubKey: overview.hub.publicKey, hubPort: overview.hubPort,
            presharedKey: presharedKey)
    }

    /// HEAD hands nothing out.
    func noteFetch(of device: Device) throws {
        guard request.method == .get, maySeeSecrets else { return }
        try site.database.write { try noteFetch(of: device, in: $0) }
    }

    func noteFetch(of device: Device, in transaction: WriteTransaction) throws {
        if device.fetchedConfigRevision != device.configRevision {
            try transaction.record("device.fetch_config", target: "device/\(device.id)", by: author, at: now)
        }
        try transaction.noteConfigFetched(ofDevice: device.id, at: now)
    }

    /// Keeps a private key that is not stored, for this session and ten minutes.
    func remember(_ key: PrivateKey, of device: Device) {
        guard let session else { return }
        site.secrets.put(key.revealBase64(), for: "device/\(device.id)/\(device.publicKey)", session: session.id, now: now)
    }

    func remembered(of device: Device) -> PrivateKey? {
        session.flatMap { site.secrets.text(for: "device/\(device.id)/\(device.publicKey)", session: $0.id, now: now) }
            .flatMap { PrivateKey(base64: $0) }
    }
}
