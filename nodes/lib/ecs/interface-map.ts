import { isRecord } from "../json";

/**
 * Network interfaces as a list of objects. Agents before 2025 wrote text such as `eth0-192.0.2.7`, of which the part after the
 * last hyphen counts. Members `ipv4` and `ipv6` keep what `check` lets pass.
 * @returns undefined when the text holds no address
 */
export function interfacesOf(value: unknown, check: (ip: unknown) => unknown): unknown {
  if (typeof value === "string") return interfaceOfText(value, check);
  if (!Array.isArray(value)) return value;
  return (value as unknown[]).map((element) => (isRecord(element) ? checked(element, check) : element));
}

function interfaceOfText(text: string, check: (ip: unknown) => unknown): unknown {
  const address = text.slice(text.lastIndexOf("-") + 1);
  const member = address.includes(".") ? "ipv4" : address.includes(":") ? "ipv6" : undefined;
  return member === undefined ? undefined : [checked({ [member]: [address] }, check)];
}

function checked(element: Record<string, unknown>, check: (ip: unknown) => unknown): Record<string, unknown> {
  const result = { ...element };
  for (const member of ["ipv4", "ipv6"]) {
    const addresses = element[member];
    if (!Array.isArray(addresses)) continue;
    const present = (addresses as unknown[]).filter((address) => address !== null);
    result[member] = present.map(check).filter((address) => address !== undefined);
  }
  return result;
}
