import { parseAddress, type Address } from "./address";
import type { IsInternal } from "./networks";
import type { PanosFields } from "./record";

/** One end of a connection: the names of the variables with its address and port. */
export interface Side {
  readonly address: string;
  readonly port: string;
}

const SOURCE: Side = { address: "src", port: "sport" };
const DESTINATION: Side = { address: "dst", port: "dport" };
const NAT_DESTINATION: Side = { address: "natdst", port: "natdport" };

/** Which end is the local one. */
export interface Sides {
  readonly local: Side;
  readonly remote: Side;
}

/** The client is local, as the first relay had it. */
export const FLOW: Sides = { local: SOURCE, remote: DESTINATION };

/**
 * Makes the internal end the local one: when only the destination is internal (itself or behind NAT), it is local with its own port and the
 * source is remote; in all other cases the source is local. Where no address tells, PAN-OS's range text in `srcloc` and `dstloc` does.
 */
export function internalSideLocal(fields: PanosFields, isInternal: IsInternal): Sides {
  const isInside = (name: string): boolean => isInternal(parseAddress(fields[name]));
  const isSourceInside = isInside("src");
  if (isSourceInside) return FLOW;
  if (isInside("natdst")) return { local: NAT_DESTINATION, remote: SOURCE };
  if (isInside("dst")) return { local: DESTINATION, remote: SOURCE };
  const isOnlyDestinationRange = isRange(fields["dstloc"], isInternal) && !isRange(fields["srcloc"], isInternal);
  return isOnlyDestinationRange ? { local: DESTINATION, remote: SOURCE } : FLOW;
}

/** `10.0.0.0-10.255.255.255` in place of a country. */
function isRange(location: string | undefined, isInternal: IsInternal): boolean {
  if (location === undefined) return false;
  const first: Address | undefined = parseAddress(location.split("-", 1)[0]);
  return location.includes("-") && isInternal(first);
}
