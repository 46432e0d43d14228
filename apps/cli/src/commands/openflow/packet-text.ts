/** A packet for the controller on a line, in whichever form a switch sends it. */
import type { FlowNames, PacketIn, PacketIn2, Received } from "@loomstack/openflow";

/** The forms that a switch can be asked for. @see ovs-ofctl(8), "monitor" */
export type Punted = PacketIn | PacketIn2 | Received<"nxtPacketIn">;

/** What is printed of a packet; members that a form lacks are undefined. */
interface Summary extends Pick<PacketIn, "match" | "data"> {
  readonly tableId: number | undefined;
  readonly reason: number | string | undefined;
  readonly cookie: bigint | undefined;
  readonly totalLength: number;
  /** What the controller action has said of it, and the state with which it can go on. */
  readonly userdata?: Uint8Array;
  readonly isPaused?: boolean;
}

/** As much of a packet as fits on a line of a terminal. */
const mostPacketBytes = 64;

const noCookie = 2n ** 64n - 1n;

export function isPunted<Message extends { readonly kind: string }>(
  message: Message,
): message is Extract<Message, { readonly kind: Punted["kind"] }> {
  return ["packetIn", "packetIn2", "nxtPacketIn"].includes(message.kind);
}

export function packetLine(packet: Punted, names: FlowNames): string {
  const { match, tableId, reason, cookie, totalLength, userdata, isPaused, data } =
    packet.kind === "packetIn2" ? summaryOf(packet) : { ...packet, userdata: undefined, isPaused: false };
  const inPort = match.inPort ?? match.nxmInPort;
  const words = [
    "packet",
    typeof inPort === "number" ? `in_port=${names.port?.(inPort) ?? inPort}` : undefined,
    tableId === undefined ? undefined : `table=${tableId}`,
    reason === undefined ? undefined : `reason=${reason}`,
    cookie === undefined || cookie === noCookie ? undefined : `cookie=0x${cookie.toString(16)}`,
    userdata === undefined ? undefined : `userdata=0x${hexOf(userdata)}`,
    isPaused === true ? "paused" : undefined,
    `length=${totalLength}`,
    `0x${hexOf(data.subarray(0, mostPacketBytes))}${data.byteLength > mostPacketBytes ? "…" : ""}`,
  ];
  return words.filter((word) => word !== undefined).join(" ");
}

function summaryOf({ properties }: PacketIn2): Summary {
  const property = <Kind extends (typeof properties)[number]["kind"]>(kind: Kind) =>
    properties.find((one): one is Extract<(typeof properties)[number], { readonly kind: Kind }> => one.kind === kind);
  const data = property("packet")?.data ?? new Uint8Array();
  const userdata = property("userdata")?.data;
  return {
    match: property("metadata")?.match ?? {},
    tableId: property("tableId")?.tableId,
    reason: property("reason")?.reason,
    cookie: property("cookie")?.cookie,
    totalLength: property("fullLength")?.bytes ?? data.byteLength,
    ...(userdata === undefined ? {} : { userdata }),
    isPaused: property("continuation") !== undefined,
    data,
  };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
