import { listToEnd, mapped, tlv, u16, u32, variants } from "@loomstack/wire";

/** Versions as bits, 32 to a word: bit 4 is OpenFlow 1.3. @see OpenFlow 1.3.5, 7.5.1 (ofp_hello_elem_versionbitmap) */
const versionBitmap = mapped(listToEnd(u32), {
  decode: (words) => words.flatMap((word, index) => bitsOf(word).map((bit) => 32 * index + bit)),
  encode: (versions: readonly number[]) => {
    const words = Array.from({ length: Math.floor(Math.max(0, ...versions) / 32) + 1 }, (_, index) =>
      versions
        .filter((version) => Math.floor(version / 32) === index)
        .reduce((word, version) => word + 2 ** (version % 32), 0),
    );
    return words;
  },
});

const element = tlv(
  { type: u16, length: u16, alignTo: 8, lengthCountsPadding: false },
  variants({ versionBitmap: [1, { versions: versionBitmap }] }),
);

/** The first message of both sides. @see OpenFlow 1.3.5, 7.5.1 (ofp_hello) */
export const helloFields = { elements: listToEnd(element) };

function bitsOf(word: number): readonly number[] {
  return Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => Math.floor(word / 2 ** bit) % 2 === 1);
}
