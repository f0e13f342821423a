// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// One instruction of the kernel's machine for packets. A rule is a list of them: each loads a register, or ends the rule if a register has
/// not the wanted value, or acts. Documentation of the attributes: <linux/netfilter/nf_tables.h>
struct NFExpression {
    let name: String
    let attributes: [UInt8]

    init(_ name: String, _ attributes: [(number: UInt32, value: [UInt8])]) {
        self.name = name
        self.attributes = NFBytes.attributes(attributes)
    }

    /// As an element of NFTA_RULE_EXPRESSIONS.
    var element: [UInt8] {
        NFBytes.attribute(
            NFTA_LIST_ELEM.rawValue, nested: true,
            NFBytes.attribute(NFTA_EXPR_NAME.rawValue, NFBytes.text(name))
                + NFBytes.attribute(NFTA_EXPR_DATA.rawValue, nested: true, attributes))
    }
}

extension NFPart {
    /// The registers, each of 16 bytes.
    private static let (first, second) = (UInt32(NFT_REG_1.rawValue), UInt32(NFT_REG_2.rawValue))
    /// Bits of `ct state` and `ct status`. NF_CT_STATE_BIT(IP_CT_…), IPS_DST_NAT
    private static let (establishedBits, newBit, translatedBit): (UInt32, UInt32, UInt32) = (0b110, 0b1000, 1 << 5)

    /// The instructions for this part.
    var expressions: [NFExpression] {
        switch self {
        case .from(let interface): [Self.load(NFT_META_IIFNAME), Self.compare(Self.interface(interface))]
        case .to(let interface): [Self.load(NFT_META_OIFNAME), Self.compare(Self.interface(interface))]
        case .notTo(let interface): [Self.load(NFT_META_OIFNAME), Self.compare(Self.interface(interface), NFT_CMP_NEQ)]
        case .family(let isV4): Self.family(isV4)
        case .source(let prefix): Self.address(prefix, isSource: true)
        case .destination(let prefix): Self.address(prefix, isSource: false)
        case .toThisMachine:
            [
                NFExpression(
                    "fib",
                    [
                        (NFTA_FIB_DREG.rawValue, NFBytes.big(Self.first)), (NFTA_FIB_RESULT.rawValue, NFBytes.big(NFT_FIB_RESULT_ADDRTYPE.rawValue)),
                        (NFTA_FIB_FLAGS.rawValue, NFBytes.big(NFTA_FIB_F_DADDR.rawValue)),
                    ]), Self.compare(NFBytes.host(UInt32(RTN_LOCAL))),
            ]
        case .transport(let number): [Self.load(NFT_META_L4PROTO), Self.compare([number])]
        case .destinationPorts(let ports): Self.ports(ports)
        case .openingTCP:
            Self.transport(UInt8(IPPROTO_TCP)).expressions
                // SYN without RST, in the byte of the flags.
                + [Self.payload(NFT_PAYLOAD_TRANSPORT_HEADER, offset: 13, 1), Self.mask([0b110]), Self.compare([0b010])]
        case .established: Self.bits(NFT_CT_STATE, Self.establishedBits)
        case .new: Self.bits(NFT_CT_STATE, Self.newBit)
        case .translated: Self.bits(NFT_CT_STATUS, Self.translatedBit)
        case .counter(let packets, let bytes):
            [NFExpression("counter", [(NFTA_COUNTER_BYTES.rawValue, NFBytes.big(bytes)), (NFTA_COUNTER_PACKETS.rawValue, NFBytes.big(packets))])]
        case .clampSegments: Self.clamp
        case .accept: [Self.verdict(NF_ACCEPT)]
        case .drop: [Self.verdict(NF_DROP)]
        case .masquerade: [NFExpression("masq", [])]
        case .translateDestination(let address, let port): Self.translate(to: address, port)
        }
    }

    private static func load(_ key: nft_meta_keys) -> NFExpression {
        NFExpression("meta", [(NFTA_META_KEY.rawValue, NFBytes.big(key.rawValue)), (NFTA_META_DREG.rawValue, NFBytes.big(first))])
    }

    private static func compare(_ value: [UInt8], _ operation: nft_cmp_ops = NFT_CMP_EQ) -> NFExpression {
        NFExpression(
            "cmp",
            [
                (NFTA_CMP_SREG.rawValue, NFBytes.big(first)), (NFTA_CMP_OP.rawValue, NFBytes.big(operation.rawValue)),
                (NFTA_CMP_DATA.rawValue, NFBytes.data(value)),
            ])
    }

    private static func payload(_ base: nft_payload_bases, offset: UInt32, _ byteCount: Int) -> NFExpression {
        NFExpression(
            "payload",
            [
                (NFTA_PAYLOAD_DREG.rawValue, NFBytes.big(first)), (NFTA_PAYLOAD_BASE.rawValue, NFBytes.big(base.rawValue)),
                (NFTA_PAYLOAD_OFFSET.rawValue, NFBytes.big(offset)), (NFTA_PAYLOAD_LEN.rawValue, NFBytes.big(UInt32(byteCount))),
            ])
    }

    /// Keeps the bits of the mask.
    private static func mask(_ mask: [UInt8]) -> NFExpression {
        NFExpression(
            "bitwise",
            [
                (NFTA_BITWISE_SREG.rawValue, NFBytes.big(first)), (NFTA_BITWISE_DREG.rawValue, NFBytes.big(first)),
                (NFTA_BITWISE_LEN.rawValue, NFBytes.big(UInt32(mask.count))), (NFTA_BITWISE_MASK.rawValue, NFBytes.data(mask)),
                (NFTA_BITWISE_XOR.rawValue, NFBytes.data([UInt8](repeating: 0, count: mask.count))),
            ])
    }

