// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Templates
import Words

/// The one field for what a device may reach: a text with prefixes, names of devices and tags, and the same entries as chips. The text is the form's
/// field. The buttons of the chips change the text, so they work without a script.
struct AllowedIPsField {
    /// The most entries with a chip. The text has all of them.
    private static let maximumChips = 64

    private let device: Device
    private let overview: Overview
    private let isOwn: Bool
    /// True if a named device is to list this one too.
    private let isMutual: Bool
    private let content: AllowedText

    init(_ device: Device, _ overview: Overview, _ inputs: Inputs) {
        self.device = device
        self.overview = overview
        isOwn = inputs.text("allowed_ips_source") == "custom"
        isMutual = inputs.isOn("both")
        content = AllowedText(isOwn ? inputs.exact("allowed_ips") : "", of: device, among: overview.devices)
    }

    /// The devices that will list this one after the save.
    var linkedBack: [Device] { isMutual ? content.named : [] }

    /// The form with prefixes instead of names, and with the errors of entries that mean nothing.
    func resolved(_ inputs: Inputs) -> Inputs {
        var resolved = inputs
        guard isOwn else { return resolved }
        resolved.set("allowed_ips", ListText.text(content.prefixes))
        for error in content.errors { resolved.refuse("allowed_ips", error) }
        return resolved
    }

    /// The prefixes that the user must see a warning about before they are saved, as text.
    var traps: String {
        let saved = device.settings(over: overview.defaults).allowedIPs
        let new = content.prefixes.filter { $0.isInternetWide && !saved.contains($0) }
        return new.isEmpty
            ? ""
            : ListText.text(
                InternetExit(devices: overview.devices, gateway: overview.status.gateway, now: overview.now).traps(in: new, ofDevice: device.id))
    }

    // MARK: Chips

    /// One chip for each entry; the addresses of one device share one.
    var chips: [Chip] {
        let parts = content.parts.prefix(Self.maximumChips)
        let texts = parts.map(\.text)
        let hints = ListHints(device, among: overview.devices, hub: overview.hub, gateway: overview.status.gateway, now: overview.now).marks(
            ofAllowedIPs: texts)
        let owners = owners(of: parts.flatMap(\.prefixes))
        let reachability = overview.reachability
        var chips: [Chip] = []
        var places: [String: Int] = [:]
        for (part, mark) in zip(parts, hints) {
            let hint = mark ?? repetition(part)
            let owner = part.devices.isEmpty ? part.prefixes.first.flatMap { owners[$0] } : nil
            if let owner, hint == nil, let place = places[owner.id] {
                chips[place].entries.append(part.text)
                continue
            }
            if let owner, hint == nil { places[owner.id] = chips.count }
            let devices = owner.map { [$0] } ?? part.devices
            let isAnswered = isMutual && !part.devices.isEmpty || devices.allSatisfy { reachability.lists($0, device) }
            chips.append(
                Chip(
                    entries: [part.text], name: owner?.name ?? "", relation: devices.isEmpty ? .none : isAnswered ? .both : .out,
                    hint: hint))
        }
        return chips
    }

    /// The hint about a name whose addresses other entries hold already.
    private func repetition(_ part: AllowedText.Part) -> ListHint? {
        guard !part.devices.isEmpty else { return nil }
        let typed = content.parts.lazy.filter { $0.devices.isEmpty }.flatMap(\.prefixes).filter { !$0.isInternetWide }
        let holders = part.prefixes.compactMap { prefix in typed.first { $0.contains(prefix) } }
        guard holders.count == part.prefixes.count, let first = holders.first else { return nil }
        return ListHint(entry: part.text, message: "\(part.text) is in the list already, through \(first).", corrections: [""])
    }

    /// How many entries have no chip.
    var hiddenCount: Int { max(0, content.parts.count - Self.maximumChips) }

