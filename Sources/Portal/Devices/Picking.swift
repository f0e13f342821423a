// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// Steps that fill in a device's allowed IPs by name, one button click at a time. A step changes the form and saves nothing, so it works without a
/// script. `link_back` holds the ids of the devices that will list this one after the save.
struct Picking {
    /// The action of a button in the form. Its value is `name` or `name:detail`.
    enum Step: Equatable {
        case save
        case preview
        /// Adds the text of the field beside the button: a name, or prefixes.
        case add
        /// Adds a device by id.
        case pick(String)
        /// Removes entries from the list, separated by spaces.
        case drop(String)
        /// Takes a device out of `link_back`, so that it will not list this one.
        case leave(String)

        /// Nil for text that no button sends.
        init?(_ text: String) {
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            switch (parts.first, parts.dropFirst().first) {
            case (nil, nil): self = .save
            case ("preview", nil): self = .preview
            case ("add", nil): self = .add
            case ("pick", let id?): self = .pick(id)
            case ("drop", let entry?): self = .drop(entry)
            case ("leave", let id?): self = .leave(id)
            default: return nil
            }
        }
    }

    /// The device being edited, as saved.
    let device: Device
    let devices: [Device]

    /// The devices that will list this one after the save.
    func linkedBack(_ inputs: Inputs) -> [Device] {
        let ids = Set(Entry.list(inputs.text("link_back")))
        return ids.isEmpty ? [] : devices.filter { ids.contains($0.id) && $0.id != device.id }
    }

    func take(_ step: Step, _ inputs: inout Inputs) {
        switch step {
        case .save, .preview: break
        case .add: add(&inputs)
        case .pick(let id): devices.first { $0.id == id }.map { pick($0, &inputs) }
        case .drop(let entries): drop(entries, &inputs)
        case .leave(let id): inputs.set("link_back", Entry.list(inputs.text("link_back")).filter { $0 != id }.joined(separator: ", "))
        }
    }

    private func add(_ inputs: inout Inputs) {
        let text = inputs.text("add")
        if let named = Sides(devices).device(text) {
            if named.id == device.id {
                inputs.refuse("add", "A device does not need to list itself. Name another one.")
                return
            }
            pick(named, &inputs)
        } else {
            switch Entry.prefixes(text) {
            case .success(let prefixes) where !prefixes.isEmpty: append(prefixes, &inputs)
            case .success: inputs.refuse("add", "Write the name of a device, an address or a network.")
            case .failure: inputs.refuse("add", "“\(text)” is neither the name of a device nor an address or a network.")
            }
        }
        if inputs.message("add").isEmpty { inputs.set("add", "") }
    }

    private func pick(_ other: Device, _ inputs: inout Inputs) {
        append(hosts(of: other), &inputs)
        guard inputs.isOn("both") else { return }
        let ids = Entry.list(inputs.text("link_back"))
        if !ids.contains(other.id) { inputs.set("link_back", (ids + [other.id]).joined(separator: ", ")) }
    }

    private func append(_ prefixes: [IPPrefix], _ inputs: inout Inputs) {
        let entries = inputs.text("allowed_ips_source") == "custom" ? Entry.list(inputs.text("allowed_ips")) : []
        let new = prefixes.map(\.description).filter { !entries.contains($0) }
        inputs.set("allowed_ips_source", "custom")
        inputs.set("allowed_ips", (entries + new).joined(separator: ", "))
    }

    private func drop(_ dropped: String, _ inputs: inout Inputs) {
        let gone = Set(Entry.list(dropped))
        let entries = Entry.list(inputs.text("allowed_ips")).filter { !gone.contains($0) }
        inputs.set("allowed_ips", entries.joined(separator: ", "))
        let left = Set(entries.compactMap { IPPrefix($0) })
        let stillPicked = linkedBack(inputs).filter { other in hosts(of: other).contains { left.contains($0) } }
        inputs.set("link_back", stillPicked.map(\.id).joined(separator: ", "))
    }

    /// The addresses of a device in the families that the edited device has too.
    private func hosts(of other: Device) -> [IPPrefix] {
        [device.ipv4 == nil ? nil : other.ipv4, device.ipv6 == nil ? nil : other.ipv6].compactMap { $0.map(IPPrefix.init(host:)) }
    }
}
