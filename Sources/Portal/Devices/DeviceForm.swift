// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Store
import Words

/// The forms of one device: adding and editing.
enum DeviceForm {
    /// What an edit asks for besides the device's own fields.
    enum PresharedKeyChange: Equatable {
        case keep
        case set(PresharedKey)
        case remove
    }

    /// The device to add, and the private key where the hub made the pair. Messages end up in `inputs`; the Store adds its own.
    static func new(_ inputs: inout Inputs) -> (device: NewDevice, generated: PrivateKey?) {
        let given = inputs.read("public_key", or: nil, Entry.publicKey)
        let pair = PrivateKey.generate()
        let generated = given == nil ? pair : nil
        let ipv4 = inputs.read("ipv4", or: nil, Entry.address)
        let ipv6 = inputs.read("ipv6", or: nil, Entry.address)
        let device = NewDevice(
            name: inputs.text("name"), description: inputs.text("description"), tags: inputs.read("tags", or: [], Entry.tags),
            publicKey: given ?? pair.publicKey,
            privateKey: inputs.isOn("keep_private_key") ? generated : nil, ipv4: ipv4.map { .own($0) } ?? .lowestFree,
            ipv6: ipv6.map { .own($0) } ?? .lowestFree)
        return (device, generated)
    }

    /// What the API may set besides in one go; the page asks for it afterwards.
    static func addSettings(to device: inout NewDevice, _ inputs: inout Inputs) {
        if inputs.has("enabled") { device.enabled = inputs.isOn("enabled") }
        device.expiresAt = inputs.read("expires_at", or: nil, Entry.moment)
        device.routes = inputs.read("routes", or: [], Entry.prefixes)
        device.overrides = SettingsForm.overrides(&inputs, changing: Overrides())
        if case .set(let key) = presharedKey(&inputs) { device.presharedKey = key }
    }

    /// `device` with what was typed. Fields that are not sent stay as they are.
    static func edited(_ device: Device, _ inputs: inout Inputs) -> Device {
        var new = device
        if inputs.has("name") { new.name = inputs.text("name") }
        if inputs.has("description") { new.description = inputs.text("description") }
        if inputs.has("tags") { new.tags = inputs.read("tags", or: device.tags, Entry.tags) }
        if inputs.has("enabled") { new.enabled = inputs.isOn("enabled") }
        if inputs.has("expires_at") { new.expiresAt = inputs.read("expires_at", or: device.expiresAt, Entry.moment) }
        if inputs.has("ipv4") { new.ipv4 = inputs.read("ipv4", or: device.ipv4, Entry.address) }
        if inputs.has("ipv6") { new.ipv6 = inputs.read("ipv6", or: device.ipv6, Entry.address) }
        if inputs.has("routes") { new.routes = inputs.read("routes", or: device.routes, Entry.prefixes) }
        new.overrides = SettingsForm.overrides(&inputs, changing: device.overrides)
        return new
    }

    /// `new` makes a key, `none` removes it, empty leaves it, anything else must be one.
    static func presharedKey(_ inputs: inout Inputs) -> PresharedKeyChange {
        inputs.read("preshared_key", or: .keep) { text in
            switch text {
            case "": .success(.keep)
            case "new": .success(.set(.generate()))
            case "none": .success(.remove)
            default:
                PresharedKey(base64: text).map { .success(.set($0)) }
                    ?? .failure(
                        Entry.Refusal(message: "This is not a preshared key. Write new, none, or 44 characters of Base64 as wg genpsk prints them."))
            }
        }
    }

    /// What the edit form shows before anything was typed.
    static func typed(_ device: Device) -> [String: String] {
        var values = SettingsForm.typed(device.overrides)
        values["name"] = device.name
        values["description"] = device.description
        values["tags"] = device.tags.map(\.description).joined(separator: ", ")
        values["enabled"] = device.enabled ? "on" : "off"
        values["expires_at"] = device.expiresAt?.text ?? ""
        values["ipv4"] = device.ipv4?.description ?? ""
        values["ipv6"] = device.ipv6?.description ?? ""
        values["routes"] = device.routes.map(\.description).joined(separator: ", ")
        return values
    }
}
