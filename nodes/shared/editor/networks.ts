/** Whether a text is a list of networks in CIDR form, separated by commas, blanks or lines. A single address is its own network. */
export function isNetworkList(text: string): boolean {
  return text.split(/[\s,]+/).every((network) => network === "" || isNetwork(network));
}

function isNetwork(network: string): boolean {
  const match = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(network);
  const [, address = "", bits = "0"] = match ?? [];
  const isV6 = address.includes(":");
  return (isV6 ? isIPv6(address) : isIPv4(address)) && Number(bits) <= (isV6 ? 128 : 32);
}

function isIPv4(address: string): boolean {
  const parts = address.split(".");
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** The browser's own URL parser knows all forms of IPv6. */
function isIPv6(address: string): boolean {
  try {
    return new URL(`http://[${address}]/`).hostname !== "";
  } catch {
    return false;
  }
}
