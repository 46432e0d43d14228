/** Priorities, one name for each reason to prefer a flow over another. They are compared only within a table. */
export const priority = {
  /** The one flow for a certain port, address or network. */
  exact: 100,
  /** An exception to the exact flows. */
  exception: 200,
  /** What no exception lets pass. */
  bar: 300,
  /** An address that several ports may use, and that is no port's own. */
  shared: 90,
  /** What is another port's, unless a flow of the port itself says that it may have it. */
  others: 90,
  /** What holds for a port that is held to its MAC address alone. */
  macAlone: 70,
  /** What holds for a port when no exact flow speaks of the packet. */
  fallback: 50,
  /** Broadcast and multicast. */
  group: 80,
  /** What a table does with a packet that nothing else matches. */
  miss: 0,
} as const;
