// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The form that changes a device.
struct EditPage {
    static let page = Page(
        "device_edit",
        TemplateShape.form("name", "description", "tags", "expires_at", "ipv4", "ipv6", "routes", "preshared_key", "add").merging(
            """
            id title_name revision problem enabled preshared_now conflict{differences[label theirs yours]}
            picked[entry name step label] candidates[name step] names[] both link_back link_backs[name step]
            """
        ).merging(
            SettingName.allCases.reduce("" as TemplateShape) {
                $0.merging(TemplateShape(stringLiteral: "\($1.rawValue){key own value default error theirs}"))
            }
        ).merging(Effect.shape).merging(Confirmation.shape))

    static let fields =
        ["name", "description", "tags", "enabled", "expires_at", "ipv4", "ipv6", "routes", "preshared_key", "add"]
        + SettingName.allCases.map(\.rawValue)

    /// The names that the form may send.
    static let names = Set(
        ["revision", "step", "both", "link_back", Confirmation.field] + fields + SettingName.allCases.map(\.source))

    /// Names that are offered while one is typed; a larger hub has them typed.
    private static let maximumNames = 200
    /// Buttons that add a device with one press.
    private static let maximumCandidates = 24
    /// Entries with a button of their own; the field has all.
    private static let maximumPicked = 64

    /// As saved now.
    let device: Device
    let overview: Overview
    let inputs: Inputs
    /// True when somebody else saved in between: the page then shows both.
    var isStale = false
    /// Nil while nobody asked.
    var effect: Effect?

    var values: [String: TemplateValue] {
        let defaults = overview.defaults.settings
        let saved = Inputs(DeviceForm.typed(device))
        var values: [String: TemplateValue] = [
            "id": .text(device.id), "title_name": .text(device.name), "revision": .number(device.revision),
            "problem": inputs.problem(besides: Self.fields), "enabled": .flag(inputs.isOn("enabled")),
            "preshared_now": .phrase(device.hasPresharedKey ? "set; stays as it is" : "none"), "conflict": isStale ? conflict(saved) : false,
            "effect": .optional(effect?.value), "confirm_options": Confirmation.options(inputs),
        ]
        values.merge(picking) { $1 }
        for name in ["name", "description", "tags", "expires_at", "ipv4", "ipv6", "routes", "add"] { values[name] = inputs.field(name) }
        values["preshared_key"] = inputs.secretField("preshared_key")
        for name in SettingName.allCases {
            let key = name.rawValue
            let differs = isStale && Self.shown(name, saved, defaults) != Self.shown(name, inputs, defaults)
            values[key] = [
                "key": .text(key), "own": .flag(inputs.text(name.source) == "custom"), "value": .text(inputs.exact(key)),
                "default": .phrase(name.shown(in: defaults)), "error": .phrase(inputs.message(key)),
                "theirs": .phrase(differs ? Self.shown(name, saved, defaults) : ""),
            ]
        }
        return values
    }

    private func conflict(_ saved: Inputs) -> TemplateValue {
        let defaults = overview.defaults.settings
        let plain: [(String, Phrase)] = [
            ("name", "Name"), ("description", "Description"), ("tags", "Tags"), ("expires_at", "Expires"), ("ipv4", "IPv4"), ("ipv6", "IPv6"),
            ("routes", "Routes"),
        ]
        let enabled = { (inputs: Inputs) -> Phrase in inputs.isOn("enabled") ? "yes" : "no" }
        var rows: [(label: Phrase, theirs: Phrase, yours: Phrase)] = plain.map {
            ($1, Phrase(verbatim: saved.text($0)), Phrase(verbatim: inputs.text($0)))
        }
        rows.append(("Enabled", enabled(saved), enabled(inputs)))
        rows += SettingName.allCases.map { ($0.label, Self.shown($0, saved, defaults), Self.shown($0, inputs, defaults)) }
        return ["differences": Self.differences(rows)]
    }

    static func differences(_ rows: [(label: Phrase, theirs: Phrase, yours: Phrase)]) -> TemplateValue {
        .list(
            rows.filter { $0.theirs != $0.yours }.map {
                [
                    "label": .phrase($0.label), "theirs": .phrase($0.theirs.isEmpty ? "empty" : $0.theirs),
                    "yours": .phrase($0.yours.isEmpty ? "empty" : $0.yours),
                ]
            })
    }

    private static func shown(_ name: SettingName, _ inputs: Inputs, _ defaults: Settings) -> Phrase {
        guard inputs.text(name.source) == "custom" else { return "default" }
        let text = inputs.text(name.rawValue)
        return text.isEmpty ? "own, empty" : Phrase(verbatim: text)
    }

    /// The list as buttons: who is in it, whom one press adds, who gets this device into its list.
    private var picking: [String: TemplateValue] {
        let others = overview.devices.filter { $0.id != device.id }
        let isOwn = inputs.text("allowed_ips_source") == "custom"
        let entries = isOwn ? Entry.list(inputs.text("allowed_ips")) : []
        let owners = Self.owners(of: entries, among: others)
        let listed = Set(owners.values.map(\.id))
        let candidates = others.count <= Self.maximumNames ? others.filter { !listed.contains($0.id) }.prefix(Self.maximumCandidates) : []
        return [
            "picked": .list(
                Self.grouped(entries, owners).prefix(Self.maximumPicked).map { name, entries in
                    let list = entries.joined(separator: ", ")
                    return [
                        "entry": .text(list), "name": .text(name), "step": .text("drop:" + entries.joined(separator: " ")),
                        "label": .phrase("Remove \(name.isEmpty ? list : "\(name), \(list)")"),
                    ]
                }),
            "candidates": .list(candidates.map { ["name": .text($0.name), "step": .text("pick:\($0.id)")] }),
            "names": .list(others.count <= Self.maximumNames ? others.map { .text($0.name) } : []),
            "both": .flag(inputs.isOn("both")), "link_back": .text(inputs.text("link_back")),
            "link_backs": .list(
                Picking(device: device, devices: overview.devices).linkedBack(inputs).map {
                    ["name": .text($0.name), "step": .text("leave:\($0.id)")]
                }),
        ]
    }

    /// The devices whose addresses stand among the entries.
    private static func owners(of entries: [String], among devices: [Device]) -> [IPPrefix: Device] {
        let wanted = Set(entries.compactMap { IPPrefix($0) }.filter(\.isHost))
        guard !wanted.isEmpty else { return [:] }
        var owners: [IPPrefix: Device] = [:]
        for device in devices {
            for host in [device.ipv4, device.ipv6].compactMap({ $0.map(IPPrefix.init(host:)) }) where wanted.contains(host) { owners[host] = device }
        }
        return owners
    }

    /// The addresses of one device together, at the place of the first; every other entry alone.
    private static func grouped(_ entries: [String], _ owners: [IPPrefix: Device]) -> [(name: String, entries: [String])] {
        var groups: [(name: String, entries: [String])] = []
        for entry in entries {
            let name = IPPrefix(entry).flatMap { owners[$0]?.name } ?? ""
            if !name.isEmpty, let place = groups.firstIndex(where: { $0.name == name }) {
                groups[place].entries.append(entry)
            } else {
                groups.append((name, [entry]))
            }
        }
        return groups
    }
}
