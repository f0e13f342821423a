// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// A notice that devices may not be able to connect to the default endpoint, and the button that confirms it. See Templates/_endpoint_notice.html.
struct EndpointNotice: TemplateModel {
    static let routes: [Route<Handler>] = [
        Route(.post, "/settings/defaults/endpoint", Handler(.admin, fields: ["endpoint"], confirm))
    ]

    static var fields: [TemplateField<EndpointNotice>] {
        [.phrase("text", \.text), .text("endpoint") { $0.endpoint?.description ?? "" }]
    }

    let text: Phrase
    /// The endpoint that the button confirms; nil if there is no endpoint.
    let endpoint: HostPort?

    /// Nil if there is nothing to say.
    init?(_ overview: Overview) {
        guard !overview.endpointNotice.isEmpty else { return nil }
        (text, endpoint) = (overview.endpointNotice, overview.defaults.settings.endpoint)
    }

    /// Leads back to the defaults, which show the endpoint that is stored now.
    private static func confirm(_ visit: Visit) throws -> Response {
        guard let endpoint = HostPort(visit.inputs.text("endpoint")) else {
            throw HTTPError(.badRequest, "The form names no endpoint. Load the page again and press its button.")
        }
        let isConfirmed = try visit.change { try $0.confirmEndpoint(endpoint) }
        return visit.done(DefaultsPage.path, isConfirmed ? .endpointConfirmed : nil)
    }
}
