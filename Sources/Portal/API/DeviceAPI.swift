// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Words

/// /api/v1/devices
enum DeviceAPI {
    static let routes: [Route<Handler>] = [
        Route(.get, "/api/v1/devices", Handler(.token(.read), list)),
        Route(.post, "/api/v1/devices", Handler(.token(.devices), add)),
        Route(.get, "/api/v1/devices/{id}", Handler(.token(.read), show)),
        Route(.patch, "/api/v1/devices/{id}", Handler(.token(.devices), change)),
        Route(.delete, "/api/v1/devices/{id}", Handler(.token(.devices), remove)),
        Route(.post, "/api/v1/devices/{id}/rotate-key", Handler(.token(.devices), rotateKey)),
        Route(.post, "/api/v1/devices/{id}/forget-time", Handler(.token(.devices), forgetTime)),
        Route(.post, "/api/v1/devices/{id}/installed", Handler(.token(.devices), markInstalled)),
    ]

    private static let members: [String: APIInputs.Kind] = [
        "name": .text, "description": .text, "tags": .texts, "enabled": .flag, "expires_at": .optionalMoment, "ipv4": .optionalText,
        "ipv6": .optionalText, "routes": .texts, "allow_overlap": .flag, "preshared_key": .optionalText,
    ].merging(APIInputs.overrides) { $1 }
    private static let newMembers = members.merging(["public_key": .text, "keep_private_key": .flag]) { $1 }

    private static func list(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        return .json(.ok, ["devices": .array(overview.devices.map { DeviceJSON.object(overview.sight(of: $0)) })])
    }

    /// Only this response includes the private key of a pair that the hub made, and then also the file, which counts as handed out.
    /// `keep_private_key` false keeps the key out of the database.
    private static func add(_ visit: Visit) throws -> Response {
        let body = try visit.request.json()
        var inputs = try APIInputs.read(body, newMembers)
        if !inputs.has("keep_private_key") { inputs.set("keep_private_key", "on") }
        var new = DeviceForm.new(&inputs)
        DeviceForm.addSettings(to: &new, &inputs)
        // Null means no address, as in a change. A member that is left out means the lowest free one.
        if inputs.has("ipv4"), inputs.text("ipv4").isEmpty { new.ipv4 = .none }
        if inputs.has("ipv6"), inputs.text("ipv6").isEmpty { new.ipv6 = .none }
        let added = try visit.change { transaction in
            let added = try inputs.collect { try transaction.addDevice(new) }
            if added.privateKey != nil { try visit.files.noteHandOut(of: added.device, in: transaction) }
            return added
        }
        let device = added.device
        var answer = try object(device, visit)
        if let key = added.privateKey { answer = try answer.adding(secrets(of: device, key, visit)) }
        var response = Response.json(.created, answer)
        response.fields.set("Location", "/api/v1/devices/\(device.id)")
        response.fields.set("ETag", DeviceJSON.entityTag(device.revision))
        return response
    }

    private static func show(_ visit: Visit) throws -> Response { try answer(visit.storedDevice(), visit) }

    private static func change(_ visit: Visit) throws -> Response {
        var inputs = try APIInputs.read(try visit.request.json(), members)
        if inputs.has("preshared_key"), inputs.text("preshared_key").isEmpty { inputs.set("preshared_key", "none") }
        let device = try changeIfMatching(visit) { transaction, id, expected in
            let edit = DeviceForm.edit(&inputs, changing: try transaction.device(id).overrides)
            return try inputs.collect { try transaction.edit(id, expecting: expected, edit) }
        }
        return try answer(device, visit)
    }

    private static func remove(_ visit: Visit) throws -> Response {
        try changeIfMatching(visit) { transaction, id, expected in try transaction.removeDevice(id, expecting: expected) }
        return Response(.noContent)
    }

    /// Makes a new key pair. The hub stores the private key if it stored the old one. The answer contains the new file, so the device's file
    /// is not out of date.
    private static func rotateKey(_ visit: Visit) throws -> Response {
        let (device, key) = try changeIfMatching(visit) { transaction, id, expected in
            let (device, key) = try transaction.rotateKey(ofDevice: id, expecting: expected)
            try visit.files.noteHandOut(of: device, in: transaction)
            return (try transaction.device(id), key)
        }
        var response = Response.json(.ok, try object(device, visit).adding(secrets(of: device, key, visit)))
        response.fields.set("ETag", DeviceJSON.entityTag(device.revision))
        return response
    }

    /// Forgets the time of the newest handshake, so that the hub accepts older ones.
    private static func forgetTime(_ visit: Visit) throws -> Response {
        try answer(changeIfMatching(visit) { transaction, id, expected in try transaction.forgetTime(ofDevice: id, expecting: expected) }, visit)
    }

    /// Records that the device has its current file. Reading the file does not.
    private static func markInstalled(_ visit: Visit) throws -> Response {
        let device = try visit.storedDevice()
        try visit.write { try visit.files.noteInstallation(of: device, in: $0) }
        return try answer(visit.storedDevice(), visit)
    }

    /// Makes one change to the device in the path. `body` receives its id and the revision to expect if the request has If-Match: the tag that matches,
    /// otherwise a revision that no device has. The Store then answers 412, because the client's view is out of date (RFC 9110 13.1.1).
    @discardableResult
    private static func changeIfMatching<R>(_ visit: Visit, _ body: (ChangeTransaction, String, Int64?) throws -> R) throws -> R {
        let id = visit.parameters["id"]
        let conditions = visit.request.fields.all("If-Match")
        do {
            return try visit.change { transaction in
                guard !conditions.isEmpty else { return try body(transaction, id, nil) }
                let current = try transaction.device(id).revision
                let tag = DeviceJSON.entityTag(current)
                return try body(transaction, id, conditions.contains { EntityTag.ifMatch($0, matches: tag) } ? current : 0)
            }
        } catch StoreError.stale {
            throw HTTPError(.preconditionFailed, "The device was changed in the meantime. Read it again, then send the change with its new ETag.")
        }
    }

    private static func object(_ device: Device, _ visit: Visit) throws -> JSON {
        DeviceJSON.object(try visit.overview().sight(of: device))
    }

    private static func answer(_ device: Device, _ visit: Visit) throws -> Response {
        let tag = DeviceJSON.entityTag(device.revision)
        var response = Response.json(.ok, try object(device, visit))
        response.fields.set("ETag", tag)
        return response
    }

    private static func secrets(of device: Device, _ key: PrivateKey, _ visit: Visit) throws -> JSON {
        var file = try visit.file(of: device, try visit.overview())
        file.privateKey = key
        return ["private_key": .string(key.revealBase64()), "config": .string(file.text)]
    }
}

extension JSON {
    /// An object with the members of both.
    func adding(_ other: JSON) -> JSON { .object((members ?? []) + (other.members ?? [])) }
}
