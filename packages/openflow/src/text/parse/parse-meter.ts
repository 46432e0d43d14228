/** Meters as ovs-ofctl reads and prints them. @see ovs-ofctl(8), "Meter Table Commands" */
import { Meter, type MeterMod } from "../../of13/messages/meter-mod.ts";
import { meterWords } from "../meter-words.ts";
import { integerIn, numberU8, numberU32 } from "./numbers.ts";
import { part, pieces, refused, splitAt, type TextSlice, textOf, wholeText } from "./text-slice.ts";

type Flags = { -readonly [K in "kbps" | "pktps" | "burst" | "stats"]?: true };

interface BandDraft {
  readonly slice: TextSlice;
  readonly type: string;
  rate: number;
  burstSize: number;
  precedenceLevel: number;
}

/**
 * The message for a meter, as `ovs-ofctl add-meter` takes it and as `ovs-ofctl dump-meters` prints it.
 *
 * @example parseMeter("meter=1,kbps,burst,stats,bands=type=drop,rate=1000,burst_size=100")
 * @throws OPENFLOW__INVALID_TEXT for what ovs-ofctl doesn't read, OPENFLOW__TEXT_TOO_LONG
 */
export function parseMeter(text: string, command: "add" | "modify" | "delete" = "add"): MeterMod {
  const slice = wholeText(text);
  const takesBands = command !== "delete";
  const [head, bands] = takesBands ? bandsIn(slice) : [slice, undefined];
  const { meterId, flags } = readHead(head, takesBands);
  if (bands === undefined) return { kind: "meterMod", command, flags: {}, meterId, bands: [] };
  if (Object.keys(flags).length === 0) throw refused(head, "has no unit", "kbps or pktps");
  return { kind: "meterMod", command, flags, meterId, bands: readBands(bands).map((band) => bandOf(band, flags)) };
}

const separators = /[=,\s]/;

function bandsIn(slice: TextSlice): readonly [TextSlice, TextSlice] {
  const at = textOf(slice).indexOf("band");
  const halves = at < 0 ? undefined : splitAt(part(slice, at), "=");
  if (halves === undefined)
    throw refused(part(slice, textOf(slice).length), "has no bands", "bands=type=drop,rate=<rate>");
  return [part(slice, 0, at), halves[1]];
}

function readHead(slice: TextSlice, takesFlags: boolean): { readonly meterId: number; readonly flags: Flags } {
  const flags: Flags = {};
  let meterId: number | undefined;
  const words = pieces(slice, separators);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? slice;
    const name = textOf(word);
    if (takesFlags && (name === "kbps" || name === "pktps" || name === "burst" || name === "stats")) flags[name] = true;
    else if (name === "meter") meterId = meterIn(words[++index] ?? word);
    else throw refused(word, "is no key of a meter", "meter, kbps, pktps, burst, stats, bands");
  }
  if (meterId === undefined) throw refused(slice, "has no meter", "meter=<number>");
  return { meterId, flags };
}

function meterIn(slice: TextSlice): number {
  const word = [...meterWords].find(([, name]) => name === textOf(slice))?.[0];
  const number = word ?? Number(integerIn(textOf(slice)) ?? 0n);
  if (word === undefined && (number < 1 || number > Meter.max))
    throw refused(slice, "is no meter", `a number from 1 to ${Meter.max}, or ${[...meterWords.values()].join(", ")}`);
  return number;
}

function readBands(slice: TextSlice): readonly BandDraft[] {
  const bands: BandDraft[] = [];
  const words = pieces(slice, separators);
  for (let index = 0; index < words.length; index += 2) {
    const [word = slice, value] = [words[index], words[index + 1]];
    if (value === undefined) throw refused(word, "has no value", `${textOf(word)}=<value>`);
    const name = textOf(word);
    const band = bands.at(-1);
    if (name === "type") bands.push({ slice: value, type: textOf(value), rate: 0, burstSize: 0, precedenceLevel: 0 });
    else if (band === undefined) throw refused(word, "is in no band", "type=drop or type=dscp_remark first");
    else if (name === "rate") band.rate = numberU32(value, "rate");
    else if (name === "burst_size") band.burstSize = numberU32(value, "burst size");
    else if (name === "prec_level") band.precedenceLevel = numberU8(value, "level");
    else throw refused(word, "is no key of a band", "type, rate, burst_size, prec_level");
  }
  if (bands.length === 0) throw refused(slice, "has no bands", "type=drop,rate=<rate>");
  return bands;
}

function bandOf(
  { slice, type, rate, burstSize, precedenceLevel }: BandDraft,
  flags: Flags,
): NonNullable<MeterMod["bands"]>[number] {
  if (rate === 0) throw refused(slice, "has no rate", "rate=<rate>");
  if ((burstSize === 0) === (flags.burst === true))
    throw refused(
      slice,
      "says one thing of bursts and the meter another",
      "the flag burst with a burst_size, or neither",
    );
  if (type === "drop" && precedenceLevel === 0) return { kind: "drop", rate, burstSize };
  if (type === "dscp_remark" && precedenceLevel !== 0) return { kind: "dscpRemark", rate, burstSize, precedenceLevel };
  throw refused(slice, "is no such band", "drop without a prec_level, or dscp_remark with one");
}
