/** Counters of flows as a list of TLVs, of which a switch sends those that it has. @see OpenFlow 1.5.1, 7.2.4 (OXS) */
import { type Codec, paddingTo, type Reader, type Writer } from "@loomstack/wire";

/** A counter outside of those that are known here, byte for byte. */
export interface UnknownCounter {
  readonly oxsClass: number;
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** What isn't counted is all ones, as in OpenFlow 1.3. */
export interface FlowCounters {
  readonly durationSec: number;
  readonly durationNsec: number;
  readonly packetCount: bigint;
  readonly byteCount: bigint;
  /** Seconds since a packet has matched. */
  readonly idleSec?: number;
  /** Of several flows: how many they are. */
  readonly flowCount?: number;
  readonly unknownCounters?: readonly UnknownCounter[];
}

type Draft = { -readonly [K in keyof FlowCounters]: FlowCounters[K] };

const basicClass = 0x8002;
const headerSize = 4;
const none32 = 0xffff_ffff;
const none64 = 2n ** 64n - 1n;
/** Numbers in the basic class. @see OpenFlow 1.5.1, 7.2.4.3 (oxs_ofb_stat_fields) */
const Oxs = { duration: 0, idleTime: 1, flowCount: 3, packetCount: 4, byteCount: 5 } as const;

/** ofp_stats with its padding. @throws WIRE__MALFORMED for a counter of another size than its own */
export const flowCounters: Codec<FlowCounters> = {
  read(reader) {
    reader.skip(2);
    const length = reader.u16();
    if (length < headerSize) throw reader.malformed(`a length of ${length}`);
    const counters = reader.scoped(length - headerSize, readAll);
    reader.skip(paddingTo(8, length));
    return counters;
  },
  write(writer, counters) {
    const start = writer.size;
    writer.zeros(headerSize);
    writeAll(writer, counters);
    const length = writer.size - start;
    if (length > 0xffff) throw writer.outOfRange(`${length} bytes`, "a length of 16 bits");
    writer.setU16(start + 2, length);
    writer.zeros(paddingTo(8, length));
  },
};

function readAll(reader: Reader): FlowCounters {
  const draft: Draft = { durationSec: none32, durationNsec: none32, packetCount: none64, byteCount: none64 };
  const unknown: UnknownCounter[] = [];
  while (reader.remaining > 0) {
    const [oxsClass, number, size] = [reader.u16(), reader.u8() >> 1, reader.u8()];
    const known = oxsClass === basicClass && readKnown(reader, number, size, draft);
    if (!known) unknown.push({ oxsClass, number, bytes: reader.bytes(size) });
  }
  return unknown.length === 0 ? draft : { ...draft, unknownCounters: unknown };
}

function readKnown(reader: Reader, number: number, size: number, draft: Draft): boolean {
  if (!Object.values(Oxs).some((known) => known === number)) return false;
  const due = number === Oxs.flowCount ? 4 : 8;
  if (size !== due) throw reader.malformed(`a counter of ${size} bytes where ${due} are due`);
  if (number === Oxs.duration) [draft.durationSec, draft.durationNsec] = [reader.u32(), reader.u32()];
  else if (number === Oxs.flowCount) draft.flowCount = reader.u32();
  else if (number === Oxs.packetCount) draft.packetCount = reader.u64();
  else if (number === Oxs.byteCount) draft.byteCount = reader.u64();
  else {
    draft.idleSec = reader.u32();
    reader.skip(4);
  }
  return true;
}

function writeAll(writer: Writer, counters: FlowCounters): void {
  const header = (number: number, size: number): void => {
    writer.u16(basicClass);
    writer.u8(number << 1);
    writer.u8(size);
  };
  const { durationSec, durationNsec, idleSec, flowCount, packetCount, byteCount, unknownCounters = [] } = counters;
  if (durationSec !== none32 || durationNsec !== none32) {
    header(Oxs.duration, 8);
    writer.u32(durationSec);
    writer.u32(durationNsec);
  }
  if (idleSec !== undefined) {
    header(Oxs.idleTime, 8);
    writer.u32(idleSec);
    writer.u32(0);
  }
  for (const [number, count] of [[Oxs.packetCount, packetCount] as const, [Oxs.byteCount, byteCount] as const]) {
    if (count === none64) continue;
    header(number, 8);
    writer.u64(count);
  }
  if (flowCount !== undefined) {
    header(Oxs.flowCount, 4);
    writer.u32(flowCount);
  }
  for (const { oxsClass, number, bytes } of unknownCounters) {
    writer.u16(oxsClass);
    writer.u8(number << 1);
    writer.u8(bytes.byteLength);
    writer.bytes(bytes);
  }
}
