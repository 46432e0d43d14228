/** Putting a header around a packet, and taking it off. @see ovs-actions(7), "encap" and "decap" */
import {
  bytes,
  canonicalOnly,
  type Codec,
  listToEnd,
  paddingTo,
  type Reader,
  struct,
  u16,
  u32,
  u8,
  withDefault,
  type Writer,
} from "@loomstack/wire";

/** A property of a header to be put around a packet. */
export type EncapProperty =
  | { readonly kind: "nshMdType"; readonly mdType: number }
  | { readonly kind: "nshTlv"; readonly tlvClass: number; readonly tlvType: number; readonly data: Uint8Array }
  | { readonly kind: "unknown"; readonly propertyClass: number; readonly type: number; readonly bytes: Uint8Array };

/** The class of the properties of network service headers (OFPPPC_NSH), and its types. */
const nshClass = 4;
const mdTypeType = 1;
const tlvType = 2;
const headerSize = 4;
const tlvHeaderSize = 8;

/** ofp_ed_prop_header with what is behind it, filled up to a multiple of eight bytes. */
const anyProperty: Codec<EncapProperty> = {
  read(reader) {
    const [propertyClass, type, length] = [reader.u16(), reader.u8(), reader.u8()];
    if (length < headerSize) throw reader.malformed(`a length of ${length}, which is less than its header`);
    const property = reader.scoped(length - headerSize, () => readProperty(reader, propertyClass, type));
    reader.skip(paddingTo(8, length));
    return property;
  },
  write(writer, property) {
    const start = writer.size;
    const [propertyClass, type] = numbersOf(property);
    u16.write(writer, propertyClass);
    u8.write(writer, type);
    // The length is known from the property alone: it isn't written twice.
    u8.write(writer, headerSize + bodySize(property));
    writeProperty(writer, property);
    writer.zeros(paddingTo(8, writer.size - start));
  },
};

/** NXAST_ENCAP */
export const encap = canonicalOnly(
  struct({
    /** Bytes of the header; 0 leaves it to the switch. */
    headerSize: withDefault(u16, 0),
    /** What the packet is behind that: a name space and a type, as in the field packetType. */
    packetType: u32,
    properties: withDefault(listToEnd(anyProperty), []),
  }),
);

function readProperty(reader: Reader, propertyClass: number, type: number): EncapProperty {
  if (propertyClass === nshClass && type === mdTypeType && reader.remaining === 1)
    return { kind: "nshMdType", mdType: reader.u8() };
  if (propertyClass === nshClass && type === tlvType && reader.remaining >= tlvHeaderSize - headerSize) {
    const [tlvClass, tlvTypeNumber, size] = [reader.u16(), reader.u8(), reader.u8()];
    const data = reader.bytes(size);
    reader.skip(reader.remaining);
    return { kind: "nshTlv", tlvClass, tlvType: tlvTypeNumber, data };
  }
  return { kind: "unknown", propertyClass, type, bytes: reader.bytes(reader.remaining) };
}

function writeProperty(writer: Writer, property: EncapProperty): void {
  switch (property.kind) {
    case "nshMdType":
      return u8.write(writer, property.mdType);
    case "nshTlv": {
      const { data } = property;
      u16.write(writer, property.tlvClass);
      u8.write(writer, property.tlvType);
      u8.write(writer, data.byteLength);
      bytes(data.byteLength).write(writer, data);
      return writer.zeros(paddingTo(8, data.byteLength));
    }
    case "unknown":
      return writer.bytes(property.bytes);
  }
}

function numbersOf(property: EncapProperty): readonly [propertyClass: number, type: number] {
  if (property.kind === "unknown") return [property.propertyClass, property.type];
  return [nshClass, property.kind === "nshMdType" ? mdTypeType : tlvType];
}

function bodySize(property: EncapProperty): number {
  if (property.kind === "nshMdType") return 1;
  if (property.kind === "unknown") return property.bytes.byteLength;
  const size = property.data.byteLength;
  return tlvHeaderSize - headerSize + size + paddingTo(8, size);
}