    private static func bits(_ key: nft_ct_keys, _ bits: UInt32) -> [NFExpression] {
        [
            NFExpression("ct", [(NFTA_CT_KEY.rawValue, NFBytes.big(key.rawValue)), (NFTA_CT_DREG.rawValue, NFBytes.big(first))]),
            mask(NFBytes.host(bits)), compare(NFBytes.host(UInt32(0)), NFT_CMP_NEQ),
        ]
    }

    private static func family(_ isV4: Bool) -> [NFExpression] {
        [load(NFT_META_NFPROTO), compare([UInt8(isV4 ? NFPROTO_IPV4 : NFPROTO_IPV6)])]
    }

    private static func address(_ prefix: IPPrefix, isSource: Bool) -> [NFExpression] {
        let bytes = prefix.address.networkOrder
        let offset: UInt32 = prefix.address.isV4 ? (isSource ? 12 : 16) : (isSource ? 8 : 24)
        guard prefix.length > 0 else { return family(prefix.address.isV4) }
        let bits = bytes.indices.map { index in UInt8(truncatingIfNeeded: 0xFF00 >> min(8, max(0, prefix.length - 8 * index))) }
        return family(prefix.address.isV4) + [payload(NFT_PAYLOAD_NETWORK_HEADER, offset: offset, bytes.count), mask(bits), compare(bytes)]
    }

    private static func ports(_ ports: ClosedRange<UInt16>) -> [NFExpression] {
        let port = payload(NFT_PAYLOAD_TRANSPORT_HEADER, offset: 2, 2)
        if ports.count == 1 { return [port, compare(NFBytes.big(ports.lowerBound))] }
        return [port, compare(NFBytes.big(ports.lowerBound), NFT_CMP_GTE), compare(NFBytes.big(ports.upperBound), NFT_CMP_LTE)]
    }

    private static func verdict(_ code: Int32) -> NFExpression {
        let verdict = NFBytes.attribute(
            NFTA_DATA_VERDICT.rawValue, nested: true, NFBytes.attribute(NFTA_VERDICT_CODE.rawValue, NFBytes.big(UInt32(bitPattern: code))))
        return NFExpression(
            "immediate",
            [(NFTA_IMMEDIATE_DREG.rawValue, NFBytes.big(UInt32(NFT_REG_VERDICT.rawValue))), (NFTA_IMMEDIATE_DATA.rawValue, verdict)])
    }

    private static func put(_ value: [UInt8], in register: UInt32) -> NFExpression {
        NFExpression(
            "immediate", [(NFTA_IMMEDIATE_DREG.rawValue, NFBytes.big(register)), (NFTA_IMMEDIATE_DATA.rawValue, NFBytes.data(value))])
    }

    /// The route's segment size in network order, written to option 2 of TCP. The kernel never raises the value there.
    private static var clamp: [NFExpression] {
        [
            NFExpression("rt", [(NFTA_RT_DREG.rawValue, NFBytes.big(first)), (NFTA_RT_KEY.rawValue, NFBytes.big(NFT_RT_TCPMSS.rawValue))]),
            NFExpression(
                "byteorder",
                [
                    (NFTA_BYTEORDER_SREG.rawValue, NFBytes.big(first)), (NFTA_BYTEORDER_DREG.rawValue, NFBytes.big(first)),
                    (NFTA_BYTEORDER_OP.rawValue, NFBytes.big(NFT_BYTEORDER_HTON.rawValue)), (NFTA_BYTEORDER_LEN.rawValue, NFBytes.big(UInt32(2))),
                    (NFTA_BYTEORDER_SIZE.rawValue, NFBytes.big(UInt32(2))),
                ]),
            NFExpression(
                "exthdr",
                [
                    (NFTA_EXTHDR_SREG.rawValue, NFBytes.big(first)), (NFTA_EXTHDR_TYPE.rawValue, [2]),
                    (NFTA_EXTHDR_OFFSET.rawValue, NFBytes.big(UInt32(2))), (NFTA_EXTHDR_LEN.rawValue, NFBytes.big(UInt32(2))),
                    (NFTA_EXTHDR_OP.rawValue, NFBytes.big(NFT_EXTHDR_OP_TCPOPT.rawValue)),
                ]),
        ]
    }

    private static func translate(to address: IPAddress, _ port: UInt16?) -> [NFExpression] {
        var attributes: [(number: UInt32, value: [UInt8])] = [
            (NFTA_NAT_TYPE.rawValue, NFBytes.big(NFT_NAT_DNAT.rawValue)), (NFTA_NAT_FAMILY.rawValue, NFBytes.big(UInt32(address.family))),
            (NFTA_NAT_REG_ADDR_MIN.rawValue, NFBytes.big(first)),
        ]
        var expressions = [put(address.networkOrder, in: first)]
        if let port {
            expressions.append(put(NFBytes.big(port), in: second))
            attributes.append((NFTA_NAT_REG_PROTO_MIN.rawValue, NFBytes.big(second)))
        }
        return expressions + [NFExpression("nat", attributes)]
    }

    /// The kernel compares all 16 bytes.
    private static func interface(_ name: String) -> [UInt8] {
        Array((Array(name.utf8) + [UInt8](repeating: 0, count: Int(IFNAMSIZ))).prefix(Int(IFNAMSIZ)))
    }
}
