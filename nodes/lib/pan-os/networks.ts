import { BlockList, isIPv4, isIPv6 } from "node:net";
import { XdrError } from "../errors";
import type { Address } from "./address";

/** Private, unique local and carrier-grade NAT networks. Source: RFC 1918, RFC 4193, RFC 6598. */
export const DEFAULT_INTERNAL_NETWORKS = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "fc00::/7",
] as const;

/** Answers whether an address is on the inside. */
export type IsInternal = (address: Address | undefined) => boolean;

/**
 * Builds the test for a list of networks in CIDR form; a single address counts as its own network.
 *
 * @throws XdrError `XDR_CONFIG_INVALID` for a text that is no network
 */
export function internalTest(networks: readonly string[]): IsInternal {
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);
  return (address) => address !== undefined && list.check(address.text, address.family === 4 ? "ipv4" : "ipv6");
}

function addNetwork(list: BlockList, network: string): void {
  const [address = "", length, ...rest] = network.split("/");
  const isV4 = isIPv4(address);
  const longest = isV4 ? 32 : 128;
  const bits = length === undefined ? longest : /^\d{1,3}$/.test(length) ? Number(length) : NaN;
  if ((!isV4 && !isIPv6(address)) || rest.length > 0 || !(bits >= 0 && bits <= longest)) {
    throw new XdrError(
      "XDR_CONFIG_INVALID",
      `internalNetworks: "${network.slice(0, 60)}" is no network such as 10.0.0.0/8.`,
      {
        field: "internalNetworks",
      },
    );
  }
  list.addSubnet(address, bits, isV4 ? "ipv4" : "ipv6");
}
