/** The tables that `load` replicates, with all of their columns. */
export const loadedTables = { Open_vSwitch: "all", Bridge: "all", Port: "all", Interface: "all" } as const;
