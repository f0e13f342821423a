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
    private static let members: [String: APIInputs.Kind] = [
        "name": .text, "description": .text, "tags": .texts, "enabled": .flag, "expires_at": .optionalMoment, "ipv4": .optionalText,
        "ipv6": .optionalText, "routes": .texts, "preshared_key": .optionalText,
    ].merging(APIInputs.overrides) { $1 }
    private static let newMembers = members.merging(["public_key": .text, "keep_private_key": .flag]) { $1 }

    static func list(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        return .json(.ok, ["devices": .array(overview.devices.map { DeviceJSON.object(overview.sight(of: $0)) })])
    }

    /// The private key is in this answer only, where the hub made the pair; `keep_private_key` false keeps it out of the database.
    static func add(_ visit: Visit) throws -> Response {
        let body = try visit.request.json()
        var inputs = try APIInputs.read(body, newMembers)
        if !inputs.has("keep_private_key") { inputs.set("keep_private_key", "on") }
        var (new, generated) = DeviceForm.new(&inputs)
        DeviceForm.addSettings(to: &new, &inputs)
        let device = try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
            try inputs.collect { try transaction.add(new) }
        }
        var answer = try object(device, visit)
        if let generated { answer = try answer.adding(secrets(of: device, generated, visit)) }
        var response = Response.json(.created, answer)
        response.fields.set("Location", "/api/v1/devices/\(device.id)")
        response.fields.set("ETag", DeviceJSON.entityTag(device.revision))
        return response
    }

    static func show(_ visit: Visit) throws -> Response { try answer(visit.storedDevice(), visit) }

    static func change(_ visit: Visit) throws -> Response {
        var inputs = try APIInputs.read(try visit.request.json(), members)
        let id = visit.parameters["id"]
        if inputs.has("preshared_key"), inputs.text("preshared_key").isEmpty { inputs.set("preshared_key", "none") }
        let device = try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
            let device = try transaction.device(id)
            try requireMatch(device, visit)
            let edited = DeviceForm.edited(device, &inputs)
            let presharedKey = DeviceForm.presharedKey(&inputs)
            let updated = try inputs.collect { try transaction.update(edited) }
            return switch presharedKey {
            case .keep: updated
            case .set(let key): try transaction.setPresharedKey(key, ofDevice: id)
            case .remove: try transaction.setPresharedKey(nil, ofDevice: id)
            }
        }
        return try answer(device, visit)
    }

    static func remove(_ visit: Visit) throws -> Response {
        try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
            try requireMatch(try transaction.device(visit.parameters["id"]), visit)
            try transaction.removeDevice(visit.parameters["id"])
        }
        return Response(.noContent)
    }

    /// A new pair; the hub keeps the private key where it kept the old one.
    static func rotateKey(_ visit: Visit) throws -> Response {
        let id = visit.parameters["id"]
        let key = PrivateKey.generate()
        let device = try visit.site.database.change(by: visit.author, at: visit.now) { transaction in
            let device = try transaction.device(id)
            try requireMatch(device, visit)
            return try transaction.replaceKey(ofDevice: id, publicKey: key.publicKey, privateKey: device.hasPrivateKey ? key : nil)
        }
        var response = Response.json(.ok, try object(device, visit).adding(secrets(of: device, key, visit)))
        response.fields.set("ETag", DeviceJSON.entityTag(device.revision))
        return response
    }

    /// RFC 9110 13.1.1: 412 when the client changed its mind about something it no longer sees.
    private static func requireMatch(_ device: Device, _ visit: Visit) throws {
        let conditions = visit.request.fields.all("If-Match")
        let tag = DeviceJSON.entityTag(device.revision)
        guard conditions.isEmpty || conditions.contains(where: { EntityTag.ifMatch($0, matches: tag) }) else {
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
    /// The members of both objects.
    func adding(_ other: JSON) -> JSON { .object((members ?? []) + (other.members ?? [])) }
}
