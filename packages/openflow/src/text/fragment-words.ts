/** What ovs-ofctl calls the kinds of fragments that a match may ask for. @see ovs-fields(7), "nw_frag" */
export const fragmentWords = [
  { word: "no", value: 0, mask: 3 },
  { word: "yes", value: 1, mask: 1 },
  { word: "first", value: 1, mask: 3 },
  { word: "later", value: 3, mask: 3 },
  { word: "not_later", value: 0, mask: 2 },
] as const;
