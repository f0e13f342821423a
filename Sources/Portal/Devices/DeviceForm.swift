// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Store
import Words

/// The forms that add and edit a device.
enum DeviceForm {
    /// The device to add. Adds errors to `inputs`; the Store adds its own later.
    static func new(_ inputs: inout Inputs) -> NewDevice {
        let ipv4 = inputs.read("ipv4", or: nil, Entry.address)
        let ipv6 = inputs.read("ipv6", or: nil, Entry.address)
        var device = NewDevice(
            name: inputs.text("name"), description: inputs.text("description"), tags: inputs.read("tags", or: [], Entry.tags),
            publicKey: inputs.read("public_key", or: nil, Entry.publicKey), keepsPrivateKey: inputs.isOn("keep_private_key"),
            ipv4: ipv4.map { .own($0) } ?? .lowestFree, ipv6: ipv6.map { .own($0) } ?? .lowestFree)
        device.allowsOverlap = inputs.isOn("allow_overlap")
        return device
    }

    /// Settings that the API accepts in the same request. The page asks for them afterwards.
    static func addSettings(to device: inout NewDevice, _ inputs: inout Inputs) {
        if inputs.has("enabled") { device.enabled = inputs.isOn("enabled") }
        device.expiresAt = inputs.read("expires_at", or: nil, Entry.moment)
        device.routes = inputs.read("routes", or: [], Entry.prefixes)
        device.overrides = SettingsForm.overrides(&inputs, changing: Overrides())
        if case .set(let key) = presharedKey(&inputs) { device.presharedKey = key }
    }

    /// The edit in the form. `old` are the device's own settings. Fields missing from the form stay as they are.
    static func edit(_ inputs: inout Inputs, changing old: Overrides) -> DeviceEdit {
        var edit = DeviceEdit()
        if inputs.has("name") { edit.name = inputs.text("name") }
        if inputs.has("description") { edit.description = inputs.text("description") }
        edit.tags = sent("tags", &inputs, Entry.tags)
        if inputs.has("enabled") { edit.enabled = inputs.isOn("enabled") }
        edit.expiresAt = sent("expires_at", &inputs, Entry.moment)
        edit.ipv4 = sent("ipv4", &inputs, Entry.address)
        edit.ipv6 = sent("ipv6", &inputs, Entry.address)
        edit.routes = sent("routes", &inputs, Entry.prefixes)
        edit.allowsOverlap = inputs.isOn("allow_overlap")
        edit.overrides = SettingsForm.overrides(&inputs, changing: old)
        edit.presharedKey = presharedKey(&inputs)
        edit.listedBy = Entry.list(inputs.text("link_back"))
        return edit
    }

    /// Nil if the field is missing or invalid.
    private static func sent<Value>(_ name: String, _ inputs: inout Inputs, _ read: (String) -> Entry.Reading<Value>) -> Value? {
        inputs.has(name) ? inputs.read(name, or: nil) { read($0).map(Optional.some) } : nil
    }

    /// `new` makes a key, `none` removes it, and an empty field keeps it. Other text must be a key.
    private static func presharedKey(_ inputs: inout Inputs) -> DeviceEdit.PresharedKeyChange {
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

    /// How the edit form is merged with what somebody else saved.
    static let merge = FormMerge(
        parts: [
            FormMerge.Part("name", "Name"), FormMerge.Part("description", "Description"), FormMerge.Part("tags", "Tags", isList: true),
            FormMerge.Part("Enabled", ["enabled"], shown: { $0.isOn("enabled") ? "yes" : "no" }) { $0.isOn("enabled") ? "on" : "off" },
            FormMerge.Part("expires_at", "Expires"), FormMerge.Part("ipv4", "IPv4"), FormMerge.Part("ipv6", "IPv6"),
            FormMerge.Part("routes", "Routes", isList: true),
        ] + SettingName.allCases.map(FormMerge.Part.init(own:)))

    /// Adds what the form needs to notice a conflict to its initial values.
    static func start(_ inputs: inout Inputs, _ device: Device) {
        inputs.set("revision", String(device.revision))
        inputs.set(FormMerge.field, merge.base(inputs))
    }

    /// The initial values of the edit form.
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
