// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Names
import Net
import Words

/// Names as people write them in a form or in the API.
extension Entry {
    /// A domain; nil for an empty field, which turns names off.
    public static func domain(_ text: String) -> Reading<DomainName?> {
        if text.isEmpty { return .success(nil) }
        if let domain = DomainName(text) { return .success(domain) }
        return .failure(
            Refusal(
                message:
                    "\(text) is not a domain. Write labels of letters, digits and hyphens with dots between them, such as \(Naming.usualDomain)."
            ))
    }

    /// Further names, one a line: `cloud = Berlin NAS` or `printer = 192.168.7.20, fd07::20`.
    public static func nameRecords(_ text: String, among devices: [Device]) -> Reading<[NameRecord]> {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmed() }.filter { !$0.isEmpty }
        let sides = Sides(devices)
        return all(lines) { line in
            let parts = line.split(separator: "=", maxSplits: 1).map { $0.trimmed() }
            guard parts.count == 2, !parts[1].isEmpty else {
                return .failure(Refusal(message: "“\(line)” is not a name and what it stands for. Write it as printer = 192.168.7.20."))
            }
            return label(parts[0]).flatMap { label in
                target(parts[1], sides).map { NameRecord(label: label, target: $0) }
            }
        }
    }

    private static func label(_ text: String) -> Reading<String> {
        if DomainName.isLabel(text) { return .success(text.lowercased()) }
        return .failure(
            Refusal(
                message:
                    "“\(text)” cannot be a name. Use letters, digits and hyphens, at most 63, and no hyphen at the ends; \(NameLabel.spell(text)) fits."
            ))
    }

    private static func target(_ text: String, _ sides: Sides) -> Reading<NameRecord.Target> {
        let addresses = list(text).compactMap { IPAddress($0) }
        if !addresses.isEmpty, addresses.count == list(text).count { return .success(.addresses(addresses)) }
        if let device = sides.device(text) { return .success(.device(device.id)) }
        return .failure(Refusal(message: "“\(text)” is neither a device nor an address."))
    }

    /// The text that `nameRecords` reads, one name a line. A removed device is shown by its id.
    public static func text(_ records: [NameRecord], deviceName: (String) -> String?) -> String {
        records.map { record in
            switch record.target {
            case .device(let id): "\(record.label) = \(deviceName(id) ?? id)"
            case .addresses(let addresses): "\(record.label) = \(ListText.text(addresses))"
            }
        }.joined(separator: "\n")
    }
}
