// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Synchronization

/// All devices at one point in time, sorted by name and searchable by id and key. A shared reference: the same object means the same
/// devices.
public final class DeviceIndex: Sendable {
    /// Sorted by name, ignoring case.
    public let devices: [Device]
    private let knownTags = Mutex<[Tag]?>(nil)
    private let positions: [String: Int]
    private let positionsByKey: [PublicKey: Int]

    /// `devices` must be all devices, sorted by name.
    public convenience init(_ devices: [Device]) {
        self.init(
            devices, positions: Dictionary(uniqueKeysWithValues: devices.enumerated().map { ($1.id, $0) }),
            byKey: Dictionary(uniqueKeysWithValues: devices.enumerated().map { ($1.publicKey, $0) }))
    }

    private init(_ devices: [Device], positions: [String: Int], byKey: [PublicKey: Int]) {
        self.devices = devices
        self.positions = positions
        positionsByKey = byKey
    }

    /// Every tag in use, sorted. Computed on first use.
    public var tags: [Tag] {
        knownTags.withLock { known in
            let tags = known ?? Set(devices.lazy.flatMap(\.tags)).sorted()
            known = tags
            return tags
        }
    }

    /// The device with this id; nil if there is none.
    public subscript(id: String) -> Device? { positions[id].map { devices[$0] } }

    /// The position in `devices` of the device with this id; nil if there is none.
    public func place(of id: String) -> Int? { positions[id] }

    /// The device with this public key; nil if there is none.
    public subscript(key: PublicKey) -> Device? { positionsByKey[key].map { devices[$0] } }

    /// A copy with changed and added devices. Nil if the copy would not have `count` devices, because others were removed.
    public func replacing(_ changed: [Device], count: Int) -> DeviceIndex? {
        let places = changed.map { device in positions[device.id].flatMap { devices[$0].name == device.name ? $0 : nil } }
        if places.allSatisfy({ $0 != nil }), count == devices.count { return replacing(changed, at: places.compactMap { $0 }) }
        let moved = Set(changed.map(\.id))
        var result = devices.filter { !moved.contains($0.id) }
        guard result.count + changed.count == count else { return nil }
        for device in changed { result.insert(device, at: result.place(ofName: device.name)) }
        return DeviceIndex(result)
    }

    private func replacing(_ changed: [Device], at places: [Int]) -> DeviceIndex {
        var (devices, byKey) = (devices, positionsByKey)
        for place in places { byKey[devices[place].publicKey] = nil }
        for (place, device) in zip(places, changed) {
            devices[place] = device
            byKey[device.publicKey] = place
        }
        return DeviceIndex(devices, positions: positions, byKey: byKey)
    }
}

extension [Device] {
    /// The first position in devices sorted by name whose name is not before this one. The order is that of the database: by the bytes of
    /// the folded name.
    func place(ofName name: String) -> Int {
        let name = FoldedName.of(name)
        var range = 0..<count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let isBefore = FoldedName.of(self[middle].name).utf8.lexicographicallyPrecedes(name.utf8)
            range = isBefore ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }
}
