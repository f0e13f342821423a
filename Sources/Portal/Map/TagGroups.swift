// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// Which devices a map is of: those with all of some tags, or those of them that have no other.
struct MapScope: Hashable {
    var tags: [Tag] = []
    var isAlone = false

    static let all = MapScope()

    init(tags: [Tag] = [], isAlone: Bool = false) {
        self.tags = tags
        self.isAlone = isAlone
    }

    /// Anything the query does not know is left out.
    init(query: (String) -> String?) {
        tags = (query("tag") ?? "").split(separator: ",").compactMap { Tag(String($0)) }
        isAlone = query("alone") == "yes"
    }

    func contains(_ device: Device) -> Bool {
        tags.allSatisfy(device.tags.contains) && (!isAlone || device.tags.allSatisfy(tags.contains))
    }

    var link: PageAddress {
        PageAddress("/map").with("tag", tags.map(\.description).joined(separator: ",")).with("alone", isAlone ? "yes" : nil)
    }

    /// Nothing for all.
    var name: Phrase {
        let tags = Phrase(verbatim: tags.map(\.description).joined(separator: ", "))
        if isAlone { return self.tags.isEmpty ? "no tag" : "\(tags), no other tag" }
        return tags
    }
}

/// Devices by the tag that stands for each on the map: of its tags the one that most devices have. Tags alone decide the groups and ids
/// the order in them, so a device stays where it is while its name, state and traffic change.
struct TagGroups {
    struct Group: Equatable {
        /// Nil for devices without a tag, or, within a scope, without another than its, and for the rest.
        let tag: Tag?
        /// What a map of this group alone is of; nil for the rest of the groups, for which there is no room.
        let scope: MapScope?
        /// Places in the list of all devices.
        var places: [Int]

        var name: Phrase {
            guard let scope else { return "other tags" }
            return tag.map { Phrase(verbatim: $0.description) } ?? (scope.tags.isEmpty ? "no tag" : "no other tag")
        }
    }

    /// By tag, the devices without one last.
    let groups: [Group]

    init(_ devices: [Device], in scope: MapScope) {
        let places = devices.indices.filter { scope.contains(devices[$0]) }
        var counts: [Tag: Int] = [:]
        for place in places { for tag in devices[place].tags { counts[tag, default: 0] += 1 } }
        for tag in scope.tags { counts[tag] = nil }
        var members: [Tag?: [Int]] = [:]
        for place in places {
            var best: (tag: Tag, count: Int)?
            // Tags come in order, so of two that are as frequent the first stands.
            for tag in devices[place].tags {
                if let count = counts[tag], count > best?.count ?? 0 { best = (tag, count) }
            }
            members[best?.tag, default: []].append(place)
        }
        groups = members.map { tag, places in
            let inner = MapScope(tags: scope.tags + (tag.map { [$0] } ?? []), isAlone: tag == nil)
            return Group(tag: tag, scope: inner, places: places.sorted { devices[$0].id < devices[$1].id })
        }.sorted(by: Self.stand)
    }

    private static func stand(_ a: Group, before b: Group) -> Bool {
        guard let first = a.tag, let second = b.tag else { return a.tag != nil }
        return first < second
    }

    /// What there is room for: the largest groups in their order, and the devices of all others as one.
    func largest(_ limit: Int) -> [Group] {
        guard groups.count > limit else { return groups }
        let bySize = groups.indices.sorted { (groups[$1].places.count, $0) < (groups[$0].places.count, $1) }
        let kept = Set(bySize.prefix(limit - 1))
        let rest = groups.indices.filter { !kept.contains($0) }.flatMap { groups[$0].places }
        return kept.sorted().map { groups[$0] } + [Group(tag: nil, scope: nil, places: rest)]
    }
}
