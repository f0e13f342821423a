// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// The rules of the five settings, for defaults and devices alike.
public enum SettingsRules {
    /// IPv4 needs 576 bytes (RFC 791), an Ethernet frame carries 1500.
    public static let mtuRange = 576...1500

    /// What breaks a rule in the defaults.
    public static func errors(in settings: Settings) -> [FieldError] { errors(in: Overrides(owning: settings)) }

    /// What breaks a rule in a device's own settings.
    public static func errors(in overrides: Overrides) -> [FieldError] {
        var errors: [FieldError] = []
        if case .own(let prefixes) = overrides.allowedIPs, prefixes.count > Settings.maximumEntries {
            errors.append(FieldError("allowed_ips", "\(prefixes.count) prefixes are too many. Give at most \(Settings.maximumEntries)."))
        }
        if case .own(let entries) = overrides.dns, entries.count > Settings.maximumEntries {
            errors.append(FieldError("dns", "\(entries.count) entries are too many. Give at most \(Settings.maximumEntries)."))
        }
        if case .own(let bytes?) = overrides.mtu, !mtuRange.contains(bytes) {
            errors.append(
                FieldError(
                    "mtu",
                    "An MTU of \(bytes) does not work. Give \(mtuRange.lowerBound) to \(mtuRange.upperBound), or nothing to leave it out."))
        }
        return errors
    }
}