    /// The other devices whose addresses are among the prefixes.
    private func owners(of prefixes: [IPPrefix]) -> [IPPrefix: Device] {
        let wanted = Set(prefixes.lazy.filter(\.isHost))
        guard !wanted.isEmpty else { return [:] }
        var owners: [IPPrefix: Device] = [:]
        for device in overview.devices where device.id != self.device.id {
            for host in device.addresses.map(IPPrefix.init(host:)) where wanted.contains(host) { owners[host] = device }
        }
        return owners
    }

    /// An entry of the list, and the buttons that change it.
    struct Chip: TemplateModel {
        /// As typed.
        fileprivate(set) var entries: [String]
        /// The name of the device that has the addresses; empty if the entries speak for themselves.
        let name: String
        /// Whether the device lists this one too; `.none` for a network.
        let relation: Reachability.Relation
        let hint: ListHint?

        static var fields: [TemplateField<Chip>] {
            [
                .text("name", \.name), .text("entry", \.list), .text("drop") { EditStep.drop($0.entries).text },
                .phrase("remove") { "Remove \($0.name.isEmpty ? $0.list : "\($0.name), \($0.list)")" },
                .text("shape") { $0.relation == .none ? "" : $0.relation.rawValue }, .text("glyph") { $0.relation == .both ? "■" : "◧" },
                .phrase("word") { $0.relation == .both ? "both ways" : $0.relation == .out ? "one-sided" : "" },
                .phrase("hint") { $0.hint?.message ?? "" }, .list("corrections", \.corrections),
            ]
        }

        private var list: String { entries.joined(separator: ", ") }

        private var corrections: [Correction] {
            guard let hint else { return [] }
            return hint.corrections.map { Correction(entry: hint.entry, text: $0) }
        }
    }

    /// A button that writes something else instead of an entry.
    struct Correction: TemplateModel {
        let entry: String
        /// Empty to remove the entry.
        let text: String

        static var fields: [TemplateField<Correction>] {
            [
                .text("step") { EditStep.put($0.entry, $0.text).text }, .phrase("label") { $0.text.isEmpty ? "Remove" : Phrase(verbatim: $0.text) },
                .phrase("action") { $0.text.isEmpty ? "Remove \($0.entry)" : "Write \($0.text) instead of \($0.entry)" },
            ]
        }
    }
}

/// What a button of the edit form does. Steps other than `save` change the form and save nothing.
enum EditStep: Equatable {
    case save
    case preview
    /// Removes entries from the allowed IPs.
    case drop([String])
    /// Replaces an entry of the allowed IPs; an empty text removes it.
    case put(String, String)

    /// Separates entries, because names may contain every character that people can see.
    private static let separator: Character = "\t"

    /// Nil for text that no button sends.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let entries = parts.dropFirst().first?.split(separator: Self.separator, omittingEmptySubsequences: false).map(String.init) ?? []
        switch (parts.first, entries.count) {
        case (nil, _): self = .save
        case ("preview", 0): self = .preview
        case ("drop", 1...): self = .drop(entries)
        case ("put", 2): self = .put(entries[0], entries[1])
        default: return nil
        }
    }

    /// The value of the button.
    var text: String {
        let separator = String(Self.separator)
        return switch self {
        case .save: ""
        case .preview: "preview"
        case .drop(let entries): "drop:" + entries.joined(separator: separator)
        case .put(let old, let new): "put:" + [old, new].joined(separator: separator)
        }
    }

    /// Changes the text of the allowed IPs. An entry that is there twice is changed once, at its last place.
    func change(_ inputs: inout Inputs, of device: Device, among devices: [Device]) {
        var entries = AllowedText(inputs.exact("allowed_ips"), of: device, among: devices).parts.map(\.text)
        switch self {
        case .save, .preview: return
        case .drop(let dropped): for entry in dropped { entries.lastIndex(of: entry).map { _ = entries.remove(at: $0) } }
        case .put(let old, let new): entries.lastIndex(of: old).map { entries.replaceSubrange($0...$0, with: new.isEmpty ? [] : [new]) }
        }
        inputs.set("allowed_ips", AllowedText.text(entries))
    }
}
