// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The hub and its devices as a picture that the server draws, with the same as a table below it.
struct MapPage {
    static let page = Page(
        "map",
        RingPicture.shape.merging(ClusterPicture.shape).merging(
            """
            none_at_all none_match scope all_href list_href summary one_page tagless
            flows[key label] counted drawn_singly any_refused any_mixed states[state{key word rule} count]
            devices[id href name tag state{key word} down up reaches one_sided] groups[href name devices states[key word count] rate within links{others[]}]
            pages{name previous next numbers[label href current]}
            """))

    /// More devices than this are drawn as groups.
    static let maximumNodes = 200
    /// So many groups have room around the hub.
    private static let maximumGroups = 14
    static let rowsPerPage = 20

    private let overview: Overview
    private let scope: MapScope
    private let groups: [TagGroups.Group]
    private let paging: Paging
    private let content: Content

    /// True when the picture is of the devices of one page of the table.
    private var isPart = false

    private enum Content {
        case none
        case ring(RingPicture, rows: [Int])
        case clusters(ClusterPicture)
    }

    init(_ overview: Overview, scope: MapScope, number: Int) {
        let grouping = TagGroups(overview.devices, in: scope)
        let count = grouping.groups.reduce(0) { $0 + $1.places.count }
        let isClustered = count > Self.maximumNodes && grouping.groups.count > 1
        let paging = Paging(count: isClustered ? grouping.groups.count : count, perPage: Self.rowsPerPage, number: number)
        if isClustered {
            content = .clusters(ClusterPicture(grouping.largest(Self.maximumGroups), overview))
        } else if count == 0 {
            content = .none
        } else {
            // The order of the table is that of names. A group that is too large and has no parts is drawn page by page.
            let rows = Array(grouping.groups.flatMap(\.places).sorted()[paging.range])
            let drawn = count > Self.maximumNodes ? Set(rows) : nil
            let shown = grouping.largest(Self.maximumGroups).map { group in
                var group = group
                group.places.removeAll { drawn?.contains($0) == false }
                return group
            }
            content = .ring(RingPicture(shown, overview), rows: rows)
            isPart = drawn != nil
        }
        self.overview = overview
        self.scope = scope
        self.paging = paging
        groups = grouping.groups
    }

    var values: [String: TemplateValue] {
        var values: [String: TemplateValue] = [
            "none_at_all": .flag(overview.devices.isEmpty), "none_match": false, "scope": .phrase(scope.name),
            "all_href": .text(scope == .all ? "" : MapScope.all.link.text), "list_href": .text(listLink), "summary": "", "one_page": false,
            "tagless": false,
            "ring": false, "clusters": false,
            "flows": .list(Flow.allCases.map { ["key": .text($0.rawValue), "label": .phrase($0.label)] }),
            "counted": false, "drawn_singly": false, "any_refused": false, "any_mixed": false, "states": [], "devices": [],
            "groups": [],
            "pages": paging.value { scope.link.with("page", $0 == 1 ? nil : String($0)).text },
        ]
        switch content {
        case .none: values["none_match"] = .flag(!overview.devices.isEmpty)
        case .ring(let picture, let rows):
            values["ring"] = picture.value
            values["summary"] = .phrase(picture.summary)
            values["states"] = Self.legend(picture.states)
            values["one_page"] = .flag(isPart)
            values["tagless"] = .flag(isPart && scope == .all)
            values["counted"] = .flag(!picture.isDrawnSingly)
            values["drawn_singly"] = .flag(picture.isDrawnSingly)
            values["any_refused"] = .flag(picture.isAnyRefused)
            values["devices"] = .list(rows.map(picture.row))
        case .clusters(let picture):
            values["clusters"] = picture.value
            values["summary"] = .phrase(picture.summary)
            values["states"] = Self.legend(picture.states)
            values["counted"] = .flag(picture.isCounted)
            values["any_mixed"] = .flag(picture.isAnyRefused)
            values["groups"] = .list(groups[paging.range].map(picture.row))
        }
        return values
    }

    /// What the shapes mean, and how many are drawn of each.
    private static func legend(_ counts: [DeviceState: Int]) -> TemplateValue {
        .list(DeviceState.allCases.map { ["state": $0.value, "count": .phrase(Amount.count(counts[$0] ?? 0))] })
    }

    /// The same devices as a list.
    private var listLink: String {
        Link("/devices").with("tag", scope.tags.count == 1 && !scope.isAlone ? scope.tags[0].description : nil).text
    }
}

extension Flow {
    var label: Phrase {
        switch self {
        case .still: "connected, nothing moves"
        case .little: "up to 10 kB/s"
        case .some: "up to 1 MB/s"
        case .much: "up to 100 MB/s"
        case .most: "more than 100 MB/s"
        }
    }
}
