// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The devices that a map shows: those with all of the given tags and with none of some others, or those of them with no other tag.
struct MapScope: Hashable {
    var tags: [Tag] = []
    /// Tags whose devices are in groups of their own.
    var without: [Tag] = []
    var isAlone = false

    static let all = MapScope()

    init(tags: [Tag] = [], without: [Tag] = [], isAlone: Bool = false) {
        self.tags = tags
        self.without = without
        self.isAlone = isAlone
    }

    /// Ignores unknown values.
    init(query: (String) -> String?) {
        let read = { (text: String?) in (text ?? "").split(separator: ",").compactMap { Tag(String($0)) } }
        (tags, without) = (read(query("tag")), read(query("without")))
        isAlone = query("alone") == "yes"
    }

    func contains(_ device: Device) -> Bool {
        tags.allSatisfy(device.tags.contains) && !without.contains(where: device.tags.contains) && (!isAlone || device.tags.allSatisfy(tags.contains))
    }

    var link: PageAddress {
        PageAddress("/map").with("tag", tags.map(\.description).joined(separator: ",")).with(
            "without", without.map(\.description).joined(separator: ",")
        ).with("alone", isAlone ? "yes" : nil)
    }

    /// Empty for all devices.
    var name: Phrase {
        let tags = Phrase(verbatim: tags.map(\.description).joined(separator: ", "))
        if isAlone { return self.tags.isEmpty ? "no tag" : "\(tags), no other tag" }
        return without.isEmpty ? tags : "\(tags), without \(without.map(\.description).joined(separator: ", "))"
    }
}

/// Groups devices by one tag each: of its own tags, the one that most devices have. Only tags decide the groups, and only ids decide the order in a
/// group. A device therefore keeps its position while its name, state and traffic change.
struct TagGroups {
    struct Group: Equatable {
        /// Nil for devices without a tag, for devices without a tag besides the scope's, and for the group of all others.
        let tag: Tag?
        /// The scope of a map of this group alone; nil for the group of all others.
        let scope: MapScope?
        /// Positions in the list of all devices.
        var places: [Int]

        var name: Phrase {
            guard let scope else { return "other tags" }
            return tag.map { Phrase(verbatim: $0.description) } ?? (scope.tags.isEmpty ? "no tag" : "no other tag")
        }
    }

    /// By tag; devices without a tag come last.
    let groups: [Group]

    init(_ devices: [Device], in scope: MapScope) {
        let places = devices.indices.filter { scope.contains(devices[$0]) }
        var counts: [Tag: Int] = [:]
        for place in places { for tag in devices[place].tags { counts[tag, default: 0] += 1 } }
        for tag in scope.tags { counts[tag] = nil }
        var members: [Tag?: [Int]] = [:]
        // For each tag, the tags of the groups that have some of its devices.
        var taken: [Tag: Set<Tag>] = [:]
        for place in places {
            var best: (tag: Tag, count: Int)?
            // Tags are sorted, so the first of two equally frequent ones wins.
            for tag in devices[place].tags {
                if let count = counts[tag], count > best?.count ?? 0 { best = (tag, count) }
            }
            members[best?.tag, default: []].append(place)
            if let best = best?.tag {
                for tag in devices[place].tags where tag != best && counts[tag] != nil { taken[tag, default: []].insert(best) }
            }
        }
        groups = members.map { tag, places in
            let others = tag.flatMap { taken[$0] }.map { $0.subtracting(scope.without).sorted() } ?? []
            let inner = MapScope(tags: scope.tags + (tag.map { [$0] } ?? []), without: scope.without + others, isAlone: tag == nil)
            return Group(tag: tag, scope: inner, places: places.sorted { devices[$0].id < devices[$1].id })
        }.sorted(by: Self.stand)
    }

    private static func stand(_ a: Group, before b: Group) -> Bool {
        guard let first = a.tag, let second = b.tag else { return a.tag != nil }
        return first < second
    }

    /// The groups that fit on the map: the largest ones in their order, and one group for all other devices.
    func largest(_ limit: Int) -> [Group] {
        guard groups.count > limit else { return groups }
        let bySize = groups.indices.sorted { (groups[$1].places.count, $0) < (groups[$0].places.count, $1) }
        let kept = Set(bySize.prefix(limit - 1))
        let rest = groups.indices.filter { !kept.contains($0) }.flatMap { groups[$0].places }
        return kept.sorted().map { groups[$0] } + [Group(tag: nil, scope: nil, places: rest)]
    }
}
