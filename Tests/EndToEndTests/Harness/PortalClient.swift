// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation

/// An admin who uses the portal: opens pages, fills in forms and sends them. Everything uses the same markup as a browser.
final class PortalClient {
    /// A device in the portal.
    struct Device {
        var id: String
        var name: String
    }

    static let email = "admin@example.org"
    static let password = "correct horse battery staple"

    /// How a client reaches a portal.
    struct Door {
        var namespace: Namespace
        var origin = "http://127.0.0.1:8080"
        /// Options of curl for each request.
        var options: [String] = []
        /// Header fields of each request.
        var headers: [String] = []
    }

    /// The file with its cookies.
    let cookies: URL
    private let door: Door

    /// A client without cookies.
    init(_ door: Door, in lab: Lab, name: String) {
        self.door = door
        cookies = lab.folder.appendingPathComponent("cookies-\(name)")
    }

    /// Signed in, on a hub whose first account it makes through the one-time URL. Without a door, it is on the hub's host.
    convenience init(settingUp hub: Hub, in lab: Lab, through door: Door? = nil) throws {
        self.init(door ?? Door(namespace: hub.namespace), in: lab, name: "admin")
        let url = try hub.setupURL()
        let path = url.range(of: "/setup").map { String(url[$0.lowerBound...]) } ?? url
        try submit(form: "/setup", on: path, ["email": Self.email, "password": Self.password])
        if try get("/devices").status != 200 {
            try submit(form: "/login", on: "/login", ["email": Self.email, "password": Self.password])
        }
    }

    /// A page, with any status; redirects are not followed.
    func get(_ path: String) throws -> HTTPAnswer {
        try door.namespace.request("GET", door.origin + path, headers: door.headers, cookies: cookies, options: door.options)
    }

    /// A page that must exist. Confirms with the password if the portal asks for it.
    func page(_ path: String) throws -> String {
        var answer = try get(path)
        if answer.status == 303, let confirm = answer.headers["location"], confirm.hasPrefix("/account/confirm") {
            try submit(form: "/account/confirm", on: confirm, ["password": Self.password])
            answer = try get(path)
        }
        guard answer.status == 200 else { throw LabError("GET \(path): \(answer.status) \(HTMLForm.text(of: answer.body))") }
        return answer.body
    }

    /// Fills in a form of a page and sends it. Returns the response, whatever its status.
    func post(form action: String, on path: String, _ values: [String: String]) throws -> HTTPAnswer {
        var form = try HTMLForm(in: page(path), action: action)
        for (name, value) in values { try form.set(name, value) }
        return try door.namespace.request(
            "POST", door.origin + action, headers: door.headers + ["Origin: \(door.origin)"], body: form.encoded, cookies: cookies,
            options: door.options)
    }

    /// Sends a form that must be accepted. Returns the location of the redirect.
    @discardableResult
    func submit(form action: String, on path: String, _ values: [String: String]) throws -> String {
        let answer = try post(form: action, on: path, values)
        guard answer.status == 303, let location = answer.headers["location"] else {
            throw LabError("POST \(action): \(answer.status) \(HTMLForm.text(of: answer.body))")
        }
        return location
    }

    /// Adds a device whose key pair the hub makes and keeps.
    func add(_ name: String) throws -> Device {
        let location = try submit(form: "/devices", on: "/devices/new", ["name": name, "keep_private_key": "on"])
        guard let id = location.firstMatch(of: /\/devices\/([^\/?#]+)/)?.1 else { throw LabError("adding \(name) led to \(location)") }
        return Device(id: String(id), name: name)
    }

    /// Gives the device values of its own on `/settings/{id}/edit`, by the fields' names. Fields that have a default are switched to custom.
    func edit(_ device: Device, _ values: [String: String]) throws {
        var all = values
        for name in values.keys where SettingName(rawValue: name) != nil { all["\(name)_source"] = "custom" }
        try submit(form: "/settings/\(device.id)/edit", on: "/settings/\(device.id)/edit", all)
    }

    /// Changes values on `/settings/defaults`.
    func setDefaults(_ values: [String: String]) throws {
        try submit(form: "/settings/defaults", on: "/settings/defaults", values)
    }

    /// The device's file, from the button on its page.
    func configuration(of device: Device) throws -> String {
        let answer = try post(form: "/devices/\(device.id)/config", on: "/devices/\(device.id)", [:])
        guard answer.status == 200 else { throw LabError("the file of \(device.name): \(answer.status)") }
        return answer.body
    }

    /// The device's file after its owner changed the allowed IPs in it by hand.
    func configuration(of device: Device, widenedTo prefixes: String) throws -> String {
        try configuration(of: device).replacing(/AllowedIPs = .*/, with: "AllowedIPs = \(prefixes)")
    }
}
