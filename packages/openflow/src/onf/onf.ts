/**
 * The Open Networking Foundation's own experimenter id, under which it brought parts of OpenFlow 1.4 to 1.3.
 *
 * @see ONF extensions for OpenFlow 1.3.X
 */
export const onf = 0x4f4e_4600;
