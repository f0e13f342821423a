// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// The history of one device: traffic, sessions, and the devices that it spoke with.
enum HistoryAPI {
    static let routes: [Route<Handler>] = [
        Route(.get, "/api/v1/devices/{id}/traffic", Handler(.token(.read), traffic)),
        Route(.get, "/api/v1/devices/{id}/sessions", Handler(.token(.read), sessions)),
        Route(.get, "/api/v1/devices/{id}/partners", Handler(.token(.read), partners)),
    ]

    /// Cells of one width up to now, oldest first. Directions are as the device sees them, as in its status.
    private static func traffic(_ visit: Visit) throws -> Response {
        let name = visit.request.query["range"] ?? TrafficChart.Range.day.rawValue
        guard let range = TrafficChart.Range(rawValue: name) else {
            let ranges = TrafficChart.Range.allCases.map(\.rawValue).joined(separator: ", ")
            throw HTTPError(.badRequest, "“range” must be one of \(ranges).")
        }
        let device = try visit.storedDevice()
        let history = try visit.read { try $0.traffic(ofDevice: device.id) }
        return .json(
            .ok,
            [
                "range": .string(range.rawValue), "step_seconds": .integer(range.resolution.step),
                "cells": .array(
                    history.timedCells(range.resolution, upTo: visit.now).map {
                        ["at": DeviceJSON.time($0), "received_bytes": DeviceJSON.count($1.sent), "sent_bytes": DeviceJSON.count($1.received)]
                    }),
            ])
    }

    /// Newest first.
    private static func sessions(_ visit: Visit) throws -> Response {
        let device = try visit.storedDevice()
        let sessions = try visit.read { try $0.onlinePeriods(ofDevice: device.id) }
        return .json(
            .ok,
            [
                "sessions": .array(
                    sessions.map {
                        [
                            "began_at": DeviceJSON.time($0.beganAt), "heard_at": DeviceJSON.time($0.heardAt),
                            "endpoint": .string($0.endpoint.description),
                        ]
                    })
            ])
    }

    /// The devices that it spoke with in the last 30 days, the newest first.
    private static func partners(_ visit: Visit) throws -> Response {
        let device = try visit.storedDevice()
        let spoken = try visit.read { try $0.spokenPairs(ofDevices: [device.id], at: visit.now) }
        let partners = spoken.partners(of: device.id).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return .json(
            .ok,
            [
                "watched_since": DeviceJSON.time(spoken.watchedSince),
                "partners": .array(partners.map { ["id": .string($0.key), "last_at": DeviceJSON.time($0.value)] }),
            ])
    }
}
