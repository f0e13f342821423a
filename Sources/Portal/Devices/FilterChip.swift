// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Templates
import Words

/// A filter of the list of devices with the number of devices that it leaves, for the template `_filters`, which calls the list `chips`. In the list,
/// pressing the chosen one shows all devices again.
struct FilterChip: TemplateModel {
    private let filter: DeviceView.Filter
    private let count: Int
    private let isChosen: Bool
    private let href: String

    static var fields: [TemplateField<FilterChip>] {
        [
            .text("key", \.filter.name), .flag("is_state") { if case .state = $0.filter { true } else { false } },
            .phrase("word", \.filter.word), .phrase("count") { Amount.count($0.count) }, .flag("current", \.isChosen), .text("href", \.href),
        ]
    }

    /// The states and marks that devices have, with their numbers. Those of the whole hub, so that they do not change with the search.
    static func all(_ view: DeviceView, _ overview: Overview) -> [FilterChip] {
        var counts: [DeviceView.Filter: Int] = [:]
        for device in overview.devices {
            counts[.state(overview.state(of: device)), default: 0] += 1
            for mark in DeviceMark.allCases where mark.isOn(device, overview) { counts[.mark(mark), default: 0] += 1 }
        }
        return DeviceView.Filter.all.compactMap { filter in
            let (count, isChosen) = (counts[filter] ?? 0, filter == view.filter)
            guard count > 0 || isChosen else { return nil }
            return FilterChip(filter: filter, count: count, isChosen: isChosen, href: view.link(filteredBy: isChosen ? nil : filter).text)
        }
    }
}
